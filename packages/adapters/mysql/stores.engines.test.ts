/** The stores keep the rules of their ports on one MariaDB, and on several behind ShardingSphere-Proxy. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { createSystemClock } from "@chepiao/adapters/system";
import type { RunId } from "@chepiao/contracts";
import { orderReads } from "@chepiao/adapters/sql";
import { epochMs, hourMs, type OrderId } from "@chepiao/kernel";
import { orderStoreSuite } from "@chepiao/ports/order-store/orderStore.suite.ts";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { outboxSuite } from "@chepiao/ports/outbox/outbox.suite.ts";
import { paymentStoreSuite } from "@chepiao/ports/payment-store/payment-store.suite.ts";
import { sessionStoreSuite } from "@chepiao/ports/session-store/session-store.suite.ts";
import { timetableStoreSuite } from "@chepiao/ports/timetable-store/timetable-store.suite.ts";
import { userStoreSuite } from "@chepiao/ports/user-store/user-store.suite.ts";
import { freshMysql, type Place, tablesInEach } from "./fresh.suite.ts";
import { createOrderReader, ordersById } from "./orderReader.ts";
import { createRecorder, routingRules } from "./routing.suite.ts";
import { createMysqlStores } from "./stores.ts";

// Every slot is walked by itself, and each walk is 2,048 journeys through the proxy.
setDefaultTimeout(60_000);

for (const place of ["one MariaDB", "ShardingSphere-Proxy"] as const satisfies Place[]) {
  const mysql = await freshMysql(place);
  const { statements, record } = createRecorder();
  const database = mysql.open({ beforeStatement: record });
  const stores = createMysqlStores({
    database,
    clock: createSystemClock(),
    report: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  afterAll(() => stores[Symbol.asyncDispose]());
  const emptied = async () => {
    await mysql.wipe();
    return stores;
  };

  orderStoreSuite(place, async () => ({ store: (await emptied()).orders, outbox: stores.outbox }));
  outboxSuite(place, async () => ({
    outbox: (await emptied()).outbox,
    put: (records, now) => stores.orders.tell(records, now),
  }));
  paymentStoreSuite(place, async () => ({ store: (await emptied()).payments, outbox: stores.outbox }));
  sessionStoreSuite(place, async () => (await emptied()).sessions);
  timetableStoreSuite(place, async () => (await emptied()).timetable);
  userStoreSuite(place, async () => (await emptied()).users);

  const roads = {
    alone: (db: typeof database.sql, orderId: OrderId) => orderReads(db).load(orderId),
    "in a list": async (db: typeof database.sql, orderId: OrderId) => (await ordersById(db, [orderId]))[0] ?? null,
  };
  test.each(Object.keys(roads) as (keyof typeof roads)[])(
    `${place}: an order that ends while it is read %s is read whole`,
    async (road) => {
      const { orders } = await emptied();
      const accepted = sampleOrder({ seats: [1, 2] });
      await orders.accept([accepted], sampleNow);
      const before = (await orders.load(accepted.orderId))!;
      const tickets = before.tickets.map((ticket) => ({ ...ticket, state: "released" as const }));
      const order = { ...before, state: "expired" as const, tickets };
      let reads = 0;
      const between = database.sql.withPlugin({
        transformQuery: ({ node }) => node,
        async transformResult({ result }) {
          // Between the order's row and its tickets.
          if (reads++ === 0) await orders.change([{ order, freedSeats: [1, 2], messages: [] }], sampleNow);
          return result;
        },
      });
      const read = (await roads[road](between, accepted.orderId))!;
      expect([read.state, read.version, ...read.tickets.map(({ state }) => state)]).toEqual([
        "expired",
        before.version + 1,
        "released",
        "released",
      ]);
    },
  );

  test(`${place}: orders of many accounts are written, found overdue and changed together`, async () => {
    const { orders } = await emptied();
    const many = Array.from({ length: 60 }, (_, n) =>
      sampleOrder({ userId: n + 1, train: `G${n % 7}`, seats: [n, n + 100] }),
    );
    expect(new Set(await orders.accept(many, sampleNow))).toEqual(new Set(["pendingPayment"]));
    const late = epochMs(sampleNow + hourMs);
    const overdue = await orders.overdue(late, 100);
    expect(new Set(overdue.map((order) => order.orderId))).toEqual(new Set(many.map((order) => order.orderId)));
    expect(overdue.map((order) => order.tickets.length)).toEqual(many.map(() => 2));
    const changes = overdue.map((order) => ({
      order: { ...order, state: "expired" as const },
      freedSeats: order.tickets.map((ticket) => ticket.seatIndex),
      messages: [],
    }));
    expect(new Set(await orders.change(changes, late))).toEqual(new Set([true]));
    expect(await orders.overdue(late, 100)).toEqual([]);
    expect(await orders.soldRuns()).toEqual(new Set());
  });

  test(`${place}: the orders of a run are those that have seats in its ledger`, async () => {
    const { orders } = await emptied();
    const reader = createOrderReader(database);
    const [first, second, late, elsewhere] = [
      sampleOrder({ userId: 1, seats: [1, 2] }),
      sampleOrder({ userId: 2, seats: [3] }),
      sampleOrder({ userId: 3, seats: [3] }),
      sampleOrder({ userId: 1, seats: [1], train: "G2" }),
    ] as const;
    expect(await orders.accept([first, second, late, elsewhere], sampleNow)).toEqual([
      "pendingPayment",
      "pendingPayment",
      "rejected",
      "pendingPayment",
    ]);
    const idsOnRun = async () => new Set((await reader.ofRun(first.runId)).map(({ orderId }) => orderId));
    expect(await idsOnRun()).toEqual(new Set([first.orderId, second.orderId]));
    const order = (await orders.load(second.orderId))!;
    await orders.change([{ order: { ...order, state: "cancelled" }, freedSeats: [3], messages: [] }], sampleNow);
    expect(await idsOnRun()).toEqual(new Set([first.orderId]));
    expect((await reader.some([second.orderId, elsewhere.orderId])).map(({ state }) => state)).toEqual([
      "cancelled",
      "pendingPayment",
    ]);
    expect(await reader.ofRun("G3/2026-12-01" as RunId)).toEqual([]);
  });

  // After the suites: they say everything that is ever said.
  if (place === "ShardingSphere-Proxy") {
    routingRules(mysql.url, { databases: mysql.behind.length, tables: tablesInEach }, statements);
  }
}
