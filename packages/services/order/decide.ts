/**
 * What happens to an order that exists: event + order + now → the change to be made, a refusal, or nothing. Pure: the change is
 * made by compare-and-set on the version the decision was based on, which settles every race between payment, cancel and expiry.
 */
import {
  endOf,
  firstRunOf,
  type LogRecord,
  type OrderCause,
  type OrderState,
  type PaymentCaptured,
  type PaymentPurpose,
  type Refusal,
  refusal,
  type RefundDue,
  type RefundSettled,
  type SeatsFreed,
} from "@chepiao/contracts";
import { assert, type EpochMs, fen, ok, refuse, type Result } from "@chepiao/kernel";
import type { OrderChange, OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { type Mistakes, mistakeOf, termsOf } from "./refundCase.ts";
import type { RefundRules } from "./refundFee.ts";
import { type OrderEvent, orderTransitions, type TicketEvent, ticketTransitions } from "./state.ts";

/** One way through the table of states; `refundSettled` alone is none, and leads back to where it began. */
export type OrderStep = { readonly from: OrderState; readonly to: OrderState; readonly because: OrderCause };

/** A change, and what it is made of: the caller that makes it tells each of these steps with it. */
export type DecidedChange = OrderChange & { readonly steps: readonly [OrderStep, ...OrderStep[]] };

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
  | { readonly kind: "ticketed"; readonly change: DecidedChange }
  /** This very payment has been taken before. */
  | { readonly kind: "known"; readonly change?: never }
  /** The order cannot take it: the money goes back. */
  | { readonly kind: "payBack"; readonly change?: never; readonly message: LogRecord };

/**
 * Money came in. Ticketing follows in the same step, because a paid order that waits for tickets would help nobody. What was prepaid for an
 * entry of the waitlist covers the dearest of its trains: the rest goes back.
 */
export function decidePaid(
  order: OrderRecord,
  captured: PaymentCaptured,
  purpose: PaymentPurpose = "order",
): PaidOutcome {
  if (order.paymentNo === captured.paymentNo) return { kind: "known" };
  const surplusFen = captured.amountFen - order.totalFen;
  const isRight = purpose === "waitlist" ? surplusFen >= 0 : surplusFen === 0;
  const paid = isRight ? after(order, "paid") : null;
  if (!paid) return { kind: "payBack", message: paymentBack(captured, firstRunOf(order), order) };
  const ticketed = after(paid.order, "ticketed");
  assert(ticketed !== null, "a paid order can be ticketed");
  return {
    kind: "ticketed",
    change: {
      order: {
        ...ticketed.order,
        paymentNo: captured.paymentNo,
        paidAt: captured.capturedAt,
        tickets: order.tickets.map((ticket) => moved(ticket, "issue")),
      },
      steps: [paid.step, ticketed.step],
      freedSeats: [],
      messages: surplusFen > 0 ? [differenceBack(order, captured, surplusFen)] : [],
    },
  };
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
  rules: RefundRules,
  mistakes: Mistakes,
): Result<DecidedChange, Refusal> {
  const wanted = new Set(command.ticketNos);
  const unknown = command.ticketNos.find((no) => !order.tickets.some((ticket) => ticket.ticketNo === no));
  if (unknown !== undefined) return refuse(refusal("TicketUnknown", { ticketNo: unknown }));

  let feeFen = 0;
  let isMistake = false;
  const messages: LogRecord[] = [];
  const returned: TicketRecord[] = [];
  const tickets: TicketRecord[] = [];
  for (const ticket of order.tickets) {
    if (!wanted.has(ticket.ticketNo)) {
      tickets.push(ticket);
      continue;
    }
    const terms = termsOf(order, ticket, now, rules, mistakes);
    const state = ticketTransitions[ticket.state].giveBack;
    if (!terms.ok || state === "refuse" || state === "ignore" || order.paymentNo === null) {
      const rule = terms.ok ? "notIssued" : terms.error;
      return refuse(refusal("TicketNotRefundable", { ticketNo: ticket.ticketNo, state: ticket.state, rule }));
    }
    const { feeFen: ownFeeFen, refundFen } = terms.value;
    feeFen += ownFeeFen;
    isMistake ||= terms.value.rule === "mistake";
    returned.push(ticket);
    tickets.push({ ...ticket, state, feeFen: ownFeeFen, refundFen });
    messages.push(ticketBack(order, ticket, order.paymentNo, ownFeeFen));
  }
  if (command.feeFenMax !== null && feeFen > command.feeFenMax) {
    return refuse(refusal("OrderChanged", { feeFen }));
  }
  const allBack = tickets.every((ticket) => ticket.state === "refunding" || ticket.state === "refunded");
  const next = after({ ...order, tickets }, allBack ? "allReturned" : "partReturned");
  if (!next) return refuse(refusal("TicketNotRefundable", { state: order.state }));
  const freedSeats = freedBy(order, returned);
  const mistake = isMistake ? mistakeOf(order, rules, mistakes) : null;
  return ok({
    order: next.order,
    steps: [next.step],
    freedSeats,
    messages: [...freedSeats.map(wordOfFreed), ...messages],
    ...(mistake ? { mistake } : {}),
  });
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

export function decideTravelled(order: OrderRecord, now: EpochMs): DecidedChange | null {
  if (endOf(order) > now) return null;
  const next = after(order, "travelled");
  if (!next) return null;
  const tickets = order.tickets.map((ticket) => (ticket.state === "issued" ? moved(ticket, "use") : ticket));
  return { order: { ...next.order, tickets }, steps: [next.step], freedSeats: [], messages: [] };
}

type Next = { readonly order: OrderRecord; readonly step: OrderStep };

/** The order in its next state, or null where the table says that the event does not lead anywhere. */
function after(order: OrderRecord, event: OrderEvent): Next | null {
  const state = orderTransitions[order.state][event];
  if (state === "refuse" || state === "ignore") return null;
  return { order: { ...order, state }, step: { from: order.state, to: state, because: event } };
}

function moved(ticket: TicketRecord, event: TicketEvent): TicketRecord {
  const state = ticketTransitions[ticket.state][event];
  assert(state !== "refuse" && state !== "ignore", `a ticket that is ${ticket.state} cannot ${event}`);
  return { ...ticket, state };
}

/** Ends an unpaid order: its seats leave the ledger, and inventory and limits hear of it. */
function letGo({ order, step }: Next): DecidedChange {
  const freedSeats = freedBy(order, order.tickets, { unpaid: true });
  return {
    order: { ...order, tickets: order.tickets.map((ticket) => moved(ticket, "release")) },
    steps: [step],
    freedSeats,
    messages: freedSeats.map(wordOfFreed),
  };
}

/** What goes back with these tickets, line by line. */
function freedBy(
  order: OrderRecord,
  tickets: readonly TicketRecord[],
  ended: Pick<SeatsFreed, "unpaid"> = {},
): SeatsFreed[] {
  const freed: SeatsFreed[] = [];
  for (const { line, holdLine, runId, seatClass, fromStop, toStop } of order.lines) {
    const ofLine = tickets.filter((ticket) => ticket.line === line);
    if (ofLine.length === 0) continue;
    const seatIndexes = ofLine.map(({ seatIndex }) => seatIndex);
    const ticketNos = ofLine.map(({ ticketNo }) => ticketNo);
    const way = { runId, seatClass, fromStop, toStop };
    const named = holdLine === undefined ? { line } : { line, holdLine };
    freed.push({ orderId: order.orderId, ...named, ...way, seatIndexes, ticketNos, ...ended });
  }
  return freed;
}

const wordOfFreed = (freed: SeatsFreed): LogRecord => ({
  topic: "inventory-update-topic",
  key: freed.runId,
  value: freed,
});
