/** Accounts for a crowd: made before anybody comes, and kept as bytes, because half a million texts would be half of what the generator has to remember. */
import { createSystemRandom } from "@chepiao/adapters/system";
import { assert, createIdSource, nodeCount } from "@chepiao/kernel";
import { type InventedAccount, inventAccount } from "@chepiao/services/user";
import type { Crowd } from "./crowd.ts";
import type { Ground } from "./ground.ts";
import type { Credentials } from "./road.ts";

export type Accounts = Credentials & { userId(row: number): number };

/** Rows of one statement: below what SQLite and MySQL take as parameters. */
const atOnce = 400;

export async function makeAccounts(
  { vault, clock, putAccounts }: Pick<Ground, "clock" | "putAccounts" | "vault">,
  crowd: Crowd,
  progress: (made: number) => void,
): Promise<Accounts> {
  const { size } = crowd;
  const deps = { vault, clock, random: createSystemRandom(), ids: createIdSource(nodeCount - 1) };
  const userIds = new Float64Array(size);
  const passengerIds = new Float64Array(size);
  let tokens: Buffer | null = null;
  let length = 0;
  for (let first = 0; first < size; first += atOnce) {
    const batch: InventedAccount[] = [];
    for (let row = first; row < Math.min(size, first + atOnce); row++) {
      const account = inventAccount(deps, crowd.personOf(row));
      batch.push(account);
      userIds[row] = account.user.userId;
      passengerIds[row] = account.self.passengerId;
      length ||= account.token.length;
      tokens ??= Buffer.alloc(size * length);
      assert(account.token.length === length, "all tokens are of one length");
      tokens.write(account.token, row * length, "latin1");
    }
    await putAccounts(batch);
    // The database here answers at once: without this nobody could break it off before all are made.
    await new Promise(setImmediate);
    progress(first + batch.length);
  }
  return {
    token: (row) => tokens!.toString("latin1", row * length, (row + 1) * length),
    passengerId: (row) => passengerIds[row]!,
    userId: (row) => userIds[row]!,
  };
}
