/** The people an account buys for. */
import {
  type DocumentProof,
  type KnownPassenger,
  type Passenger,
  type PassengerDraft,
  type PassengerEdit,
  type Policy,
  refusal,
  type Refusal,
  type ShownDocument,
} from "@chepiao/contracts";
import {
  accountsPerDocumentMax,
  dateIn,
  type EpochMs,
  hourMs,
  minuteMs,
  ok,
  type PassengerId,
  refuse,
  type Result,
  type UserId,
} from "@chepiao/kernel";
import type { PassengerRecord, UserRecord } from "@chepiao/ports/user-store";
import { LRUCache } from "lru-cache";
import { namedBy, passengerRecord } from "./accounts.ts";
import { bornOn, knownPassenger, passengerAnswer } from "./answers.ts";
import type { Attempts } from "./attempts.ts";
import { decideEdit, decidePassenger } from "./decide.ts";
import { maskPhone, parseDocument } from "./documents.ts";
import type { UserDeps } from "./deps.ts";
import type { IdentityProofs, Named } from "./identity.ts";
import { passengerDocument, passengerPhone } from "./sealedPlaces.ts";

/** Accounts whose passengers are kept in memory, as many as sessions; most save two or three, about 1 KB each. */
const cachedMax = 100_000;
/** How long another process's change may go unseen. */
const freshMsDefault = 2_000;

/** A promise only until they are read. */
type Known = { readonly at: EpochMs; list: Promise<readonly KnownPassenger[]> | readonly KnownPassenger[] };

/** A register that could not be asked is not asked again before that; by itself ever more seldom, while it changes nothing. */
const proveAgainAfterMs = minuteMs;
const proveAgainMsMax = hourMs;

export type PassengersDeps = UserDeps & {
  readonly policy: () => Policy;
  readonly identity: IdentityProofs;
  readonly attempts: Attempts;
  /** Asks about them, and nobody waits. */
  readonly proveLater: (userId: UserId, waiting: readonly PassengerRecord[]) => void;
};

export function createPassengers(deps: PassengersDeps) {
  const { users, vault, clock, zone, policy, identity, attempts, passengersFreshMs = freshMsDefault } = deps;
  const known = new LRUCache<UserId, Known>({ max: cachedMax });
  const proveAgain = new LRUCache<UserId, { readonly at: number; readonly pauseMs: number }>({ max: cachedMax });
  const today = () => dateIn(zone, clock.now());

  async function changed<T>(userId: UserId, change: Promise<T>): Promise<T> {
    // After the change, so that nobody reads the old list back in between, and also where it failed half-way.
    return change.finally(() => known.delete(userId));
  }

  const named = ({ passengerId, name, documentType, documentSealed }: PassengerRecord): Named => ({
    name,
    documentType,
    documentNumber: vault.open(documentSealed, passengerDocument(passengerId)),
  });

  /** Who tries one name after the other is stopped. */
  async function proofFor(userId: UserId, person: Named): Promise<Result<DocumentProof, Refusal>> {
    const attempt = await attempts.proveName(userId);
    if (!attempt.ok) return attempt;
    const proof = await identity.prove(person);
    if (proof === "refused") return refuse(refusal("IdentityRefused"));
    await attempt.value.withdraw();
    return ok(proof);
  }

  /** Asks about those about whom nobody could be asked before, and lets nobody wait for it. */
  function proveOpen(userId: UserId, saved: readonly PassengerRecord[]): void {
    const open = saved.filter(identity.isOpen);
    if (open.length === 0) return void proveAgain.delete(userId);
    const now = clock.now();
    const due = open.filter(({ proofAskedAt }) => now - proofAskedAt >= proveAgainAfterMs);
    const { at, pauseMs } = proveAgain.get(userId) ?? { at: now, pauseMs: proveAgainAfterMs };
    if (due.length === 0 || now < at) return;
    proveAgain.set(userId, { at: now + pauseMs, pauseMs: Math.min(2 * pauseMs, proveAgainMsMax) });
    deps.proveLater(userId, due);
  }

  /** Tickets keep what they were bought as: his, and those of him as he would be saved now, would not meet in the limits. */
  async function travelsAsAnother(passenger: PassengerRecord): Promise<boolean> {
    const kind = identity.counted(passenger) === "proved" ? "unproved" : "proved";
    return (await deps.travelsAs?.(passenger.userId, passenger.documentHash, kind)) ?? false;
  }

  return {
    forget: (userId: UserId) => void known.delete(userId),
    /** Of a document that is shown by whoever it may be: nobody is asked whether there is such a person. */
    documentHash({ type, number }: ShownDocument): string | null {
      const document = parseDocument(type, number, today(), policy().documents);
      return document && vault.fingerprint(document.identity);
    },
    async list(userId: UserId): Promise<readonly PassengerRecord[]> {
      const saved = await users.passengers(userId);
      proveOpen(userId, saved);
      return saved;
    },
    /** What the selling rooms ask for: from memory where it was read just now. */
    known(userId: UserId): Known["list"] {
      const now = clock.now();
      const cached = known.get(userId);
      if (cached && now - cached.at < passengersFreshMs) return cached.list;
      const list = users.passengers(userId).then((saved) => {
        // Who buys without ever looking at his passengers is asked about, too.
        if (saved.some(identity.wasNeverAsked)) proveOpen(userId, saved);
        return saved.map((each) => knownPassenger(each, identity.known(each), vault));
      });
      const entry: Known = { at: now, list };
      known.set(userId, entry);
      list.then(
        (passengers) => (entry.list = passengers),
        () => known.peek(userId) === entry && known.delete(userId),
      );
      return list;
    },
    async add(userId: UserId, asked: PassengerDraft): Promise<Result<PassengerRecord, Refusal>> {
      const person = decidePassenger(asked, today(), policy());
      if (!person.ok) return person;
      const proof = await proofFor(userId, namedBy(person.value));
      if (!proof.ok) return proof;
      const passenger = passengerRecord(deps, userId, person.value, proof.value, false);
      if (await travelsAsAnother(passenger)) return refuse(refusal("OrdersUnderWay"));
      const added = await changed(userId, users.addPassenger(passenger, policy().account.passengersMax));
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
      const decided = decideEdit(passenger, bornOn(passenger, vault), asked, today(), policy());
      if (!decided.ok) return decided;
      const { phone, ...change } = decided.value;
      // A name is its document's: another one has to belong to it as well.
      const renamed = change.name === undefined || change.name === passenger.name ? null : change.name;
      const proof = renamed === null ? null : await proofFor(userId, { ...named(passenger), name: renamed });
      if (proof && !proof.ok) return proof;
      const proofChange = proof ? { proof: proof.value, proofAskedAt: identity.askedAt() } : {};
      if (proof && (await travelsAsAnother({ ...passenger, ...proofChange }))) return refuse(refusal("OrdersUnderWay"));
      const phoneChange =
        phone === undefined
          ? {}
          : phone === null
            ? { phoneSealed: null, phoneMasked: null }
            : { phoneSealed: vault.seal(phone, passengerPhone(passengerId)), phoneMasked: maskPhone(phone) };
      const edited = await changed(
        userId,
        users.editPassenger(userId, passengerId, { ...change, ...phoneChange, ...proofChange }),
      );
      return edited ? ok(edited) : refuse(refusal("PassengerUnknown"));
    },
    /**
     * Asks once more about one who is not proved. What his tickets count as stays what it is, so it waits until there are none; but not about
     * one of whom nobody was ever asked, where he goes on counting as they do.
     */
    async prove(user: UserRecord, passengerId: PassengerId): Promise<Result<PassengerRecord, Refusal>> {
      const { userId } = user;
      const passenger = (await users.passengers(userId)).find((each) => each.passengerId === passengerId);
      if (!passenger) return refuse(refusal("PassengerUnknown"));
      if (passenger.proof === "proved") return ok(passenger);
      const isFirst = identity.wasNeverAsked(passenger);
      const mustWait = async () => (await deps.ordersUnderWay?.(userId)) ?? false;
      if (!isFirst && (await mustWait())) return refuse(refusal("OrdersUnderWay"));
      const proof = await identity.prove(named(passenger));
      const now = clock.now();
      const askedAt = identity.askedAt();
      const asked = { ...passenger, proof, proofAskedAt: askedAt };
      if (isFirst && proof !== "refused" && identity.counted(asked) !== "proved" && (await mustWait()))
        return refuse(refusal("OrdersUnderWay"));
      const isOwnProved = passenger.self && proof === "proved";
      if (isOwnProved && !(await users.takeDocumentPlace(userId, passenger.documentHash, accountsPerDocumentMax, now)))
        return refuse(refusal("DocumentAccountsFull"));
      const edited = await changed(userId, users.editPassenger(userId, passengerId, { proof, proofAskedAt: askedAt }));
      return edited ? ok(edited) : refuse(refusal("PassengerUnknown"));
    },
    answer: (passenger: PassengerRecord): Passenger =>
      passengerAnswer(passenger, identity.shown(passenger.proof), vault, today(), policy()),
    async remove(userId: UserId, passengerId: PassengerId): Promise<Result<null, Refusal>> {
      if (await changed(userId, users.removePassenger(userId, passengerId))) return ok(null);
      const self = (await users.passengers(userId)).some((each) => each.passengerId === passengerId && each.self);
      return refuse(refusal(self ? "NotAllowed" : "PassengerUnknown"));
    },
  };
}
