/**
 * Every bound of the platform, in one place, so that they can be held against each other.
 * A limit that an operator may move is a default here and is read from the configuration.
 */
import { assert } from "./assert.ts";
import { dayMs, hourMs, minuteMs, secondMs } from "./time.ts";

// The timetable
export const stopsPerTrainMax = 129;
export const segmentsPerRunMax = stopsPerTrainMax - 1;
export const seatsPerClassMax = 8_192;
export const saleWindowDaysDefault = 15;

// A purchase
export const passengersPerOrderMax = 5;
export const ticketsPerUserRunMax = 5;
export const ticketsPerDocumentDayMax = 10;
export const paymentTimeoutMsDefault = 15 * minuteMs;
/** A hold outlives the time to pay by this, so that money on its way never meets a seat already let go. */
export const holdGraceMs = 5 * minuteMs;
/** How long a trip that is over still counts among those of its run and day: no run is under way for longer. */
export const limitsOutliveTripMs = 3 * dayMs;
/** How long the ledger knows the seats of a run after its day. A record of it may be read from the log until then: that is kept a week. */
export const ledgerKeptDays = 14;
export const saleClosesBeforeDepartureMs = 30 * minuteMs;
export const idempotencyKeyLengthMax = 64;
export const idempotencyWindowMs = dayMs;

// People
export const passengersPerUserMax = 15;
export const accountsPerDocumentMax = 5;
export const sessionTtlMs = 30 * minuteMs;
/** A sliding session is written again only after this long, so that reading a page does not write a row each time. */
export const sessionTouchMs = minuteMs;
export const sessionsPerUserMax = 10;

// HTTP
export const bodyBytesMax = 64 * 1024;
export const queryBytesMax = 4 * 1024;
export const pageSizeMax = 50;
export const submitsInFlightMax = 20_000;
/** An order that is accepted is written within seconds. Where that takes minutes no more are accepted: their time to pay runs. */
export const writtenWithinMsMax = 3 * minuteMs;
export const eventStreamsPerUserMax = 8;

// The outbox and other work that is tried again
export const retryFirstMs = secondMs;
export const retryLastMs = hourMs;

assert(holdGraceMs > 0, "a payment ends before its seat is let go");
assert(writtenWithinMsMax < paymentTimeoutMsDefault / 2, "who was accepted late still has time to pay");
assert(ticketsPerUserRunMax >= passengersPerOrderMax, "one full order fits the limit of its user");
assert(limitsOutliveTripMs >= dayMs, "a trip that is over still counts among those of its day");
assert(ledgerKeptDays * dayMs > 2 * limitsOutliveTripMs, "no run is under way when its seats are forgotten");
assert(sessionTouchMs < sessionTtlMs / 10, "a session that is used does not end");

/** Doubling back-off without end: what fails is tried again, ever more rarely, until somebody mends the cause. */
export const backoffMs = (attempt: number): number => Math.min(retryLastMs, retryFirstMs * 2 ** Math.min(attempt, 20));
