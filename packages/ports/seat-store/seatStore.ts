/**
 * Where seats are held. The unit is the run: what concerns one run is decided in one order, each hold in one indivisible step.
 * Which seats a party gets is one policy for all adapters (packages/engine/choose.ts states it): the same requests in the same
 * order are given the same seats everywhere.
 *
 * Holds are known by their id and line, the order's: each line of an order is a hold of its own, decided, confirmed and given back by
 * itself, and one line never serves two runs. A hold lives with its run, and is named by all three; named with another run it is not
 * known. Commands may come twice, late or out of order (I7); the outcome is the same.
 *
 * A run of which seats are held has its composition for good, but for one that replaces it (`Composition.replaces`): named with that it grows, in one
 * step, by the seats that are new, which come behind the others of their class. All that is held, set and waited for stays. What is new is
 * withdrawn until `setOffers` says otherwise; so it is where a run is first named with such a composition. It does not get smaller again.
 *
 * Who names a run as it was before it grew sees the seats that he knows, and may give back, leave, and have who waits served. He takes nothing and sets
 * nothing: `hold`, `join` and `setOffers` refuse his commands, and no others, with ServiceUnavailable, and what has no place for a refusal throws it. So
 * it is for who names it with seats that lie otherwise, as a composition that replaces none of its own: to him nothing is for sale.
 */
import type {
  Availability,
  ChangedRuns,
  Changes,
  Held,
  HoldCommand,
  HoldName,
  Grant,
  Leg,
  Need,
  NeedGroup,
  OfferChange,
  OverdueHold,
  Refusal,
  RecordedHold,
  Run,
  SeatClass,
  WaitlistStep,
  WaitingPlace,
} from "@chepiao/contracts";
import type { EpochMs, OrderId, Result } from "@chepiao/kernel";

export type SeatStore = {
  /**
   * Decides each command by itself, in the order given: all passengers or none. In this order:
   * - a line that is held or confirmed gives its first answer again, whatever else has happened since; a released one is refused
   *   with HoldExpired, so that a late copy does not take seats for nobody. Where what is held is of another class or way than the
   *   command says, it is not had: SoldOut. So it is with who was given seats again after a loss, in another of his classes;
   * - a deadline at or before `now` is refused with HoldExpired. Only that lets an adapter forget a released one once its
   *   deadline is past;
   * - the run is retired: SaleClosed. The run does not have the class: ClassNotOffered. No seat of the class could answer one
   *   of the wishes: PreferenceImpossible;
   * - not as many may be sold through the command's channel at `now`, by rule 0 of the policy: one of `saleRefusals`, SoldOut or
   *   why those that are free are not for sale.
   * A refusal changes nothing and is not remembered: the same line may be decided anew.
   */
  hold(commands: readonly HoldCommand[], now: EpochMs): Promise<Result<Held, Refusal>[]>;
  /** The holds no longer end by themselves, also after their deadline. Unknown and released ones are ignored. */
  confirm(holds: readonly HoldName[]): Promise<void>;
  /**
   * Gives back the named seats of a hold, or all; answers those that were still held until now. Unknown holds, seats that the
   * hold does not have, and seats given back before are ignored. Who waits is served in the same step.
   */
  release(hold: HoldName, now: EpochMs, seatIndexes?: readonly number[]): Promise<readonly number[]>;
  /** What the public may buy over each leg at `now`, by class, one entry a leg: what `hold` would say. Nothing for a retired run. */
  available(legs: readonly Leg[], now: EpochMs): Promise<Availability[]>;
  /** The same of one leg, at once. Left out where that cannot be known without waiting. */
  availableNow?(leg: Leg, now: EpochMs): Availability;
  /**
   * One flag a seat of the class: free over the whole leg, and not withdrawn? Whether it may be sold is another question. Empty where
   * the run does not have the class, or is retired.
   */
  freeSeats(leg: Leg, seatClass: SeatClass): Promise<readonly boolean[]>;
  /**
   * Sets what may be sold of a class of a run from now on: its waitlist gate, its quotas, the seats that are withdrawn, or some of
   * these; what a change leaves out stays. What is held is not touched, also on a withdrawn seat, and is counted in the quotas of its
   * ways, whenever it was sold; a withdrawn seat that nobody holds counts in none. Each change by itself, in the order given,
   * with an entry each: null, or why it was refused and nothing changed: MalformedRequest, ClassNotOffered (contracts `offerRefusal`),
   * SaleClosed for a retired run. Who waits is served in the same step. Changes of a run that follow each other and withdraw seats, or put
   * them back, are one step: so nobody stands in a coach that is being withdrawn, and who is served has the class that he wants most.
   *
   * A store may lose offers where it may lose holds, and a run whose composition is replaced loses its own: who keeps waitlists,
   * quotas and withdrawn seats sets them at every start, before the first sale, and after a new timetable. Setting them again changes nothing.
   */
  setOffers(changes: readonly OfferChange[], now: EpochMs): Promise<(Refusal | null)[]>;
  /** Who waits for seats, and is served before anybody else may buy them (I5). */
  readonly waitlists: Waitlists;
  /**
   * Moves whenever what `available` and `freeSeats` say of the run may have changed, in the same step as the change; not for what
   * time alone changes (`changesAt`). A live object. Left out where that cannot be known without asking.
   */
  changes?(run: Run): Changes;
  /**
   * For displays in processes that `changes` does not reach: the runs whose free seats have changed since that place in the feed,
   * perhaps some twice; null where what happened since is not known. With null, where the feed stands now. Word comes soon after
   * the change, not with it, and a process that dies may take some to its grave: who shows seats asks anew now and then.
   */
  changedRuns?(place: string | null): Promise<ChangedRuns>;
  /**
   * Takes over what an earlier life of the platform has sold, also on withdrawn seats. Lines that are known already are left as they
   * are. Answers the holds that could not be reloaded because a seat was taken over part of the way: never in a sound ledger, so an
   * operator must look.
   */
  reload(holds: readonly RecordedHold[]): Promise<readonly HoldName[]>;
  /** Where a store may lose what it has answered: for holding it against what is sold. Left out where nothing can be lost. */
  readonly holdsView?: HoldsView;
  /**
   * Unconfirmed holds whose deadline is at or before `now`, at most `limit`, in no promised order. They stay held; each is
   * handed out again only from `askAgainAt` (after `now`) on, so that one which may not be let go does not stand in the way.
   */
  overdue(now: EpochMs, limit: number, askAgainAt: EpochMs): Promise<readonly OverdueHold[]>;
  /**
   * Forgets every run that reached its last stop before `arrivedBefore`, all its holds and who waits for it. Such a run does not come back: it
   * is refused from now on. Answers how many runs were forgotten.
   */
  retire(arrivedBefore: EpochMs): Promise<number>;
};

/**
 * A run's waitlist: needs, each with its place. A need fits while its whole party may be sold over its way in one of its classes through
 * the channel `waitlist`, by rule 0 of the policy at that moment.
 *
 * To serve the waitlist is: while any need fits, the one with the lowest place is given its seats, in the first of its classes in which it
 * fits, as a hold under its name with a deadline in `grantTtlMs`, and waits no more. Who does not fit is passed over and keeps the place.
 * Wishes are those of a hold, but for one that no seat of the class could answer: that counts as none.
 *
 * It is served in one step with everything that may let a need fit: seats that are released, offers that are set, a need that joins, a hold
 * of the last seat before standing; and before every hold, release, change of an offer and answer about what the public may buy, in case
 * limits of quotas have begun meanwhile, or holds were reloaded or repaired. So after each of these no need fits, and what is then for
 * sale is the public's.
 *
 * What became of a need is heard by listeners, or read: `grants`.
 */
export type Waitlists = {
  /**
   * Lets each need join, in the order given, with an entry each: null, or why it was refused: NotOnRoute, MalformedRequest,
   * ClassNotOffered (contracts `needRefusal`), SaleClosed for a retired run. One that fits is served at once. A name that waits, waited
   * before or is known as a hold stays as it is, so that a late copy neither waits nor is served again (I7).
   */
  join(needs: readonly Need[], now: EpochMs): Promise<(Refusal | null)[]>;
  /** These wait no more, and not again; also such as have not joined yet. A hold under such a name is left as it is. */
  leave(run: Run, names: readonly Pick<HoldName, "holdId" | "line">[]): Promise<void>;
  /**
   * After a loss: makes the run's waitlist that of SQL, as it was read. Of needs with a place up to `upTo`, those that are not listed are
   * forgotten, and may join again; those listed join by their places, as with `join`. Needs behind `upTo` came later and stay. What was
   * granted stays.
   */
  set(run: Run, needs: readonly Need[], upTo: number, now: EpochMs): Promise<(Refusal | null)[]>;
  /**
   * Serves each run for what has changed by time alone. Answers when that may be so again, one entry a run; null where no limit of a
   * quota is to come that somebody waits for.
   */
  serve(runs: readonly Run[], now: EpochMs): Promise<(EpochMs | null)[]>;
  /** Unconfirmed holds that were given to the waitlist, with the seats that they still have, in no promised order. */
  grants(run: Run): Promise<readonly Grant[]>;
  /** How many needs wait on a run, by what they wait for, in no promised order. */
  groups(run: Run): Promise<readonly NeedGroup[]>;
  /** How many needs with a lower place could use a seat that could serve this one: they share a class and a segment with it. */
  ahead(place: WaitingPlace): Promise<number>;
  /**
   * Told of steps that were asked for here, before they are answered: of each that served somebody, and of each that gave back seats of a
   * run on which somebody waits. A process that dies may take word to its grave; the grants come out of `overdue`.
   */
  hear(listener: (step: WaitlistStep) => void): void;
};

export type HoldsView = {
  /** Every hold that is known of the run, also one whose seats were all given back. */
  holds(run: Run): Promise<readonly KnownHold[]>;
  /**
   * Lets go of the surplus, as `release` does, and then makes each hold what it is told to be, in one step on each run: one that has the
   * class, the way and the seats is left as it is; any other is let go of, also one that was given back by mistake, and then has of its
   * seats those that nobody else has, withdrawn or not. One that was confirmed, and not given back whole, stays confirmed. Answers those that lack a seat.
   *
   * Serves nobody, so that a seat of the surplus cannot go to who waits before it is taken again for whom it was sold to; the next step
   * does. Those that are told wait no more.
   */
  repair(holds: readonly RecordedHold[], surplus?: readonly SurplusSeats[]): Promise<readonly HoldName[]>;
};

/** Seats that a hold has and should not. */
export type SurplusSeats = { readonly hold: HoldName; readonly seats: readonly number[] };

export type KnownHold = {
  readonly holdId: OrderId;
  readonly line: number;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  /** Those that were not given back. */
  readonly seatIndexes: readonly number[];
  readonly isConfirmed: boolean;
  /** Given to the waitlist, and not confirmed yet. */
  readonly isGrant?: true;
};
