/**
 * Our books of one payment against what it pays for: every captured fen is on a valid ticket, in a pending prepayment, a stated fee, or
 * refunded (I3). A payment is of all orders with its number, since tickets that replaced others and cost no more stay on theirs. Pure.
 */
import { dayMs, epochMs, type Fen, sumFen } from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import type { BookedPayment, BookedRefund, ReceivedTrade } from "@chepiao/ports/payment-store";
import type { WaitlistRecord } from "@chepiao/ports/waitlist-store";
import type { Difference, Within } from "./difference.ts";

export type PaidFor = {
  readonly booked: BookedPayment;
  /** All that name the payment, and the one that it was opened for. */
  readonly orders: readonly OrderRecord[];
  readonly entry: WaitlistRecord | null;
};

/** Money that is owed to a payer is with him by then. */
export const refundedWithinMs = dayMs;
/** An order that was in one of these states was paid. */
const paidStates: ReadonlySet<OrderRecord["state"]> = new Set(["paid", "ticketed", "completed", "refunded", "changed"]);

export const isPaid = ({ state }: Pick<OrderRecord, "state">): boolean => paidStates.has(state);

/** Has its money, or what it pays for, changed since the watermark? Then the rest of the change may be on its way. */
export const isYoung = ({ booked, orders }: PaidFor, { watermark }: Within): boolean =>
  booked.payment.changedAt >= watermark || orders.some(({ acceptedAt }) => acceptedAt >= watermark);

export function againstOrders(paidFor: PaidFor, within: Within): Difference[] {
  const { booked, orders, entry } = paidFor;
  const { payment, trades, refunds } = booked;
  const { channel, paymentNo, orderNo } = payment;
  const facts = { channel, paymentNo, orderNo };
  const paying = trades.find(({ paysOrder }) => paysOrder);
  const theirs = orders.filter((order) => order.paymentNo === paymentNo);
  return [
    ...trades.flatMap((trade) => ofTrade(trade, refunds, facts)),
    ...overdue(refunds, within).map(({ refundNo, amountFen, createdAt }) => ({
      kind: "refundOverdue" as const,
      subject: `${channel} ${refundNo}`,
      facts: { ...facts, booksFen: amountFen, createdAt },
    })),
    ...(paying ? ofPaying(paying, paidFor, theirs) : theirs.filter(isPaid).map((order) => unpaidOrder(order))),
    ...(!paying && entry && waitsOn(entry, paymentNo)
      ? [{ kind: "entryUnpaid" as const, subject: orderNo, facts: { ...facts, prepayFen: entry.prepayFen } }]
      : []),
  ];
}

/** An order that is paid as it says, by money that nobody has. */
export const unpaidOrder = ({ orderNo, paymentNo, tickets }: OrderRecord): Difference => ({
  kind: "orderUnpaid",
  subject: orderNo,
  facts: { orderNo, paymentNo, ticketFen: sumFen(tickets.filter(isValid).map(({ fareFen }) => fareFen)) },
});

type Facts = Readonly<Record<"channel" | "orderNo" | "paymentNo", string>>;

function ofTrade(trade: ReceivedTrade, refunds: readonly BookedRefund[], facts: Facts): Difference[] {
  const { tradeNo, amountFen: booksFen, paysOrder } = trade;
  const own = refunds.filter((refund) => refund.tradeNo === tradeNo);
  const backFen = sumFen(own.map(({ amountFen }) => amountFen));
  const feeFen = sumFen(own.map((refund) => refund.feeFen));
  const subject = `${facts.channel} ${tradeNo}`;
  const amounts = { booksFen, backFen, feeFen };
  if (backFen + feeFen > booksFen) return [{ kind: "refundTooMuch", subject, facts: { ...facts, ...amounts } }];
  if (!paysOrder && backFen < booksFen) return [{ kind: "surplusKept", subject, facts: { ...facts, ...amounts } }];
  return [];
}

const overdue = (refunds: readonly BookedRefund[], { now }: Within): BookedRefund[] =>
  refunds.filter(({ state, createdAt }) => state === "due" && createdAt < epochMs(now - refundedWithinMs));

function ofPaying(trade: ReceivedTrade, { booked, entry }: PaidFor, orders: readonly OrderRecord[]): Difference[] {
  const { channel, paymentNo, orderNo } = booked.payment;
  const tickets = orders.flatMap((order) => order.tickets);
  const ticketFen = sumFen(tickets.filter(isValid).map(({ fareFen }) => fareFen));
  const feeFen = sumFen(tickets.flatMap((ticket) => ticket.feeFen ?? []));
  const waitsFen = entry && waitsOn(entry, paymentNo) ? entry.prepayFen : (0 as Fen);
  const backFen = sumFen(
    booked.refunds.filter(({ tradeNo }) => tradeNo === trade.tradeNo).map(({ amountFen }) => amountFen),
  );
  const diffFen = trade.amountFen - ticketFen - feeFen - waitsFen - backFen;
  if (diffFen === 0) return [];
  const facts = {
    channel,
    paymentNo,
    orderNo,
    booksFen: trade.amountFen,
    ticketFen,
    feeFen,
    waitsFen,
    backFen,
    diffFen,
  };
  return [{ kind: diffFen > 0 ? "moneyUnused" : "moneyMissing", subject: paymentNo, facts }];
}

const isValid = ({ state }: TicketRecord): boolean => state === "issued" || state === "used";
const waitsOn = ({ state, captured }: WaitlistRecord, paymentNo: string): boolean =>
  (state === "waiting" || state === "granted") && captured?.paymentNo === paymentNo;
