/**
 * What arriving and leaving money means (I3): pure, and the same for every store, which calls these inside its transaction.
 * Every trade either pays the order or is owed back in full from the moment it is recorded.
 */
import type { PaymentState, RefundDue } from "@chepiao/contracts";
import { type Fen, fen } from "@chepiao/kernel";
import type { PaymentFile, PaymentRow, ReceivedTrade, Refund, RefundReason, Trade } from "./payment-store.ts";
import { paymentTransitions } from "./state.ts";

export type TradeVerdict =
  | { readonly outcome: "captured"; readonly state: PaymentState }
  | { readonly outcome: "duplicatePayment" | "wrongAmount" };

/** `orderIsPaid`: some trade of this order, through whichever channel, already pays for it. */
export function judgeTrade(payment: PaymentRow, orderIsPaid: boolean, trade: Trade): TradeVerdict {
  if (trade.amountFen !== payment.amountFen) return { outcome: "wrongAmount" };
  const next = paymentTransitions[payment.state].paid;
  if (next === "refuse" || orderIsPaid) return { outcome: "duplicatePayment" };
  return { outcome: "captured", state: next };
}

/** Money that pays for nothing goes back whole. Its number follows from the trade, so it can only be made once. */
export const selfRefundOf = (payment: PaymentRow, trade: Trade, reason: RefundReason): Refund => ({
  refundNo: `self-${payment.channel}-${trade.tradeNo}`,
  paymentNo: payment.paymentNo,
  orderNo: payment.orderNo,
  runId: payment.runId,
  channel: payment.channel,
  tradeNo: trade.tradeNo,
  ticketNo: null,
  amountFen: trade.amountFen,
  feeFen: fen(0),
  reason,
  state: "due",
  attempts: 0,
});

export const refundOf = (payment: PaymentRow, trade: Trade, due: RefundDue): Refund => ({
  ...selfRefundOf(payment, trade, due.reason),
  refundNo: due.refundNo,
  ticketNo: due.ticketNo,
  amountFen: due.amountFen,
  feeFen: due.feeFen,
});

/**
 * The trade that a refund asked for by the order room is taken from: the one that pays the order, while it still holds that
 * much. Null where the money is not there: paying it out would be paying twice.
 */
export function tradeToDrawOn(file: PaymentFile, amountFen: Fen, feeFen: Fen): ReceivedTrade | null {
  if (amountFen < 0 || feeFen < 0) return null;
  const trade = file.trades.find(({ paysOrder }) => paysOrder);
  if (!trade) return null;
  let leftFen: number = trade.amountFen;
  for (const refund of file.refunds) if (refund.tradeNo === trade.tradeNo) leftFen -= refund.amountFen + refund.feeFen;
  return amountFen + feeFen <= leftFen ? trade : null;
}
