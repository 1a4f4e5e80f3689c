/**
 * What happens to an entry of the waitlist: event + entry + now → the change to be made, a refusal, or nothing. Pure: the change is made by
 * compare-and-set on the version the decision was based on, which settles every race between money, seats, the clock and the owner. An entry
 * is prepaid exactly while it may still become an order: whatever ends it otherwise sends all its money back in the same step (I3).
 */
import {
  type LogRecord,
  type PaymentCaptured,
  type Refusal,
  refusal,
  type RefundDue,
  type RefusalCode,
  type RunId,
  type SeatClass,
} from "@chepiao/contracts";
import {
  assert,
  dayMs,
  type EpochMs,
  epochMs,
  fen,
  minuteMs,
  ok,
  orderNoOf,
  refuse,
  type Result,
  secondMs,
  waitlistPrepayGraceMs,
} from "@chepiao/kernel";
import {
  isInLine,
  mayServe,
  type WaitlistChange,
  type WaitlistChoice,
  type WaitlistRecord,
} from "@chepiao/ports/waitlist-store";
import { isOff, type NotRun } from "@chepiao/ports/run-states";
import { deadlineUnknown, type WaitlistRules } from "./rules.ts";
import { type WaitlistEvent, waitlistTransitions } from "./state.ts";

/** Seats that were given and did not become an order yet: their order is asked for again after this. */
export const askAgainMs = 5 * secondMs;

/** When an entry that is opened now ends, however far its trains are; null for never. */
export const endByOf = ({ maxAgeDays }: Pick<WaitlistRules, "maxAgeDays">, now: EpochMs): EpochMs | null =>
  maxAgeDays === 0 ? null : epochMs(now + maxAgeDays * dayMs);

/** The latest moment at which seats are taken for it. */
export const decideByOf = (
  { departAt }: Pick<WaitlistChoice, "departAt">,
  { deadlineMinutes, endBy }: Pick<WaitlistRecord, "deadlineMinutes" | "endBy">,
): EpochMs => epochMs(Math.min(departAt - deadlineMinutes * minuteMs, endBy ?? Number.POSITIVE_INFINITY));

/** Those that may still serve it, if it waits. */
export const choicesLeft = ({ choices }: Pick<WaitlistRecord, "choices">): WaitlistChoice[] =>
  choices.filter(({ endedBecause }) => endedBecause === null);

export type PrepaidOutcome =
  | { readonly kind: "joined"; readonly change: WaitlistChange }
  /** This very payment has been taken before. */
  | { readonly kind: "known"; readonly change?: never }
  /** The entry cannot take it: the money goes back. */
  | { readonly kind: "payBack"; readonly change?: never; readonly message: LogRecord };

/** The prepayment came: with it the entry has its place, by the moment at which it was paid. */
export function decidePrepaid(entry: WaitlistRecord, captured: PaymentCaptured, now: EpochMs): PrepaidOutcome {
  if (entry.captured?.paymentNo === captured.paymentNo) return { kind: "known" };
  const waiting = captured.amountFen === entry.prepayFen ? after(entry, "prepaid") : null;
  if (!waiting) return { kind: "payBack", message: moneyBack(captured, entry.choices[0]!.runId) };
  // A bank's clock may differ from ours, and does not decide who was first beyond that.
  const place = Math.max(entry.createdAt, Math.min(captured.capturedAt, now));
  return { kind: "joined", change: changeTo({ ...waiting, captured, place }, now) };
}

/** Money of nobody, or that came too late: the whole of it. Asking twice is one refund. */
export const moneyBack = ({ paymentNo, orderNo, amountFen }: PaymentCaptured, key: string): LogRecord => ({
  topic: "payment-refund-topic",
  key,
  value: {
    refundNo: `${paymentNo}-ended`,
    paymentNo,
    orderNo,
    ticketNo: null,
    amountFen,
    feeFen: fen(0),
    reason: "waitlistEnded",
  } satisfies RefundDue,
});

/** Seats of a run in one of its classes, held under the entry's name. */
export type Given = { readonly runId: RunId; readonly choice: number; readonly seatClass: SeatClass };

export type GrantedOutcome =
  /** They are to become its order. */
  | { readonly kind: "granted"; readonly change: WaitlistChange }
  /** It is known: whoever was at it has died, or is not done. */
  | { readonly kind: "again"; readonly change?: never }
  /** It has seats of another train that are not decided about yet; these stay held, and are asked about again. */
  | { readonly kind: "later"; readonly change?: never }
  /** They are its order's. */
  | { readonly kind: "ordered"; readonly change?: never }
  /** It cannot use them any more: they go to the next. */
  | { readonly kind: "unwanted"; readonly change?: never };

export function decideGranted(entry: WaitlistRecord, given: Given, now: EpochMs): GrantedOutcome {
  const { choice: n, seatClass } = given;
  const choice = entry.choices[n];
  if (entry.granted?.choice === n) {
    if (entry.state === "granted") return { kind: "again" };
    if (entry.state === "served") return { kind: "ordered" };
  }
  const isInTime = choice !== undefined && now < decideByOf(choice, entry);
  if (!isInTime || choice.runId !== given.runId || !mayServe(entry, choice)) return { kind: "unwanted" };
  if (entry.state === "granted") return { kind: "later" };
  const next = after(entry, "granted");
  if (!next) return { kind: "unwanted" };
  const granted = { ...next, granted: { choice: n, seatClass }, grantCount: entry.grantCount + 1 };
  return { kind: "granted", change: changeTo(granted, now) };
}

/** Whoever asks for its order has so long before another does. */
export const decideTaken = (entry: WaitlistRecord, now: EpochMs): WaitlistChange => changeTo(entry, now);

/** It could not join all of its lines: it is due again soon, and then joins. Null where it does not wait. */
export const decideJoinAgain = (entry: WaitlistRecord, now: EpochMs): WaitlistChange | null => {
  if (!isInLine(entry)) return null;
  const change = changeTo(entry, now);
  const { nextAt } = change.entry;
  return { ...change, entry: { ...change.entry, nextAt: epochMs(Math.min(nextAt ?? Infinity, now + askAgainMs)) } };
};

/** It is in all of its lines: it is due when time changes it. Null where it does not wait. */
export const decideJoined = (entry: WaitlistRecord, now: EpochMs): WaitlistChange | null =>
  isInLine(entry) ? changeTo(entry, now) : null;

/** Its order is accepted: all else that it named ends with that. Null where that was known. */
export function decideOrdered(entry: WaitlistRecord, now: EpochMs): WaitlistChange | null {
  const next = after(entry, "ordered");
  return next && changeTo({ ...next, endedAt: now }, now);
}

/**
 * The order could not be made of the seats that it was given. Where they are gone it waits on, in its place; whatever else is against it ends
 * this train for the entry, so that the same seats are not offered to it again, and again refused.
 */
export function decideNotOrdered(entry: WaitlistRecord, why: RefusalCode, now: EpochMs): WaitlistChange | null {
  if (entry.state !== "granted" || !entry.granted) return null;
  if (isAboutSeats(why)) return changeTo({ ...after(entry, "handedBack")!, granted: null }, now);
  const { choice } = entry.granted;
  const without = { ...entry, granted: null, choices: endChoices(entry, ({ choice: n }) => n === choice, why, now) };
  if (choicesLeft(without).length > 0) return changeTo(after(without, "handedBack")!, now);
  return ended(after(without, "nothingLeft")!, why, now);
}

export const isAboutSeats = (why: RefusalCode): boolean =>
  (["SoldOut", "StandingNotYet", "WaitlistFirst", "NotOnSaleBetween"] as readonly RefusalCode[]).includes(why);

/** Its order ended without a ticket, and sends the money back itself. */
export function decideOrderLost(entry: WaitlistRecord, why: RefusalCode, now: EpochMs): WaitlistChange | null {
  const next = after(entry, "orderLost");
  return next && changeTo({ ...next, endedBecause: why, endedAt: now }, now);
}

/** What time alone does to it: trains whose time of decision has passed end, and with the last of them the entry. */
export function decideTime(entry: WaitlistRecord, now: EpochMs): WaitlistChange | null {
  if (entry.state === "awaitingPrepayment") {
    const next = entry.prepayBy + waitlistPrepayGraceMs <= now ? after(entry, "timeOver") : null;
    return next && ended(next, null, now);
  }
  if (entry.state !== "waiting") return null;
  const choices = endChoices(entry, (choice) => decideByOf(choice, entry) <= now, "WaitlistTooLate", now);
  const later = { ...entry, choices };
  if (choicesLeft(later).length === 0) return ended(after(later, "timeOver")!, null, now);
  return choicesLeft(later).length < choicesLeft(entry).length ? waitingOn(entry, later, now) : null;
}

/** Where a train does not run it serves nobody: with the last of them the entry ends. What it was given already is decided to its end. */
export function decideRunCancelled(entry: WaitlistRecord, notRun: NotRun, now: EpochMs): WaitlistChange | null {
  if (entry.state !== "waiting") return null;
  const isOver = (choice: WaitlistChoice) => choice.runId === notRun.runId && isOff(notRun, choice);
  const choices = endChoices(entry, isOver, "RunCancelled", now);
  const without = { ...entry, choices };
  if (choicesLeft(without).length === choicesLeft(entry).length) return null;
  if (choicesLeft(without).length === 0) return ended(after(without, "nothingLeft")!, "RunCancelled", now);
  return waitingOn(entry, without, now);
}

/** By its owner, at any time before it is given seats. */
export function decideCancel(entry: WaitlistRecord, now: EpochMs): Result<WaitlistChange, Refusal> {
  const next = after(entry, "cancelled");
  return next ? ok(ended(next, null, now)) : refuse(notChangeable(entry));
}

export function decideDeadline(
  entry: WaitlistRecord,
  deadlineMinutes: number,
  rules: WaitlistRules,
  now: EpochMs,
): Result<WaitlistChange, Refusal> {
  if (entry.state !== "awaitingPrepayment" && entry.state !== "waiting") return refuse(notChangeable(entry));
  const unknown = deadlineUnknown(deadlineMinutes, rules);
  if (unknown) return refuse(unknown);
  const moved = { ...entry, deadlineMinutes };
  const lastDecideBy = Math.max(...choicesLeft(moved).map((choice) => decideByOf(choice, moved)));
  if (lastDecideBy <= now) return refuse(refusal("WaitlistTooLate"));
  // Nobody prepays what is over by then.
  return ok(waitingOn(entry, { ...moved, prepayBy: epochMs(Math.min(entry.prepayBy, lastDecideBy)) }, now));
}

const notChangeable = ({ state }: WaitlistRecord) => refusal("WaitlistNotChangeable", { state });

/** The entry in its next state, or null where the table says that the event does not lead anywhere. */
function after(entry: WaitlistRecord, event: WaitlistEvent): WaitlistRecord | null {
  const state = waitlistTransitions[entry.state][event];
  return state === "refuse" || state === "ignore" ? null : { ...entry, state };
}

function endChoices(
  { choices }: WaitlistRecord,
  isOver: (choice: WaitlistChoice) => boolean,
  why: RefusalCode,
  now: EpochMs,
): WaitlistChoice[] {
  return choices.map((choice) =>
    choice.endedBecause === null && isOver(choice) ? { ...choice, endedBecause: why, endedAt: now } : choice,
  );
}

/** Without an order: what was prepaid goes back whole. */
function ended(entry: WaitlistRecord, endedBecause: RefusalCode | null, now: EpochMs): WaitlistChange {
  const change = changeTo({ ...entry, endedBecause, endedAt: now }, now);
  return entry.captured ? { ...change, messages: [moneyBack(entry.captured, entry.choices[0]!.runId)] } : change;
}

const changeTo = (entry: WaitlistRecord, now: EpochMs): WaitlistChange => ({
  entry: { ...entry, nextAt: nextAtOf(entry, now) },
  messages: [],
});

/** It waits for these trains besides. Nobody who is at it is kept from it. */
export function decideMoreChoices(
  entry: WaitlistRecord,
  choices: readonly WaitlistChoice[],
  now: EpochMs,
): WaitlistChange {
  const more = { ...entry, choices };
  return entry.state === "waiting" ? waitingOn(entry, more, now) : { entry: more, messages: [] };
}

/** The same for one that waits on: what is not in all of its lines yet is still due before its time. */
function waitingOn(before: WaitlistRecord, entry: WaitlistRecord, now: EpochMs): WaitlistChange {
  const dueByTime = nextAtOf(before, now);
  const isEarly = before.nextAt !== null && dueByTime !== null && before.nextAt < dueByTime;
  return (isEarly ? decideJoinAgain(entry, now) : null) ?? changeTo(entry, now);
}

/** When time will have changed it. */
export function nextAtOf(entry: WaitlistRecord, now: EpochMs): EpochMs | null {
  if (entry.state === "awaitingPrepayment") return epochMs(entry.prepayBy + waitlistPrepayGraceMs);
  if (entry.state === "granted") return epochMs(now + askAgainMs);
  if (!isInLine(entry)) return null;
  const times = choicesLeft(entry).map((choice) => decideByOf(choice, entry));
  assert(times.length > 0, `entry ${orderNoOf(entry.entryId)} waits for a train`);
  return epochMs(Math.min(...times));
}
