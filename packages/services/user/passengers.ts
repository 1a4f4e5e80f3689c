/** The people an account buys for. */
import {
  type KnownPassenger,
  type PassengerDraft,
  type PassengerEdit,
  refusal,
  type Refusal,
} from "@chepiao/contracts";
import {
  dateIn,
  type EpochMs,
  ok,
  type PassengerId,
  passengersPerUserMax,
  refuse,
  type Result,
  type UserId,
} from "@chepiao/kernel";
import type { PassengerRecord } from "@chepiao/ports/user-store";
import { LRUCache } from "lru-cache";
import { passengerRecord } from "./accounts.ts";
import { bornOn, knownPassenger } from "./answers.ts";
import { decideEdit, decidePassenger } from "./decide.ts";
import { maskPhone } from "./documents.ts";
import type { UserDeps } from "./deps.ts";

/** Accounts whose passengers are kept in memory, as many as sessions; most save two or three, about 1 KB each. */
const cachedMax = 100_000;
/** How long another process's change may go unseen. */
const freshMsDefault = 2_000;

/** A promise only until they are read. */
type Known = { readonly at: EpochMs; list: Promise<readonly KnownPassenger[]> | readonly KnownPassenger[] };

export function createPassengers(deps: UserDeps) {
  const { users, vault, clock, zone, passengersFreshMs = freshMsDefault } = deps;
  const known = new LRUCache<UserId, Known>({ max: cachedMax });
  const today = () => dateIn(zone, clock.now());

  async function changed<T>(userId: UserId, change: Promise<T>): Promise<T> {
    // After the change, so that nobody reads the old list back in between, and also where it failed half-way.
    return change.finally(() => known.delete(userId));
  }

  return {
    list: (userId: UserId) => users.passengers(userId),
    /** What the selling rooms ask for: from memory where it was read just now. */
    known(userId: UserId): Known["list"] {
      const now = clock.now();
      const cached = known.get(userId);
      if (cached && now - cached.at < passengersFreshMs) return cached.list;
      const list = users.passengers(userId).then((passengers) => passengers.map((each) => knownPassenger(each, vault)));
      const entry: Known = { at: now, list };
      known.set(userId, entry);
      list.then(
        (passengers) => (entry.list = passengers),
        () => known.peek(userId) === entry && known.delete(userId),
      );
      return list;
    },
    async add(userId: UserId, asked: PassengerDraft): Promise<Result<PassengerRecord, Refusal>> {
      const person = decidePassenger(asked, today());
      if (!person.ok) return person;
      const passenger = passengerRecord(deps, userId, person.value, false);
      const added = await changed(userId, users.addPassenger(passenger, passengersPerUserMax));
      if (added === "exists") return refuse(refusal("PassengerExists"));
      if (added === "full") return refuse(refusal("PassengersFull"));
      return ok(passenger);
    },
    async edit(
      userId: UserId,
      passengerId: PassengerId,
      asked: PassengerEdit,
    ): Promise<Result<PassengerRecord, Refusal>> {
      const passenger = (await users.passengers(userId)).find((each) => each.passengerId === passengerId);
      if (!passenger) return refuse(refusal("PassengerUnknown"));
      const decided = decideEdit(passenger, bornOn(passenger, vault), asked, today());
      if (!decided.ok) return decided;
      const { phone, ...change } = decided.value;
      const phoneChange =
        phone === undefined
          ? {}
          : phone === null
            ? { phoneSealed: null, phoneMasked: null }
            : { phoneSealed: vault.seal(phone), phoneMasked: maskPhone(phone) };
      const edited = await changed(userId, users.editPassenger(userId, passengerId, { ...change, ...phoneChange }));
      return edited ? ok(edited) : refuse(refusal("PassengerUnknown"));
    },
    async remove(userId: UserId, passengerId: PassengerId): Promise<Result<null, Refusal>> {
      if (await changed(userId, users.removePassenger(userId, passengerId))) return ok(null);
      const self = (await users.passengers(userId)).some((each) => each.passengerId === passengerId && each.self);
      return refuse(refusal(self ? "NotAllowed" : "PassengerUnknown"));
    },
  };
}
