export type { PaymentProvider, ProviderTrade, RefundOrder, StartPayment } from "./payment-provider.ts";
export { createMemoryProvider, type MemoryProvider } from "./payment-provider.memory.ts";
export { noticeIsSigned, signNotice } from "./notice-signature.ts";
