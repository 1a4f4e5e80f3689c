/**
 * Argon2id (RFC 9106) at 19 MiB and two passes, which takes a core about 45 ms. That is why it is rationed: a crowd at the
 * door waits in a short line, and past that is told to come again, while the rest of the platform keeps its cores.
 */
import { availableParallelism } from "node:os";
import { refusal, type Refusal } from "@chepiao/contracts";
import { assert, ok, refuse, type Result } from "@chepiao/kernel";
import type { Passwords } from "@chepiao/ports/passwords";

export type PasswordsOptions = {
  /** Hashes at a time. The machine's cores less one, at least one, unless told otherwise. */
  readonly atOnceMax?: number;
  /** How many may wait for their turn: about two seconds' work. */
  readonly waitingMax?: number;
  readonly memoryKib?: number;
  readonly passes?: number;
};

const hashesPerSecondOfCore = 21;
const waitS = 2;

export function createArgon2Passwords(options: PasswordsOptions = {}): Passwords {
  const { atOnceMax = Math.max(1, availableParallelism() - 1), memoryKib = 19 * 1024, passes = 2 } = options;
  const { waitingMax = atOnceMax * hashesPerSecondOfCore * waitS } = options;
  assert(atOnceMax >= 1 && waitingMax >= 0, "at least one password is hashed at a time");
  const cost = { algorithm: "argon2id", memoryCost: memoryKib, timeCost: passes } as const;
  const inTurn = createLine(atOnceMax, waitingMax);
  // What an account that does not exist is compared with: of the same cost as every other.
  const nobody = Bun.password.hash(crypto.randomUUID(), cost);
  return {
    hash: (password) => inTurn(() => Bun.password.hash(password, cost)),
    verify: (password, stored) =>
      inTurn(async () => {
        const fits = await Bun.password.verify(password, stored ?? (await nobody));
        return fits && stored !== null;
      }),
  };
}

/** Runs so much work at a time, keeps so much waiting in order, and refuses the rest. */
function createLine(atOnceMax: number, waitingMax: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<Result<T, Refusal>> => {
    if (running < atOnceMax) running++;
    else if (waiting.length >= waitingMax) return refuse(refusal("Overloaded"));
    // Whoever ends hands over his place, so that nobody new slips in before those who wait.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return ok(await work());
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
