/**
 * Purchase limits as reservations (I6): a purchase takes its share before its seats are held, and gives it back when it ends.
 *
 *   per account and run      at most 5 tickets                        (design document 3.1.3, 9.2.2)
 *   per document and day     at most 10 tickets of that boarding day  (decisions: "per id card per day")
 *   per document             no two trips that overlap in time
 */
import type { Refusal, RunId } from "@chepiao/contracts";
import type { EpochMs, OrderId, Result, ServiceDate, UserId } from "@chepiao/kernel";

export type Trip = {
  readonly ticketNo: string;
  readonly documentHash: string;
};

export type Claim = {
  readonly orderId: OrderId;
  readonly userId: UserId;
  readonly runId: RunId;
  readonly boardingDate: ServiceDate;
  readonly departAt: EpochMs;
  readonly arriveAt: EpochMs;
  readonly trips: readonly Trip[];
};

export type Reservations = {
  /**
   * Takes each claim whole or not at all, in the order given. Claiming again under one order id changes nothing and succeeds.
   * Refusals: `UserRunLimit`, `DocumentDayLimit`, `TripOverlaps` with `facts.ticket` the index of the passenger concerned.
   * Of the other trip only its own account hears more (`facts.runId`).
   *
   * An adapter that outlives who claims lets a claim end by itself after the lifetime of a hold, unless it is kept.
   */
  claim(claims: readonly Claim[]): Promise<Result<void, Refusal>[]>;
  /**
   * The orders are written: what they claimed does not end by itself any more, and what of it was lost or has ended is taken
   * again, without asking the limits. What was given back stays given back.
   */
  keep(claims: readonly Claim[]): Promise<void>;
  /** Gives back the named tickets of an order, or all. What is not reserved is ignored. */
  giveBack(orderId: OrderId, ticketNos?: readonly string[]): Promise<void>;
  /** Takes over what is known to be sold, without asking the limits; used when the platform starts. */
  restore(claims: readonly Claim[]): Promise<void>;
  /** Forgets trips that ended before that instant: they limit nobody any more. */
  forgetBefore(instant: EpochMs): Promise<void>;
};
