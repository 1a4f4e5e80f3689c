/** Purchase limits, as reservations and as what counts once more when an order is written. */
import { port } from "@chepiao/ports/port";
import type { Reservations } from "./reservations.ts";

export { type CountedTrips, createCountedTrips, tripsInTheWay } from "./countedTrips.memory.ts";
export {
  accountRefusal,
  documentRefusal,
  documentsRefusal,
  isReplaced,
  replacedOnRun,
  type CountedTrip,
  type TripClaim,
} from "./counted.ts";
export {
  type HoardingLimits,
  hoardingLimitsDefault,
  moveLimitsOf,
  noHoardingLimits,
  type PurchaseLimits,
  purchaseLimitsDefault,
  purchaseLimitsOf,
  purchaseLimitsWithoutHoarding,
  type StudentLimit,
  type TripLimits,
  tripLimitsDefault,
} from "./limits.ts";
export {
  type Cancels,
  type Reservation,
  type ClaimName,
  claimText,
  isCancelledTooOften,
  limitedPerson,
  type ReplacedTrips,
  type Reservations,
  type Trip,
} from "./reservations.ts";
export { createMemoryReservations, type MemoryReservations } from "./reservations.memory.ts";

export const reservationsPort = port<Reservations>("reservations");
