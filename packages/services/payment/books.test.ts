/** The books as the room keeps them, in memory. On SQL: apps/server/books.test.ts and books.engines.test.ts. */
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryPaymentStore } from "@chepiao/ports/payment-store";
import { paymentBooksSuite } from "./books.suite.ts";

paymentBooksSuite("memory", () => {
  const outbox = createMemoryOutbox();
  const store = createMemoryPaymentStore(outbox);
  return { outbox, stores: [store, store] };
});
