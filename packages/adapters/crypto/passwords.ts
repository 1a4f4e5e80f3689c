/**
 * Argon2id (RFC 9106) at 19 MiB and two passes, which takes a core about 45 ms. That is why it is rationed: a crowd at the
 * door waits in short lines, and past that is told to come again, while the rest of the platform keeps its cores.
 */
import { availableParallelism } from "node:os";
import type { Passwords } from "@chepiao/ports/passwords";
import { createCommonPasswords } from "./commonPasswords.ts";
import { createLines } from "./lines.ts";

export type PasswordsOptions = {
  /** Hashes at a time. The machine's cores less one, at least one, unless told otherwise. */
  readonly atOnceMax?: number;
  /** How many may wait in each line: about two seconds' work. */
  readonly waitingMax?: number;
  /** How many of them may come from one address: a quarter, so that a campus behind one is still served. */
  readonly waitingOfAddressMax?: number;
  readonly memoryKib?: number;
  readonly passes?: number;
};

const hashesPerSecondOfCore = 21;
const waitS = 2;
const shareOfAddress = 1 / 4;

export function createArgon2Passwords(options: PasswordsOptions = {}): Passwords {
  const { atOnceMax = Math.max(1, availableParallelism() - 1), memoryKib = 19 * 1024, passes = 2 } = options;
  const { waitingMax = atOnceMax * hashesPerSecondOfCore * waitS } = options;
  const { waitingOfAddressMax = Math.max(1, Math.ceil(waitingMax * shareOfAddress)) } = options;
  const cost = { algorithm: "argon2id", memoryCost: memoryKib, timeCost: passes } as const;
  const inTurn = createLines({ atOnceMax, waitingMax, waitingOfAddressMax });
  // What an account that does not exist is compared with: of the same cost as every other.
  const nobody = Bun.password.hash(crypto.randomUUID(), cost);
  return {
    isCommon: createCommonPasswords(),
    hash: (password, turn) => inTurn(turn, () => Bun.password.hash(password, cost)),
    verify: (password, stored, turn) =>
      inTurn(turn, async () => {
        const fits = await Bun.password.verify(password, stored ?? (await nobody));
        return fits && stored !== null;
      }),
  };
}
