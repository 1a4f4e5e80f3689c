import { createSqlOutbox, createSqlPaymentStore } from "@chepiao/adapters/sql";
import { paymentStoreSuite } from "@chepiao/ports/payment-store/payment-store.suite.ts";
import { openSqlite } from "./index.ts";

paymentStoreSuite("sqlite", async () => {
  const database = await openSqlite(":memory:");
  return {
    store: createSqlPaymentStore(database.sql),
    outbox: createSqlOutbox(database.sql),
    close: async () => database[Symbol.asyncDispose](),
  };
});
