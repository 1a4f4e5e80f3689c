/** The stores keep the rules of their ports on one MariaDB, and on two behind ShardingSphere-Proxy. */
import { setDefaultTimeout } from "bun:test";
import { createSystemClock } from "@chepiao/adapters/system";
import { orderStoreSuite } from "@chepiao/ports/order-store/orderStore.suite.ts";
import { outboxSuite } from "@chepiao/ports/outbox/outbox.suite.ts";
import { paymentStoreSuite } from "@chepiao/ports/payment-store/payment-store.suite.ts";
import { sessionStoreSuite } from "@chepiao/ports/session-store/session-store.suite.ts";
import { timetableStoreSuite } from "@chepiao/ports/timetable-store/timetable-store.suite.ts";
import { userStoreSuite } from "@chepiao/ports/user-store/user-store.suite.ts";
import { freshMysql, type Place } from "./fresh.suite.ts";
import { createMysqlStores } from "./stores.ts";

// Every slot is walked by itself, and each walk is 2,048 journeys through the proxy.
setDefaultTimeout(60_000);

for (const place of ["one MariaDB", "ShardingSphere-Proxy"] as const satisfies Place[]) {
  const mysql = await freshMysql(place);
  const clock = createSystemClock();
  const stores = createMysqlStores({
    database: mysql.database,
    clock,
    report: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  const emptied = async () => {
    await mysql.wipe();
    return stores;
  };

  orderStoreSuite(place, async () => ({ store: (await emptied()).orders, outbox: stores.outbox }));
  outboxSuite(place, async () => {
    await mysql.wipe();
    return { outbox: stores.outbox, put: (records, now) => stores.orders.tell(records, now) };
  });
  paymentStoreSuite(place, async () => ({ store: (await emptied()).payments, outbox: stores.outbox }));
  sessionStoreSuite(place, async () => (await emptied()).sessions);
  timetableStoreSuite(place, async () => (await emptied()).timetable);
  userStoreSuite(place, async () => (await emptied()).users);
}
