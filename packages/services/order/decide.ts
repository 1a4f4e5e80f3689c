/**
 * What happens to an order that exists: event + order + now → the change to be made, a refusal, or nothing. Pure: the change is
 * made by compare-and-set on the version the decision was based on, which settles every race between payment, cancel and expiry.
 */
import {
  firstRunOf,
  lineOf,
  type LogRecord,
  type PaymentCaptured,
  type PaymentPurpose,
  type Refusal,
  refusal,
  type RefundDue,
  type RefundSettled,
} from "@chepiao/contracts";
import { type EpochMs, fen, ok, refuse, type Result } from "@chepiao/kernel";
import { hasGone, isNotRun, type OrderRecord, type TicketRecord } from "@chepiao/ports/order-store";
import type { NotRun } from "@chepiao/ports/run-states";
import { decideReplaced, replacedGone } from "./change/decide.ts";
import { mistakeOf, type RefundBasis, termsOf } from "./refundCase.ts";
import type { RefundTerms } from "./refundFee.ts";
import { ticketTransitions } from "./state.ts";
import {
  after,
  type DecidedChange,
  freedBy,
  letGo,
  moved,
  type OrderStep,
  ticketed,
  wordOfFreed,
} from "./transitions.ts";

export function decideCancel(order: OrderRecord): Result<DecidedChange, Refusal> {
  const next = after(order, "cancelled");
  return next ? ok(letGo(next)) : refuse(refusal("OrderNotCancellable", { state: order.state }));
}

/** Null where the order is not waiting for payment any more, or its time is not yet over. */
export function decideExpire(order: OrderRecord, now: EpochMs): DecidedChange | null {
  if (order.payBy > now) return null;
  const next = after(order, "expired");
  return next && letGo(next);
}

export type PaidOutcome =
  | { readonly kind: "ticketed"; readonly change: DecidedChange; readonly together?: DecidedChange }
  /** What the order was to replace is gone: it ends, and the money goes back. */
  | { readonly kind: "replacedGone"; readonly change: DecidedChange; readonly together?: never }
  /** This very payment has been taken before. */
  | { readonly kind: "known"; readonly change?: never; readonly together?: never }
  /** The order cannot take it: the money goes back. */
  | { readonly kind: "payBack"; readonly change?: never; readonly together?: never; readonly message: LogRecord };

type Replaced = { readonly order: OrderRecord | null; readonly now: EpochMs };

/**
 * Money came in. Ticketing follows in the same step, because a paid order that waits for tickets would help nobody. What was prepaid for an
 * entry of the waitlist covers the dearest of its trains: the rest goes back.
 *
 * @param replaced the order whose tickets this one is to replace, which changes in the same step, and what time it is
 */
export function decidePaid(
  order: OrderRecord,
  captured: PaymentCaptured,
  purpose: PaymentPurpose = "order",
  replaced: Replaced | null = null,
): PaidOutcome {
  if (order.paymentNo === captured.paymentNo) return { kind: "known" };
  const surplusFen = captured.amountFen - order.totalFen;
  const isRight = purpose === "waitlist" ? surplusFen >= 0 : surplusFen === 0;
  const money = { paymentNo: captured.paymentNo, paidAt: captured.capturedAt };
  const rest = surplusFen > 0 ? [differenceBack(order, captured, surplusFen)] : [];
  const change = isRight && !order.replaces?.isCarried ? ticketed(order, money, rest) : null;
  const back = paymentBack(captured, firstRunOf(order), order);
  if (!change) return { kind: "payBack", message: back };
  if (!order.replaces) return { kind: "ticketed", change };
  const together = replaced && decideReplaced(order, order.replaces, replaced.order, replaced.now);
  if (together) return { kind: "ticketed", change, together };
  const gone = replacedGone(order);
  return { kind: "replacedGone", change: { ...gone, messages: [...gone.messages, back] } };
}

const differenceBack = (order: OrderRecord, { paymentNo }: PaymentCaptured, surplusFen: number): LogRecord => ({
  topic: "payment-refund-topic",
  key: firstRunOf(order),
  value: {
    refundNo: `${paymentNo}-difference`,
    paymentNo,
    orderNo: order.orderNo,
    ticketNo: null,
    amountFen: fen(surplusFen),
    feeFen: fen(0),
    reason: "waitlistDifference",
  } satisfies RefundDue,
});

/** Money for an order that could not take it, or that nobody knows. Asking twice is one refund. */
export const paymentBack = (
  captured: PaymentCaptured,
  key: string,
  order: Pick<OrderRecord, "paymentNo"> | null,
): LogRecord => ({
  topic: "payment-refund-topic",
  key,
  value: {
    refundNo: `${captured.paymentNo}-late`,
    paymentNo: captured.paymentNo,
    orderNo: captured.orderNo,
    ticketNo: null,
    amountFen: captured.amountFen,
    feeFen: fen(0),
    reason: order === null ? "orderGone" : order.paymentNo === null ? "latePayment" : "duplicatePayment",
  } satisfies RefundDue,
});

export type RefundCommand = { readonly ticketNos: readonly string[]; readonly feeFenMax: number | null };

export function decideRefund(
  order: OrderRecord,
  command: RefundCommand,
  now: EpochMs,
  basis: RefundBasis,
): Result<DecidedChange, Refusal> {
  const wanted = new Set(command.ticketNos);
  const unknown = command.ticketNos.find((no) => !order.tickets.some((ticket) => ticket.ticketNo === no));
  if (unknown !== undefined) return refuse(refusal("TicketUnknown", { ticketNo: unknown }));

  const given = new Map<TicketRecord, RefundTerms>();
  for (const ticket of order.tickets) {
    if (!wanted.has(ticket.ticketNo)) continue;
    const terms = termsOf(order, ticket, now, basis);
    if (!terms.ok) {
      const facts = { ticketNo: ticket.ticketNo, state: ticket.state, rule: terms.error };
      return refuse(refusal("TicketNotRefundable", facts));
    }
    given.set(ticket, terms.value);
  }
  const feeFen = [...given.values()].reduce((sum, terms) => sum + terms.feeFen, 0);
  if (command.feeFenMax !== null && feeFen > command.feeFenMax) {
    return refuse(refusal("OrderChanged", { feeFen }));
  }
  const change = takenBack(order, given);
  if (!change) return refuse(refusal("TicketNotRefundable", { state: order.state }));
  const isMistake = [...given.values()].some(({ rule }) => rule === "mistake");
  const mistake = isMistake ? mistakeOf(order, basis.rules, basis.mistakes) : null;
  return ok(mistake ? { ...change, mistake } : change);
}

/**
 * What becomes of an order whose train does not run, or not all the way: its tickets for that go back without a fee, its others stay; one that
 * waits for its money ends. Null where there is nothing left of that. Who has gone a part of the way is left to staff.
 */
export function decideRunCancelled(order: OrderRecord, notRun: NotRun): DecidedChange | null {
  if (order.state === "pendingPayment") {
    const next = order.lines.some((line) => isNotRun(line, notRun)) ? after(order, "cancelled") : null;
    // It was not its buyer who has ended it: it counts against nobody.
    return next && letGo({ ...next, order: { ...next.order, endedBecause: "RunCancelled" } }, {});
  }
  const isNotCarried = (ticket: TicketRecord) =>
    isNotRun(lineOf(order, ticket), notRun) && ticketTransitions[ticket.state].notCarried === "refunding";
  const given = order.tickets.filter((ticket) => isNotCarried(ticket) && !hasGone(ticket, lineOf(order, ticket)));
  if (given.length === 0) return null;
  const change = takenBack(order, new Map(given.map((ticket) => [ticket, whole(ticket)])));
  const amountFen = fen(given.reduce((sum, { fareFen }) => sum + fareFen, 0));
  return change && { ...change, runRefund: { runId: notRun.runId, ticketCount: given.length, amountFen } };
}

type Terms = Pick<RefundTerms, "feeFen" | "refundFen" | "rule">;
const whole = ({ fareFen }: TicketRecord): Terms => ({ rule: "runCancelled", feeFen: fen(0), refundFen: fareFen });

/** The order without these tickets, which go back on those terms. Null where its states do not allow that. */
function takenBack(order: OrderRecord, given: ReadonlyMap<TicketRecord, Terms>): DecidedChange | null {
  const { paymentNo } = order;
  if (paymentNo === null) return null;
  const tickets: TicketRecord[] = [];
  for (const ticket of order.tickets) {
    const terms = given.get(ticket);
    const event = terms?.rule === "runCancelled" ? "notCarried" : "giveBack";
    const state = terms ? ticketTransitions[ticket.state][event] : ticket.state;
    if (state === "refuse" || state === "ignore") return null;
    tickets.push(terms ? { ...ticket, state, feeFen: terms.feeFen, refundFen: terms.refundFen } : ticket);
  }
  const allBack = tickets.every(({ state }) => state === "refunding" || state === "refunded" || state === "changed");
  const next = after({ ...order, tickets }, allBack ? "allReturned" : "partReturned");
  if (!next) return null;
  // An order whose trips are over has no seats to give back.
  const freedSeats = order.state === "completed" ? [] : freedBy(order, [...given.keys()]);
  const dues = [...given].map(([ticket, { feeFen }]) => ticketBack(order, ticket, paymentNo, feeFen));
  return { order: next.order, steps: [next.step], freedSeats, messages: [...freedSeats.map(wordOfFreed), ...dues] };
}

const ticketBack = (order: OrderRecord, ticket: TicketRecord, paymentNo: string, feeFen: number): LogRecord => ({
  topic: "payment-refund-topic",
  key: firstRunOf(order),
  value: {
    refundNo: `${ticket.ticketNo}-back`,
    paymentNo,
    orderNo: order.orderNo,
    ticketNo: ticket.ticketNo,
    amountFen: fen(ticket.fareFen - feeFen),
    feeFen: fen(feeFen),
    reason: "ticketReturned",
  } satisfies RefundDue,
});

/** The payer has the money back. Null where that was known, or is about a payment rather than a ticket. */
export function decideSettled(order: OrderRecord, settled: RefundSettled): DecidedChange | null {
  const ticket = order.tickets.find((candidate) => candidate.ticketNo === settled.ticketNo);
  if (!ticket || ticketTransitions[ticket.state].settle === "ignore") return null;
  const tickets = order.tickets.map((other) => (other === ticket ? moved(ticket, "settle") : other));
  const step: OrderStep = { from: order.state, to: order.state, because: "refundSettled" };
  return { order: { ...order, tickets }, steps: [step], freedSeats: [], messages: [] };
}

/** Each ticket is used when its own trip has ended, and the order is over with the last of them. */
export function decideTravelled(order: OrderRecord, now: EpochMs): DecidedChange | null {
  if (order.state !== "ticketed") return null;
  const hasEnded = (ticket: TicketRecord) => lineOf(order, ticket).arriveAt <= now;
  const tickets = order.tickets.map((ticket) =>
    ticket.state === "issued" && hasEnded(ticket) ? moved(ticket, "use") : ticket,
  );
  const isUnderWay = tickets.some(
    (ticket) => ticket.state === "issued" || (ticket.state === "used" && !hasEnded(ticket)),
  );
  const next = isUnderWay ? null : after(order, "travelled");
  if (next) return { order: { ...next.order, tickets }, steps: [next.step], freedSeats: [], messages: [] };
  if (tickets.every((ticket, n) => ticket === order.tickets[n])) return null;
  const step: OrderStep = { from: order.state, to: order.state, because: "partTravelled" };
  return { order: { ...order, tickets }, steps: [step], freedSeats: [], messages: [] };
}
