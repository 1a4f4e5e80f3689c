/**
 * Where seats are held. The unit is the run: what concerns one run is decided in one order, each hold in one indivisible step.
 * Which seats a party gets is one policy for all adapters (packages/engine/choose.ts states it): the same requests in the same
 * order are given the same seats everywhere.
 *
 * Holds are known by their id, the order's: one id never serves two runs. A hold lives with its run, and is named by both; named
 * with another run it is not known. Commands may come twice, late or out of order (I7); the outcome is the same.
 */
import type {
  ChangedRuns,
  Changes,
  Held,
  HoldCommand,
  HoldRef,
  Leg,
  Refusal,
  RestoredHold,
  Run,
  SeatClass,
} from "@chepiao/contracts";
import type { EpochMs, OrderId, Result } from "@chepiao/kernel";

export type SeatStore = {
  /**
   * Decides each command by itself, in the order given: all passengers or none. In this order:
   * - an id that is held or confirmed gives its first answer again, whatever else has happened since; a released one is refused
   *   with HoldExpired, so that a late copy does not take seats for nobody;
   * - a deadline at or before `now` is refused with HoldExpired. Only that lets an adapter forget a released id once its
   *   deadline is past;
   * - the run is retired: SaleClosed. The run does not have the class: ClassNotOffered. No seat of the class could answer one
   *   of the wishes: PreferenceImpossible;
   * - standing while its parent class (contracts `standingParent`) has a seat free over the whole way: StandingNotYet;
   * - fewer free seats than passengers: SoldOut.
   * A refusal changes nothing and is not remembered: the same id may be decided anew.
   */
  hold(commands: readonly HoldCommand[], now: EpochMs): Promise<Result<Held, Refusal>[]>;
  /** The holds no longer end by themselves, also after their deadline. Unknown and released ones are ignored. */
  confirm(holds: readonly HoldRef[]): Promise<void>;
  /**
   * Gives back the named seats of a hold, or all; answers those that were still held until now. Unknown holds, seats that the
   * hold does not have, and seats given back before are ignored.
   */
  release(hold: HoldRef, seatIndexes?: readonly number[]): Promise<readonly number[]>;
  /**
   * Free seats by class over each leg, one entry a leg. Standing counts 0 while it could not be bought because its parent class
   * has seats. Nothing for a retired run.
   */
  available(legs: readonly Leg[]): Promise<ReadonlyMap<SeatClass, number>[]>;
  /** One flag a seat of the class: free over the whole leg? Empty where the run does not have the class, or is retired. */
  freeSeats(leg: Leg, seatClass: SeatClass): Promise<readonly boolean[]>;
  /**
   * Moves whenever what `available` and `freeSeats` say of the run may have changed, in the same step as the change. A live
   * object. Left out where that cannot be known without asking.
   */
  changes?(run: Run): Changes;
  /**
   * For displays in processes that `changes` does not reach: the runs whose free seats have changed since that place in the news,
   * perhaps some twice; null where what happened since is not known. With null, where the news stand now. Word comes soon after
   * the change, not with it, and a process that dies may take some to its grave: who shows seats asks anew now and then.
   */
  changedSince?(place: string | null): Promise<ChangedRuns>;
  /**
   * Takes over what an earlier life of the platform has sold. Ids that are known already are left as they are. Answers the holds
   * that could not be restored because a seat was taken over part of the way: never in a sound ledger, so somebody must look.
   */
  restore(holds: readonly RestoredHold[]): Promise<readonly OrderId[]>;
  /** Where a store may lose what it has answered: for holding it against what is sold. Left out where nothing can be lost. */
  readonly books?: SeatBooks;
  /**
   * Unconfirmed holds whose deadline is at or before `now`, at most `limit`, in no promised order. They stay held; each is
   * handed out again only from `askAgainAt` (after `now`) on, so that one which may not be let go does not stand in the way.
   */
  overdue(now: EpochMs, limit: number, askAgainAt: EpochMs): Promise<readonly HoldRef[]>;
  /**
   * Forgets every run that reached its last stop before `arrivedBefore`, and all its holds. Such a run does not come back: it
   * is refused from now on. Answers how many runs were forgotten.
   */
  retire(arrivedBefore: EpochMs): Promise<number>;
};

export type SeatBooks = {
  /** Every hold that is known of the run, also one whose seats were all given back. */
  holds(run: Run): Promise<readonly KnownHold[]>;
  /** As `restore`; and a hold all of whose seats were given back is held again, because whoever did so was wrong. */
  retake(holds: readonly RestoredHold[]): Promise<readonly OrderId[]>;
};

export type KnownHold = {
  readonly holdId: OrderId;
  /** Those that were not given back. */
  readonly seatIndexes: readonly number[];
  readonly isConfirmed: boolean;
};
