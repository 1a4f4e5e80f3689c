/**
 * Every bound of the platform, in one place, so that they can be held against each other.
 * What a railway sets for itself is in its policy (packages/contracts/policy.ts); a limit that an operator may move is a default here.
 */
import { assert } from "./assert.ts";
import { dayMs, hourMs, minuteMs, secondMs } from "./time.ts";

// The timetable
export const stopsPerTrainMax = 129;
export const segmentsPerRunMax = stopsPerTrainMax - 1;
export const seatsPerClassMax = 8_192;
/** The longest that a policy may say. */
export const saleWindowDaysMax = 60;
/** Origin–destination groups of one gate, and quotas of one class of a run: the bits of a word of the seat engine. */
export const odGroupsPerOfferMax = 32;
/** An opening, a limit a day, open sale. */
export const quotaLimitsMax = 64;

// A purchase
/** What a hold has room for in the seat engine; the railway's policy may say fewer. */
export const passengersPerOrderMax = 9;
/** Of one order: a train there and its connection, each with a change of seats half-way. */
export const linesPerOrderMax = 4;
export const paymentTimeoutMsDefault = 15 * minuteMs;
/** A hold outlives the time to pay by this, so that money on its way never meets a seat already let go. */
export const holdGraceMs = 5 * minuteMs;
/** How long a trip that is over still counts among those of its run and day: no run is under way for longer. */
export const limitsOutliveTripMs = 3 * dayMs;
/** How long the ledger knows the seats of a run after its day. A record of it may be read from the log until then: that is kept a week. */
export const ledgerKeptDays = 14;
/** Seats that the waitlist was given are held for so long until somebody has made an order of them: a few tries, and a process that dies. */
export const grantTtlMs = minuteMs;
/** An order is made at most so long before its trip ends: the longest sale window, and days on the way. */
export const orderBeforeArrivalMaxMs = 90 * dayMs;
/** Travellers are named by their orders for half a year after the trip: as long as invoices may be asked for. */
export const travellersKeptDaysDefault = 180;
/** Nothing that still happens to an order, or is read from the log, needs them for longer. */
export const travellersKeptDaysMin = 30;
/** Entries of the waitlist that have ended are kept for as long as travellers are. */
export const waitlistEntriesKeptDaysDefault = 180;
/** What became of those who waited for a run is counted within a week of its departure; until then they are read. */
export const waitlistEntriesKeptDaysMin = 100;
/** An account that proves neither phone nor document is kept for half a year, and has bought nothing by then. */
export const unprovedAccountsKeptDaysDefault = 180;
export const unprovedAccountsKeptDaysMin = 30;
export const idempotencyKeyLengthMax = 64;
export const idempotencyWindowMs = dayMs;

// Gates
/** Each with the signed code of a ticket, in a body of 64 KiB. */
export const gateEventsPerCallMax = 100;
/** Who comes earlier before departure is at the wrong train. */
export const gateOpensBeforeMs = dayMs;
/**
 * So long after its scheduled arrival a train may still be boarded, ridden and left, and the code of its ticket be read. Not every feed tells of delays, so
 * time alone must not shut anybody out; short of a day, so that the ticket of yesterday's train does not open the gate to today's.
 */
export const trainLateMaxMs = 12 * hourMs;
/** What gates said stays for as long as staff may be asked about it. */
export const gateEventsKeptDays = 90;

// The waitlist (rules 1.1 to 1.12)
/** Trains on dates, each in one or several classes: what the policy of a railway may allow an entry. */
export const waitlistChoicesMax = 60;
/** Seats may be decided about as long before the departure of a train as it is on sale. */
export const waitlistDeadlineMinutesMax = (saleWindowDaysMax * dayMs) / minuteMs;
/** A prepayment that was made in time may be heard of this much later. */
export const waitlistPrepayGraceMs = 5 * minuteMs;
/** Releases of seats that are remembered of a run, for the stories of its entries; the oldest go first. */
export const waitlistReleasesPerRunMax = 2_000;

// The queue of an opening
/** Of the published draw: some hundred kilobytes. */
export const queueLotsPerPage = 5_000;
/** Who is inside and does not say so any more is outside after this long. */
export const queueInsideMs = minuteMs;
/** A page says so this often. */
export const queueHeartbeatMs = 20 * secondMs;
/** Who is called has a place inside kept free for so long; the own place in the queue is kept for longer. */
export const queueCalledMs = 30 * secondMs;
assert(2 * queueHeartbeatMs < queueInsideMs && queueHeartbeatMs < queueCalledMs, "one lost heartbeat loses nothing");
/** A pass outlives the place inside, so that who fills in a form while a heartbeat is lost is not turned away. */
export const queuePassMs = 2 * minuteMs;
assert(queuePassMs > queueInsideMs, "who is inside has a pass");
/** How late a process may hear of a queue, or of how far it has come. */
export const queueAnnouncedFreshMs = 2 * secondMs;
/** The root of the lots is public for so long before they are drawn, so that who copies it has it before the seed is known. */
export const queueRootShownMs = 6 * secondMs;
assert(queueRootShownMs > 2 * queueAnnouncedFreshMs, "whoever asks sees the root before the seed is known");
/** Where counters have lost lots, those who show one have so long after the opening to hand it in again. */
export const queueLostGraceMs = 45 * secondMs;
assert(
  queueLostGraceMs > 2 * queueHeartbeatMs,
  "a page asks for its lot again before the lots are closed, also where one question is lost",
);
/** Of a queue that is switched on by load: who comes within this has a lot, because all are turned away at one moment and none is to win by being the fastest. */
export const queueLoadLotsMs = 10 * secondMs;
/** A step of the store is short, and there is one a second. */
export const queueCalledAtOnceMax = 1_000;
export const queuePerMinuteMax = 60 * queueCalledAtOnceMax;
/** What was drawn can be checked for so long after the end. */
export const queueKeptMs = 7 * dayMs;

// Who is blocked
export const appealTextMax = 500;

// Challenges
export const challengeMs = minuteMs;
export const challengeTriesMax = 3;
/** In pixels. The hole is no nearer to the left end than the piece where it begins, and its own width beside. */
export const slideSize = { width: 280, height: 150, piece: 52, leftMin: 60 } as const;
/** So many pixels from the hole a piece may lie. */
export const slideTolerance = 5;
/** Who has solved one fills in nothing more: a slow network and a second try. */
export const challengeProofMs = 2 * minuteMs;
/** It is known for so much longer that it was used: by a clock that is behind it has not ended yet. */
export const challengeKnownMs = minuteMs;

// People
export const accountsPerDocumentMax = 5;
/** Registrations that one address may send in an hour, whatever comes of them: a family, or a class that registers together. */
export const registrationsPerAddressHourDefault = 20;
/** The same of a day: accounts are what seats are hoarded with. */
export const registrationsPerAddressDayDefault = 60;
export const sessionTtlMs = 30 * minuteMs;
/** However much it is used, a session ends this long after it was opened (OWASP ASVS 5.0, 7.3.2). */
export const sessionLifetimeMsDefault = 12 * hourMs;
/** A sliding session is written again only after this long, so that reading a page does not write a row each time. */
export const sessionTouchMs = minuteMs;
export const sessionsPerUserMax = 10;
/** A code that is sent to a phone: as long as a user needs to look at a phone, and too many to be guessed in the tries it has. */
export const oneTimeCodeTtlMs = 10 * minuteMs;
export const oneTimeCodeDigits = 8;
export const oneTimeCodeTriesMax = 5;
/** Long enough to look into what is found out late. */
export const securityEventsKeptDays = 180;

// The audit trail
/** As long as somebody may still ask who did what with a ticket and its money. */
export const auditKeptDaysDefault = 1_095;
/** Half a year is what the law asks of logs (网络安全法, 21). */
export const auditKeptDaysMin = 180;

// Notifications
/** As long as what they are about is named by its order. */
export const notificationsKeptDaysDefault = 180;
export const notificationsKeptDaysMin = 7;
/** A page that says "99+" needs no more, and counting them costs. */
export const notificationsUnreadMax = 99;

// HTTP
/** One address may be a campus: ten thousand people who each look every half minute. One process answers some 50,000. */
export const requestsPerAddressSecondDefault = 300;
/** A page and its files at once, then as fast as anybody clicks. */
export const requestsPerAccountSecondDefault = 30;
export const bodyBytesMax = 64 * 1024;
/** What one role asks another in one call: some thousand purchases. */
export const callBytesMax = 8 * 2 ** 20;
export const queryBytesMax = 4 * 1024;
export const pageSizeMax = 50;
export const submitsInFlightMax = 20_000;
/** An order that is accepted is written within seconds. Where that takes minutes (or a third of a shorter time to pay) no more are accepted. */
export const writtenWithinMsMax = 3 * minuteMs;
export const eventStreamsPerUserMax = 8;
/** Of one process. Each is a look at an order every quarter of a minute: 700 a second, a fraction of a core. */
export const eventStreamsMax = 10_000;

// The outbox and other work that is tried again
export const retryFirstMs = secondMs;
export const retryLastMs = hourMs;

assert(holdGraceMs > 0, "a payment ends before its seat is let go");
assert(quotaLimitsMax > saleWindowDaysMax + 2, "a quota may have a limit for each day of its sale");
assert(limitsOutliveTripMs >= dayMs, "a trip that is over still counts among those of its day");
assert(ledgerKeptDays * dayMs > 2 * limitsOutliveTripMs, "no run is under way when its seats are forgotten");
assert(travellersKeptDaysMin > 2 * ledgerKeptDays, "no order that may still change or be written loses its travellers");
assert(
  waitlistEntriesKeptDaysMin * dayMs > orderBeforeArrivalMaxMs + 7 * dayMs,
  "an entry that has ended is there when its runs are counted",
);
assert(sessionTouchMs < sessionTtlMs / 10, "a session that is used does not end");
assert(oneTimeCodeTriesMax * 1_000 < 10 ** oneTimeCodeDigits, "a code is not guessed, whoever asks for a thousand");
assert(sessionTtlMs < sessionLifetimeMsDefault, "a session that is used outlives one that is not");

/** Doubling back-off without end: what fails is tried again, ever more rarely, until the operator fixes the cause. */
export const backoffMs = (attempt: number): number => Math.min(retryLastMs, retryFirstMs * 2 ** Math.min(attempt, 20));
