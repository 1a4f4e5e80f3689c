/** The stores keep the rules of their ports on one MariaDB, and on several behind ShardingSphere-Proxy. */
import { afterAll, expect, test } from "bun:test";
import { type Kysely, sql } from "kysely";
import { createSystemClock } from "@chepiao/adapters/system";
import { firstRunOf, type RunId } from "@chepiao/contracts";
import { orderReads } from "@chepiao/adapters/sql";
import { securityEventsIn } from "@chepiao/adapters/sql/securityEvents.suite.ts";
import { epochMs, hourMs, type OrderId, slotOfOrder, type UserId } from "@chepiao/kernel";
import { sentMessagesSuite } from "@chepiao/ports/messenger/sent-messages.suite.ts";
import { leasesSuite } from "@chepiao/ports/lease/lease.suite.ts";
import { oneTimeCodesSuite } from "@chepiao/ports/one-time-codes/one-time-codes.suite.ts";
import { orderStoreSuite } from "@chepiao/ports/order-store/orderStore.suite.ts";
import { freedOf, sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { outboxSuite } from "@chepiao/ports/outbox/outbox.suite.ts";
import { paymentStoreSuite } from "@chepiao/ports/payment-store/payment-store.suite.ts";
import { runStateStoreSuite } from "@chepiao/ports/run-states/run-states.suite.ts";
import { securityEventsSuite } from "@chepiao/ports/security-events/security-events.suite.ts";
import { sessionStoreSuite } from "@chepiao/ports/session-store/session-store.suite.ts";
import { policyStoreSuite } from "@chepiao/ports/policy-store/policy-store.suite.ts";
import { gateStoreSuite } from "@chepiao/ports/gate-store/gateStore.suite.ts";
import { gatewayStoreSuite } from "@chepiao/ports/gateway-store/gatewayStore.suite.ts";
import { deliveriesSuite } from "@chepiao/ports/deliveries/deliveries.suite.ts";
import { notificationStoreSuite } from "@chepiao/ports/notification-store/notificationStore.suite.ts";
import { queueStoreSuite } from "@chepiao/ports/queue-store/queueStore.suite.ts";
import { quotaStoreSuite } from "@chepiao/ports/quota-store/quotaStore.suite.ts";
import { auditTrailSuite } from "@chepiao/ports/audit-trail/auditTrail.suite.ts";
import { reconciliationStoreSuite } from "@chepiao/ports/reconciliation-store/reconciliationStore.suite.ts";
import { riskStoreSuite } from "@chepiao/ports/risk-store/riskStore.suite.ts";
import { timetableStoreSuite } from "@chepiao/ports/timetable-store/timetable-store.suite.ts";
import { userSlotOf } from "@chepiao/ports/user-store";
import { registration, userStoreSuite } from "@chepiao/ports/user-store/user-store.suite.ts";
import { waitlistStoreSuite } from "@chepiao/ports/waitlist-store/waitlistStore.suite.ts";
import { withdrawnCoachStoreSuite } from "@chepiao/ports/withdrawn-coaches/withdrawnCoaches.suite.ts";
import { freshMysql, openFreshMysql, type Place } from "./fresh.suite.ts";
import { tablesInEach } from "./ownDatabase.ts";
import { migrateMysql } from "./migrate.ts";
import { createOrderReader, ordersById } from "./orderReader.ts";
import { createRecorder, routingRules } from "./routing.suite.ts";
import { createMysqlStores } from "./stores.ts";

// Every slot is walked by itself, and each walk is 2,048 journeys through the proxy.

for (const place of ["one MariaDB", "ShardingSphere-Proxy"] as const satisfies Place[]) {
  // Before the database is dropped: passes of theirs may be under way.
  let closeStores = async () => {};
  afterAll(() => closeStores());
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
  closeStores = async () => stores[Symbol.asyncDispose]();
  const emptied = async () => {
    await mysql.wipe();
    return stores;
  };

  orderStoreSuite(place, async () => ({ store: (await emptied()).orders, outbox: stores.outbox }));
  outboxSuite(place, async () => ({
    outbox: (await emptied()).outbox,
    put: (records, now) => stores.orders.enqueue(records, now),
  }));
  waitlistStoreSuite(place, async () => ({ store: (await emptied()).waitlist, outbox: stores.outbox }));
  paymentStoreSuite(place, async () => ({ store: (await emptied()).payments, outbox: stores.outbox }));
  oneTimeCodesSuite(place, async () => (await emptied()).codes);
  sentMessagesSuite(place, async () => (await emptied()).sentMessages);
  securityEventsSuite(place, async () => ({
    events: (await emptied()).securityEvents,
    all: () => securityEventsIn(mysql.database.sql),
  }));
  sessionStoreSuite(place, async () => (await emptied()).sessions);
  policyStoreSuite(place, async () => (await emptied()).policies);
  gateStoreSuite(place, async () => (await emptied()).gates);
  gatewayStoreSuite(place, async () => (await emptied()).gatewayRules);
  deliveriesSuite(place, async () => (await emptied()).deliveries);
  notificationStoreSuite(place, async () => (await emptied()).notifications);
  queueStoreSuite(place, async () => (await emptied()).queues);
  quotaStoreSuite(place, async () => (await emptied()).quotas);
  auditTrailSuite(place, async () => (await emptied()).auditTrail);
  reconciliationStoreSuite(place, async () => (await emptied()).reconciliation);
  riskStoreSuite(place, async () => (await emptied()).risk);
  withdrawnCoachStoreSuite(place, async () => (await emptied()).withdrawnCoaches);
  runStateStoreSuite(place, async () => (await emptied()).runStates);
  timetableStoreSuite(place, async () => (await emptied()).timetable);
  userStoreSuite(place, async () => (await emptied()).users);
  leasesSuite(place, async () => ({ leases: (await emptied()).leases, pass: (ms) => Bun.sleep(ms) }));

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
          if (reads++ === 0) await orders.change([{ order, freedSeats: freedOf(order), messages: [] }], sampleNow);
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
      freedSeats: freedOf(order),
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
    const idsOnRun = async () => new Set((await reader.ofRun(firstRunOf(first))).map(({ orderId }) => orderId));
    expect(await idsOnRun()).toEqual(new Set([first.orderId, second.orderId]));
    const order = (await orders.load(second.orderId))!;
    await orders.change(
      [{ order: { ...order, state: "cancelled" }, freedSeats: freedOf(order), messages: [] }],
      sampleNow,
    );
    expect(await idsOnRun()).toEqual(new Set([first.orderId]));
    expect((await reader.some([second.orderId, elsewhere.orderId])).map(({ state }) => state)).toEqual([
      "cancelled",
      "pendingPayment",
    ]);
    expect(await reader.ofRun("G3/2026-12-01" as RunId)).toEqual([]);
  });

  test(`${place}: mail addresses of versions before are found by their slots, and sealed each once`, async () => {
    const { users } = await emptied();
    const ids = Array.from({ length: 8 }, (_, n) => (n + 1) as UserId);
    for (const userId of ids) await users.register(registration(userId));
    const slots = ids.map(userSlotOf);
    const write = database.sql.updateTable("t_user");
    for (const userId of ids)
      await write
        .set({ email: `${userId}@example.com` })
        .where("slot", "=", userSlotOf(userId))
        .where("user_id", "=", userId)
        .execute();
    const allClear = async () => (await Promise.all(slots.map((slot) => users.clearEmails(slot, 100)))).flat();
    const clear = await allClear();
    expect(clear.toSorted((a, b) => a.userId - b.userId)).toEqual(
      ids.map((userId) => ({ userId, email: `${userId}@example.com` })),
    );
    const sealed = { emailSealed: "sealed", emailMasked: "masked" };
    for (const one of clear) {
      const seals = await Promise.all([1, 2].map(() => users.sealEmail(one, sealed)));
      expect(seals.filter(Boolean)).toHaveLength(1);
    }
    expect(await allClear()).toEqual([]);
    expect(await users.byId(ids[3]!)).toMatchObject(sealed);
  });

  test(`I1 ${place}: orders of before there were lines are orders of one line, and hold the seats that they held`, async () => {
    await using before = await openFreshMysql(place);
    const open = () => createMysqlStores({ database: before.open(), clock: createSystemClock(), report: () => {} });
    const [sold, released] = [sampleOrder({ seats: [3, 4] }), sampleOrder({ seats: [5], userId: 2 })];
    {
      await using writer = open();
      await writer.orders.accept([sold, released], sampleNow);
    }
    await asBeforeLines(before.database.sql);
    // What a process of before has noted, and died over.
    await sql`insert into t_seat_release (order_id, seat_index, slot, run_id, create_time)
      values (${released.orderId}, 5, ${slotOfOrder(released.orderId)}, ${firstRunOf(released)}, 0)`.execute(
      before.database.sql,
    );
    await migrateMysql(before.database);
    await using ours = open();
    const order = (await ours.orders.load(sold.orderId))!;
    expect([order.lines, order.tickets.map(({ line, seatIndex }) => [line, seatIndex])]).toEqual([
      sold.lines,
      [
        [0, 3],
        [0, 4],
      ],
    ]);
    const wanted = [sampleOrder({ seats: [4], userId: 3 }), sampleOrder({ seats: [5], userId: 3 })];
    expect(await ours.orders.accept(wanted, sampleNow)).toEqual(["rejected", "pendingPayment"]);
    await ours.orders.change(
      [{ order: { ...order, state: "cancelled" }, freedSeats: freedOf(sold), messages: [] }],
      sampleNow,
    );
    const later = sampleOrder({ seats: [3, 4], userId: 4, furtherLines: [{ seats: [3], seatClass: "first" }] });
    expect(await ours.orders.accept([later], sampleNow)).toEqual(["pendingPayment"]);
  });

  // After the suites: they say everything that is ever said.
  if (place === "ShardingSphere-Proxy") {
    routingRules(mysql.url, { databases: mysql.behind.length, tables: tablesInEach }, statements);
  }
}

/** The tables as version 0.1.0 left them. */
async function asBeforeLines(db: Kysely<any>): Promise<void> {
  for (const [table, key] of [
    ["t_seat_claim", "slot, run_id, order_id, seat_index"],
    ["t_seat_release", "order_id, seat_index"],
  ] as const)
    await sql
      .raw(`alter table ${table} drop column line_index, drop primary key, add primary key (${key})`)
      .execute(db);
  await sql`alter table t_order_due drop column line_count`.execute(db);
  await sql`alter table t_order_detail drop column line_index`.execute(db);
  await sql`alter table t_order drop column line_count`.execute(db);
  await sql`drop table t_order_line`.execute(db);
  for (const [table, column] of [
    ["t_user", "email_sealed"],
    ["t_user", "email_masked"],
    ["t_user", "phone_proof_time"],
    ["t_user_unique", "proved"],
  ] as const)
    await sql`alter table ${sql.table(table)} drop column ${sql.ref(column)}`.execute(db);
  await sql`delete from t_migration where name >= '0015-order-lines'`.execute(db);
}
