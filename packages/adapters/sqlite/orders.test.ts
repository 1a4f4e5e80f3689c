import { createSqlOrderStore, createSqlOutbox } from "@chepiao/adapters/sql";
import { orderStoreSuite } from "@chepiao/ports/order-store/orderStore.suite.ts";
import { openSqlite } from "./database.ts";
import { createOrderWriter } from "./orderWriter.ts";

orderStoreSuite("sqlite", async () => {
  const database = await openSqlite(":memory:");
  return {
    store: createSqlOrderStore(database.sql, createOrderWriter(database)),
    outbox: createSqlOutbox(database.sql),
  };
});
