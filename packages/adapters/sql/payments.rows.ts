/** How rows of the payment room are read. */
import type { Selectable } from "kysely";
import { paymentPurposes, paymentStates, refundStates, type RunId, wordOf } from "@chepiao/contracts";
import { epochMs, fen, type OrderNo, type UserId } from "@chepiao/kernel";
import { type PaymentRow, type ReceivedTrade, type Refund, refundReasons } from "@chepiao/ports/payment-store";
import type { PaymentRecord, RefundRecord, TradeRecord } from "./payments.tables.ts";

export const paymentColumns = [
  "payment_no",
  "order_no",
  "purpose",
  "run_id",
  "user_id",
  "channel",
  "amount_fen",
  "state",
  "version",
  "pay_by",
  "pay_url",
  "create_time",
] as const;
export const tradeColumns = ["payment_no", "trade_no", "amount_fen", "paid_at", "pays_order"] as const;
export const refundColumns = [
  "refund_no",
  "payment_no",
  "order_no",
  "run_id",
  "channel",
  "trade_no",
  "ticket_no",
  "amount_fen",
  "fee_fen",
  "reason",
  "state",
  "attempts",
] as const;

export const paymentFrom = (row: Pick<Selectable<PaymentRecord>, (typeof paymentColumns)[number]>): PaymentRow => ({
  paymentNo: row.payment_no,
  orderNo: row.order_no as OrderNo,
  purpose: wordOf(paymentPurposes, row.purpose),
  runId: row.run_id as RunId,
  userId: Number(row.user_id) as UserId,
  channel: row.channel,
  amountFen: fen(Number(row.amount_fen)),
  state: wordOf(paymentStates, row.state),
  version: Number(row.version),
  payBy: epochMs(Number(row.pay_by)),
  payUrl: row.pay_url,
  createdAt: epochMs(Number(row.create_time)),
});
export const tradeFrom = (row: Pick<TradeRecord, (typeof tradeColumns)[number]>): ReceivedTrade => ({
  tradeNo: row.trade_no,
  amountFen: fen(Number(row.amount_fen)),
  paidAt: epochMs(Number(row.paid_at)),
  paysOrder: row.pays_order === 1,
});
export const refundFrom = (row: Pick<RefundRecord, (typeof refundColumns)[number]>): Refund => ({
  refundNo: row.refund_no,
  paymentNo: row.payment_no,
  orderNo: row.order_no as OrderNo,
  runId: row.run_id as RunId,
  channel: row.channel,
  tradeNo: row.trade_no,
  ticketNo: row.ticket_no,
  amountFen: fen(Number(row.amount_fen)),
  feeFen: fen(Number(row.fee_fen)),
  reason: wordOf(refundReasons, row.reason),
  state: wordOf(refundStates, row.state),
  attempts: row.attempts,
});
