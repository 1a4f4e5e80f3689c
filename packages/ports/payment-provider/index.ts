/** Providers that take money for us and give it back. */
import { port } from "@chepiao/ports/port";
import type { PaymentProvider } from "./payment-provider.ts";

export type {
  Notice,
  NoticeFault,
  NoticeOutcome,
  NoticeReply,
  PaymentProvider,
  ProviderTrade,
  RawNotice,
  RefundOrder,
  StartPayment,
  StatementLine,
} from "./payment-provider.ts";
export { isStatementLine } from "./payment-provider.ts";
export {
  createMemoryProvider,
  jsonNotices,
  type MemoryProvider,
  type NoticeFields,
  type NoticeLanguage,
} from "./payment-provider.memory.ts";

/** The first is the one taken where a payer names none. */
export const paymentProvidersPort = port<readonly PaymentProvider[]>("payment providers");
