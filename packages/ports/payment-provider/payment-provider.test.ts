import { epochMs, fen } from "@chepiao/kernel";
import type { PaymentNotice } from "@chepiao/contracts";
import { createMemoryProvider } from "./payment-provider.memory.ts";
import { paymentProviderSuite } from "./payment-provider.suite.ts";

paymentProviderSuite("memory", () => {
  const provider = createMemoryProvider();
  const notices = new Map<string, PaymentNotice>();
  return {
    provider,
    async pay(paymentNo) {
      notices.set(paymentNo, provider.pay(paymentNo, fen(55_300), epochMs(1_000)).notice);
    },
    notice: async (paymentNo) => notices.get(paymentNo)!,
  };
});
