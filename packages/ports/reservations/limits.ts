/** How much may be bought: what the railway's policy says of it. */
import { type Policy, policyDefault } from "@chepiao/contracts";
import { minuteMs } from "@chepiao/kernel";

/** How many single trips at the student fare a document has in a school year. */
export type StudentLimit = {
  readonly perYear: number;
  /** The year's first day, as `10-01`. */
  readonly yearStart: string;
};

/** How many tickets, and how close to each other. */
export type TripLimits = {
  readonly ticketsPerUserRun: number;
  /** 0: any number. */
  readonly ticketsPerDocumentDay: number;
  /** From the arrival of one train to the departure of another. */
  readonly gapMs: number;
  /** The same where the second leaves from another station than the first arrives at; no less. */
  readonly otherStationGapMs: number;
  /** Counted when an order is written, and not by the reservations; null for any number. */
  readonly students: StudentLimit | null;
};

export const tripLimitsOf = ({ order, trips, fares }: Policy): TripLimits => ({
  ticketsPerUserRun: order.perUserRun,
  ticketsPerDocumentDay: order.perDocumentDay,
  gapMs: trips.gapMinutes * minuteMs,
  otherStationGapMs: (trips.otherStationGapMinutes ?? trips.gapMinutes) * minuteMs,
  students: fares.studentTrips ?? null,
});
export const tripLimitsDefault: TripLimits = tripLimitsOf(policyDefault);

/** Limits that a platform sets for itself. 0: none. */
export type HoardingLimits = {
  readonly unpaidMax: number;
  readonly cancelsPerDay: number;
  /** So many cancelled orders for standing room are one cancelled order. */
  readonly standingCancelsPerOne: number;
};

/** Everything that a purchase is held against. */
export type PurchaseLimits = HoardingLimits & TripLimits;

const hoardingLimitsOf = ({ order }: Policy): HoardingLimits => ({
  unpaidMax: order.unpaidMax,
  cancelsPerDay: order.cancelsPerDay,
  standingCancelsPerOne: order.standingCancelsPerOne,
});
export const hoardingLimitsDefault: HoardingLimits = hoardingLimitsOf(policyDefault);

export const purchaseLimitsOf = (policy: Policy): PurchaseLimits => ({
  ...hoardingLimitsOf(policy),
  ...tripLimitsOf(policy),
});

export const noHoardingLimits: HoardingLimits = { unpaidMax: 0, cancelsPerDay: 0, standingCancelsPerOne: 0 };

/** More than a train has places. */
const anyNumber = 1_000_000;

/**
 * For whom the railway gives another seat of the train that he has a ticket of: he buys nothing, and as long as several of an account are moved at once,
 * or some were when a process died, each of their tickets counts twice.
 */
export const moveLimitsOf = ({ students }: TripLimits): PurchaseLimits => ({
  ...noHoardingLimits,
  ticketsPerUserRun: anyNumber,
  ticketsPerDocumentDay: 0,
  gapMs: 0,
  otherStationGapMs: 0,
  // Counted as ever, or nobody would know of them afterwards.
  students: students && { ...students, perYear: anyNumber },
});

export const purchaseLimitsDefault: PurchaseLimits = purchaseLimitsOf(policyDefault);
export const purchaseLimitsWithoutHoarding: PurchaseLimits = { ...noHoardingLimits, ...tripLimitsDefault };
