/**
 * What happens to an order that exists: event + order + now → the change to be made, a refusal, or nothing. Pure: the change is
 * made by compare-and-set on the version the decision was based on, which settles every race between payment, cancel and expiry.
 */
import {
  type LogRecord,
  type OrderAccepted,
  type PaymentCaptured,
  type Refusal,
  refusal,
  type RefundDue,
  type RefundSettled,
} from "@chepiao/contracts";
import { assert, type EpochMs, fen, ok, refuse, type Result } from "@chepiao/kernel";
import type { OrderChange, OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { type RefundGrade, refundTerms } from "./refundFee.ts";
import { type OrderEvent, orderTransitions, type TicketEvent, ticketTransitions } from "./state.ts";

export function decideCancel(order: OrderRecord): Result<OrderChange, Refusal> {
  const next = after(order, "cancelled");
  return next ? ok(letGo(next)) : refuse(refusal("OrderNotCancellable", { state: order.state }));
}

/** Null where the order is not waiting for payment any more, or its time is not yet over. */
export function decideExpire(order: OrderRecord, now: EpochMs): OrderChange | null {
  if (order.payBy > now) return null;
  const next = after(order, "expired");
  return next && letGo(next);
}

export type PaidOutcome =
  | { readonly kind: "ticketed"; readonly change: OrderChange }
  /** This very payment has been taken before. */
  | { readonly kind: "known" }
  /** The order cannot take it: the money goes back. */
  | { readonly kind: "giveBack"; readonly message: LogRecord };

/** Money came in. Ticketing follows in the same step, because a paid order that waits for tickets would help nobody. */
export function decidePaid(order: OrderRecord, captured: PaymentCaptured): PaidOutcome {
  if (order.paymentNo === captured.paymentNo) return { kind: "known" };
  const paid = captured.amountFen === order.totalFen ? after(order, "paid") : null;
  if (!paid) return { kind: "giveBack", message: paymentBack(captured, order.runId, order) };
  const ticketed = after(paid, "ticketed");
  assert(ticketed !== null, "a paid order can be ticketed");
  return {
    kind: "ticketed",
    change: {
      order: {
        ...ticketed,
        paymentNo: captured.paymentNo,
        paidAt: captured.capturedAt,
        tickets: ticketed.tickets.map((ticket) => moved(ticket, "issue")),
      },
      freedSeats: [],
      messages: [],
    },
  };
}

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
  grades: readonly RefundGrade[],
): Result<OrderChange, Refusal> {
  const wanted = new Set(command.ticketNos);
  const unknown = command.ticketNos.find((no) => !order.tickets.some((ticket) => ticket.ticketNo === no));
  if (unknown !== undefined) return refuse(refusal("TicketUnknown", { ticketNo: unknown }));

  let feeFen = 0;
  const messages: LogRecord[] = [];
  const returned: TicketRecord[] = [];
  const tickets: TicketRecord[] = [];
  for (const ticket of order.tickets) {
    if (!wanted.has(ticket.ticketNo)) {
      tickets.push(ticket);
      continue;
    }
    const terms = refundTerms(ticket.fareFen, order.departAt, now, grades);
    const state = ticketTransitions[ticket.state].giveBack;
    if (!terms || state === "refuse" || state === "ignore" || order.paymentNo === null) {
      return refuse(refusal("TicketNotRefundable", { ticketNo: ticket.ticketNo, state: ticket.state }));
    }
    feeFen += terms.feeFen;
    returned.push(ticket);
    tickets.push({ ...ticket, state, feeFen: terms.feeFen, refundFen: terms.refundFen });
    messages.push(ticketBack(order, ticket, order.paymentNo, terms.feeFen));
  }
  if (command.feeFenMax !== null && feeFen > command.feeFenMax) {
    return refuse(refusal("OrderChanged", { feeFen }));
  }
  const allBack = tickets.every((ticket) => ticket.state === "refunding" || ticket.state === "refunded");
  const next = after({ ...order, tickets }, allBack ? "allReturned" : "partReturned");
  if (!next) return refuse(refusal("TicketNotRefundable", { state: order.state }));
  return ok({
    order: next,
    freedSeats: returned.map((ticket) => ticket.seatIndex),
    messages: [seatsFreed(order, returned), ...messages],
  });
}

const ticketBack = (order: OrderRecord, ticket: TicketRecord, paymentNo: string, feeFen: number): LogRecord => ({
  topic: "payment-refund-topic",
  key: order.runId,
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
export function decideSettled(order: OrderRecord, settled: RefundSettled): OrderChange | null {
  const ticket = order.tickets.find((candidate) => candidate.ticketNo === settled.ticketNo);
  if (!ticket || ticketTransitions[ticket.state].settle === "ignore") return null;
  const tickets = order.tickets.map((other) => (other === ticket ? moved(ticket, "settle") : other));
  return { order: { ...order, tickets }, freedSeats: [], messages: [] };
}

export function decideTravelled(order: OrderRecord, now: EpochMs): OrderChange | null {
  if (order.arriveAt > now) return null;
  const next = after(order, "travelled");
  if (!next) return null;
  const tickets = next.tickets.map((ticket) => (ticket.state === "issued" ? moved(ticket, "use") : ticket));
  return { order: { ...next, tickets }, freedSeats: [], messages: [] };
}

/** The order in its next state, or null where the table says that the event does not lead anywhere. */
function after(order: OrderRecord, event: OrderEvent): OrderRecord | null {
  const state = orderTransitions[order.state][event];
  return state === "refuse" || state === "ignore" ? null : { ...order, state };
}

function moved(ticket: TicketRecord, event: TicketEvent): TicketRecord {
  const state = ticketTransitions[ticket.state][event];
  assert(state !== "refuse" && state !== "ignore", `a ticket that is ${ticket.state} cannot ${event}`);
  return { ...ticket, state };
}

/** Ends an unpaid order: its seats leave the ledger, and inventory and limits hear of it. */
function letGo(order: OrderRecord): OrderChange {
  return {
    order: { ...order, tickets: order.tickets.map((ticket) => moved(ticket, "release")) },
    freedSeats: order.tickets.map((ticket) => ticket.seatIndex),
    messages: [seatsFreed(order, order.tickets)],
  };
}

const seatsFreed = (
  order: Omit<OrderAccepted, "tickets">,
  tickets: readonly Pick<TicketRecord, "seatIndex" | "ticketNo">[],
): LogRecord => ({
  topic: "inventory-update-topic",
  key: order.runId,
  value: {
    orderId: order.orderId,
    runId: order.runId,
    seatClass: order.seatClass,
    fromStop: order.fromStop,
    toStop: order.toStop,
    seatIndexes: tickets.map((ticket) => ticket.seatIndex),
    ticketNos: tickets.map((ticket) => ticket.ticketNo),
  },
});
