import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryPaymentStore } from "./payment-store.memory.ts";
import { paymentStoreSuite } from "./payment-store.suite.ts";

paymentStoreSuite("memory", () => {
  const outbox = createMemoryOutbox();
  return { outbox, store: createMemoryPaymentStore(outbox) };
});
