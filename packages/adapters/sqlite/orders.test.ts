import { orderStoreSuite } from "@chepiao/ports/order-store/orderStore.suite.ts";
import { openSqlite } from "./database.ts";
import { createStores } from "./stores.ts";

orderStoreSuite("sqlite", async () => {
  const database = await openSqlite(":memory:");
  const stores = createStores(database);
  return {
    store: stores.orders,
    outbox: stores.outbox,
  };
});
