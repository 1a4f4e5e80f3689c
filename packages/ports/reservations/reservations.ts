/**
 * Purchase limits as reservations (I6): a purchase takes its share before its seats are held, and gives it back when it ends.
 *
 *   per account and run      at most 9 tickets                        (design document 3.1.3, 9.2.2)
 *   per document and day     at most 10 tickets of that boarding day  (decisions: "per id card per day")
 *   per document             no two trips that overlap in time, nor trains that it cannot change between, for which another
 *                            station takes longer; on one train the next trip may begin where the last ends
 *   per account              one order that waits for its money       (`HoardingLimits`, settings of the platform)
 *   per account and day,     three orders of that day that were
 *   and per document and day cancelled or ran out of time
 *
 * The last two keep seats from those who do not mean to pay. A day is one of the railway, and an order counts for the day on which it was
 * bought, so that its word may come late, twice, or after midnight and still count once for the same day.
 */
import { type AcceptedTicket, holdText, type Refusal, type RunId } from "@chepiao/contracts";
import { type EpochMs, type OrderId, type Result, type ServiceDate, type UserId } from "@chepiao/kernel";

import type { HoardingLimits, PurchaseLimits } from "./limits.ts";

export type Trip = {
  readonly ticketNo: string;
  /** As `limitedPerson` says. */
  readonly documentHash: string;
};

/**
 * Whom limits by document take a traveller for. A document that was proved is one person everywhere. One that an account only names is a person
 * of his account alone: he meets his own trips, and neither those of its holder nor the holder his.
 */
export const limitedPerson = (
  { documentHash, documentUnproved }: Pick<AcceptedTicket, "documentHash" | "documentUnproved">,
  userId: UserId,
): string => (documentUnproved ? `${documentHash}@${userId}` : documentHash);

/** Tickets that others stand in place of, of one line of an order. Until they do, both count; against each other they never do. */
export type ReplacedTrips = ClaimName & { readonly runId: RunId; readonly ticketNos: readonly string[] };

/**
 * What one line of an order counts for. The lines of an order are claimed, kept and given back each by itself; what it is that waits for
 * its money, or was cancelled, is the order.
 */
export type Reservation = {
  readonly orderId: OrderId;
  readonly line: number;
  readonly userId: UserId;
  readonly runId: RunId;
  readonly boardingDate: ServiceDate;
  readonly departAt: EpochMs;
  readonly arriveAt: EpochMs;
  /** Where it begins and ends. Not known of what counts in SQL, nor of a run that the timetable has lost: then no change of station is seen. */
  readonly stations?: { readonly from: string; readonly to: string };
  readonly trips: readonly Trip[];
  /** When it was asked for, and which day of the railway that was. */
  readonly boughtAt: EpochMs;
  readonly boughtOn: ServiceDate;
  /** It waits for its money until then at the latest; null for one that waits no more. */
  readonly unpaidUntil: EpochMs | null;
  /** The order is for standing room alone. */
  readonly isStanding: boolean;
  /** What it is to replace does not count against it: of each of its travellers one ticket, bought by the same account. */
  readonly replaces?: ReplacedTrips;
};

/** Counts of one day, of an account or a document. */
export type Cancels = { readonly seated: number; readonly standing: number };

export function isCancelledTooOften({ seated, standing }: Cancels, limits: HoardingLimits): boolean {
  const { cancelsPerDay, standingCancelsPerOne } = limits;
  const ofStanding = standingCancelsPerOne === 0 ? 0 : Math.floor(standing / standingCancelsPerOne);
  return cancelsPerDay > 0 && seated + ofStanding >= cancelsPerDay;
}

export type ClaimName = Pick<Reservation, "orderId" | "line">;
/** As text, and named like the hold of the same line. */
export const claimText = ({ orderId, line }: ClaimName): string => holdText({ holdId: orderId, line });

export type Reservations = {
  /**
   * Takes each claim whole or not at all, in the order given. Claiming again under one name changes nothing and succeeds.
   * Refusals, in the order in which they are looked for: `UnpaidOrderOpen` with `facts.orderNo` of the oldest, `CancelledTooOften` and
   * `UserRunLimit` of the account; then, passenger by passenger, `TripOverlaps` or `TripsTooClose`, `DocumentDayLimit`, `CancelledTooOften` with
   * `facts.ticket` the index of the passenger concerned, on this line. Of the other trip only its own account hears more (`facts.runId`).
   *
   * An adapter that outlives who claims lets a claim end by itself after the lifetime of a hold, unless it is kept.
   */
  reserve(reservations: readonly Reservation[], limits: PurchaseLimits): Promise<Result<void, Refusal>[]>;
  /**
   * The orders are written: what their lines claimed does not end by itself any more, and what of it was lost or has ended is taken
   * again, without asking the limits. What was given back stays given back, and what was paid stays paid.
   */
  keep(reservations: readonly Reservation[]): Promise<void>;
  /** The order waits for its money no more. Not to be heard of it delays its account's next order until the time to pay is over. */
  paid(orders: readonly Pick<Reservation, "orderId" | "userId" | "unpaidUntil">[]): Promise<void>;
  /** Gives back the named tickets of a line, or all. What is not reserved is ignored. */
  release(name: ClaimName, ticketNos?: readonly string[]): Promise<void>;
  /** Gives back all lines of an order that was cancelled or ran out of time: from now on it counts once among those of its day. */
  endUnpaid(orderId: OrderId): Promise<void>;
  /** Takes over what is known to be sold, without asking the limits; used when the platform starts. */
  reload(reservations: readonly Reservation[]): Promise<void>;
  /** The same of orders that ended unpaid: they have no trips any more, and count among the cancelled ones of their day. */
  restoreUnpaid(reservations: readonly Reservation[]): Promise<void>;
  /** Forgets trips that ended before that instant: they limit nobody any more. */
  forgetBefore(instant: EpochMs): Promise<void>;
};
