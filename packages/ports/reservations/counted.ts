/**
 * Whether a purchase keeps its limits, decided on what counts already: by the reservations, and once more by the guard in SQL when the
 * order is written. One function for both, or one would refuse what the other has allowed.
 */
import { type Refusal, refusal } from "@chepiao/contracts";
import type { TripLimits } from "./limits.ts";
import type { ReplacedTrips, Reservation } from "./reservations.ts";

/** What one line of an order counts as in these limits, and the whole of it that is asked for. */
export type TripClaim = Pick<
  Reservation,
  "orderId" | "line" | "userId" | "runId" | "boardingDate" | "departAt" | "arriveAt" | "stations" | "trips" | "replaces"
>;

/** What counts against a document: one of its trips, whichever account bought it. */
export type CountedTrip = Omit<TripClaim, "line" | "trips" | "replaces">;

type Way = Pick<TripClaim, "runId" | "departAt" | "arriveAt" | "stations">;

const overlap = (one: Way, other: Way): boolean => other.departAt < one.arriveAt && one.departAt < other.arriveAt;

/** From the end of one to the start of the other, the time that it takes at least. */
const gapMsOf = (one: Way, other: Way, { gapMs, otherStationGapMs }: TripLimits): number =>
  one.stations && other.stations && one.stations.to !== other.stations.from ? otherStationGapMs : gapMs;

/** On one train the end of a trip may be the start of the next; from one train to another it takes time. */
const isTooClose = (one: Way, other: Way, limits: TripLimits): boolean =>
  one.runId !== other.runId &&
  other.departAt < one.arriveAt + gapMsOf(one, other, limits) &&
  one.departAt < other.arriveAt + gapMsOf(other, one, limits);

/** How many tickets the claim may have on its run beyond the limit, because others of that run go in return. */
export const replacedOnRun = ({ runId, replaces }: Pick<TripClaim, "replaces" | "runId">): number =>
  replaces?.runId === runId ? replaces.ticketNos.length : 0;

/** Is a ticket of that order, of one of the claim's travellers, what the claim is to replace? */
export const isReplaced = ({ replaces }: Pick<TripClaim, "replaces">, { orderId, ticketNo }: NamedTrip): boolean =>
  replaces !== undefined && replaces.orderId === orderId && replaces.ticketNos.includes(ticketNo);
type NamedTrip = Pick<ReplacedTrips, "orderId"> & { readonly ticketNo: string };

/** @param ticketCount that the account has on the run already */
export const accountRefusal = (
  reservation: TripClaim,
  ticketCount: number,
  { ticketsPerUserRun: limit }: TripLimits,
): Refusal | null =>
  ticketCount + reservation.trips.length > limit + replacedOnRun(reservation)
    ? refusal("UserRunLimit", { limit })
    : null;

/**
 * @param ticket the place of the passenger among the claim's
 * @param others what counts already against the passenger's document, without what is the claim's own, or is replaced by it
 */
export function documentRefusal(
  reservation: TripClaim,
  ticket: number,
  others: Iterable<CountedTrip>,
  limits: TripLimits,
): Refusal | null {
  let sameDay = 0;
  let close: CountedTrip | null = null;
  // Where a passenger travels whom another account has saved too is not this account's to know.
  const told = ({ userId, runId }: CountedTrip) => (userId === reservation.userId ? { ticket, runId } : { ticket });
  for (const other of others) {
    if (other.boardingDate === reservation.boardingDate) sameDay++;
    if (overlap(reservation, other)) return refusal("TripOverlaps", told(other));
    if (isTooClose(reservation, other, limits)) close ??= other;
  }
  if (close) return refusal("TripsTooClose", told(close));
  const { ticketsPerDocumentDay: limit } = limits;
  return limit > 0 && sameDay >= limit ? refusal("DocumentDayLimit", { ticket, limit }) : null;
}

/** Of the first passenger who is refused. */
export function documentsRefusal(
  reservation: TripClaim,
  othersOf: (documentHash: string) => Iterable<CountedTrip>,
  limits: TripLimits,
): Refusal | null {
  for (const [ticket, { documentHash }] of reservation.trips.entries()) {
    const why = documentRefusal(reservation, ticket, othersOf(documentHash), limits);
    if (why) return why;
  }
  return null;
}
