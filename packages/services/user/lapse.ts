/**
 * Accounts that never proved who they are lapse: neither phone, mail address nor document, nothing ever bought, nobody logged in. What they say of people, be it
 * true or somebody else's, is erased as if their owners had deleted them, and their usernames are free. Where nothing can be proved nothing lapses.
 */
import {
  dayMs,
  epochMs,
  hourMs,
  type Slot,
  unprovedAccountsKeptDaysDefault,
  type UserId,
  userSlotCount,
} from "@chepiao/kernel";
import type { PassengerRecord, UserRecord } from "@chepiao/ports/user-store";
import type { Work } from "@chepiao/room";
import { knownBy } from "./contact.ts";
import type { UserDeps } from "./deps.ts";
import type { IdentityProofs } from "./identity.ts";
import { isCarried } from "./oneTimeCodes.ts";

export type LapseDeps = Pick<UserDeps, "users" | "clock" | "messenger" | "hasBought" | "unprovedAccountsKeptMs"> & {
  readonly identity: Pick<IdentityProofs, "shown" | "isOpen">;
  /** Asks once more who the account's own person is. */
  readonly proveSelf: (user: UserRecord, self: PassengerRecord) => Promise<PassengerRecord>;
  readonly hasSession: (userId: UserId) => Promise<boolean>;
  readonly erase: (user: UserRecord) => Promise<void>;
};

const readAtOnce = 200;
const nobody = 0 as UserId;

export function lapsing(deps: LapseDeps): Work {
  const { users, clock, messenger, identity } = deps;
  const keptMs = deps.unprovedAccountsKeptMs ?? unprovedAccountsKeptDaysDefault * dayMs;
  let place = { slot: 0, after: nobody };

  /** Could it have proved itself, and did not? Nobody lapses because nobody could be asked. */
  async function isUnproved(user: UserRecord): Promise<boolean> {
    const saved = (await users.passengers(user.userId)).find(({ self }) => self);
    if (!saved) return false;
    const self = identity.isOpen(saved) ? await deps.proveSelf(user, saved) : saved;
    const proof = identity.shown(self.proof);
    // Of a kind that the register does not know, there is the phone.
    return proof === "refused" || (proof === "unproved" && isCarried(messenger, { kind: knownBy(user) }));
  }

  async function mayLapse(user: UserRecord): Promise<boolean> {
    if ((await deps.hasBought?.(user.userId)) ?? true) return false;
    if (await deps.hasSession(user.userId)) return false;
    return isUnproved(user);
  }

  return {
    kind: "job",
    name: "accounts that never proved who they are",
    electedAs: "unproved accounts",
    // A start is busy enough.
    firstMs: hourMs,
    everyMs: dayMs,
    /** One page of one slot: what else the process has to do comes in between. */
    async pass() {
      const asked = { openedBefore: epochMs(clock.now() - keptMs), after: place.after, limit: readAtOnce };
      const page = await users.unproved(place.slot as Slot, asked);
      for (const user of page) if (await mayLapse(user)) await deps.erase(user);
      if (page.length > 0) place = { ...place, after: page.at(-1)!.userId };
      else place = { slot: (place.slot + 1) % userSlotCount, after: nobody };
      return place.slot > 0 || place.after > nobody;
    },
    failed: "accounts that never proved who they are could not be looked through",
  };
}
