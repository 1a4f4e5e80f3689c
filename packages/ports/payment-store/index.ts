import { port } from "@chepiao/ports/port";
import type { PaymentStore } from "./payment-store.ts";

export type {
  BookedPayment,
  BookedRefund,
  ChangeOutcome,
  OpenPayment,
  PaymentChange,
  PaymentFile,
  PaymentRow,
  PaymentStore,
  PaymentTotals,
  ReceivedTrade,
  Refund,
  RefundChange,
  Trade,
} from "./payment-store.ts";
export { createMemoryPaymentStore } from "./payment-store.memory.ts";
export { paymentNoOf, slotOfPayment } from "./payment-no.ts";
export { moneyVersion, type RefundReason, refundReasons } from "./payment-store.ts";

export const paymentStorePort = port<PaymentStore>("payments");
