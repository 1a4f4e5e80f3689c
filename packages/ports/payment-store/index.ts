export type {
  CaptureOutcome,
  OpenPayment,
  PaymentFile,
  PaymentRow,
  PaymentStore,
  PaymentTotals,
  ReceivedTrade,
  Refund,
  RefundOutcome,
  Trade,
} from "./payment-store.ts";
export { createMemoryPaymentStore } from "./payment-store.memory.ts";
export { paymentNoOf, slotOfPayment } from "./payment-no.ts";
export { type RefundReason, refundReasons } from "./payment-store.ts";
export { judgeTrade, refundOf, selfRefundOf, tradeToDrawOn } from "./rules.ts";
export { type PaymentEvent, paymentTransitions } from "./state.ts";
