/**
 * I1 and I6 where an order, its seats and its passengers' trips lie on different servers: processes die before any of their statements,
 * several decide about the same seats and passengers at once, and a server loses what another one has committed.
 */
import { expect, test } from "bun:test";
import { sql } from "kysely";
import { seatMask, slotOfText } from "@chepiao/adapters/sql";
import { firstRunOf, type OrderAccepted } from "@chepiao/contracts";
import { createPrng, epochMs, hourMs, type OrderId, type Prng, slotOfOrder } from "@chepiao/kernel";
import {
  tripClaimsOf,
  createMemoryOrderStore,
  isTripState,
  liveOrderOf,
  type OrderChange,
  type OrderRecord,
  type OrderStore,
  seatHoldingStates,
} from "@chepiao/ports/order-store";
import { freedOf, sampleDeparture, sampleNow as now, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { excesses } from "@chepiao/ports/reservations/reservations.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import type { Statement } from "./connection.ts";
import type { MysqlDatabase } from "./database.ts";
import { createDocumentTrips } from "./documentTrips.ts";
import { type FreshMysql, freshMysql } from "./fresh.suite.ts";
import { ask, tablesInEach } from "./ownDatabase.ts";
import { createMysqlOrderStore } from "./orders.ts";
import { tripLimitsDefault } from "@chepiao/ports/reservations";
import { createSeatLedger } from "./seatLedger.ts";

/** Small numbers, so that few orders reach them. */
const limits = { ...tripLimitsDefault, ticketsPerUserRun: 5, gapMs: 0 };
const seed = Number(process.env["SEED"] ?? 20261122);
const one = await freshMysql("one MariaDB");
const many = await freshMysql("ShardingSphere-Proxy");
const places = [
  ["one MariaDB", one],
  ["ShardingSphere-Proxy", many],
] as const;

function aProcess(database: MysqlDatabase) {
  const ledger = createSeatLedger(database.sql);
  return {
    ledger,
    orders: createMysqlOrderStore({
      sql: database.sql,
      ledger,
      trips: createDocumentTrips(database.sql),
      report: () => {},
    }),
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const cancelled = (order: OrderRecord): OrderChange => ({
  order: { ...order, state: "cancelled", tickets: order.tickets.map((ticket) => ({ ...ticket, state: "released" })) },
  freedSeats: freedOf(order),
  messages: [{ topic: "order-create-topic", key: firstRunOf(order), value: order }],
});
const ticketed = (order: OrderRecord): OrderChange => ({
  order: { ...order, state: "ticketed", tickets: order.tickets.map((ticket) => ({ ...ticket, state: "issued" })) },
  freedSeats: [],
  messages: [],
});
const partReturned = (order: OrderRecord): OrderChange => ({
  order: {
    ...order,
    tickets: order.tickets.map((ticket, n) => (n === 0 ? { ...ticket, state: "refunding" } : ticket)),
  },
  freedSeats: freedOf({ ...order, tickets: [order.tickets[0]!] }),
  messages: [],
});

for (const [place, mysql] of places) {
  for (const [run, by] of (["seats", "passengers", "accounts"] as const).entries()) {
    test(`I1 I6 I7 ${place}: whatever statement a process dies before, ${by} end as if none had died (seed ${seed + run})`, async () => {
      await mysql.wipe();
      const prng = createPrng(seed + run);
      const mortal = createMortal(mysql, prng);
      const twin = createMemoryOrderStore(createMemoryOutbox());
      const all: OrderAccepted[] = [];
      for (const _ of upTo(40)) {
        if (all.length === 0 || prng.chance(0.6)) {
          const fresh = upTo(prng.below(6)).map(() => someOrder(prng, by));
          all.push(...fresh);
          const batch = all.length > 0 && prng.chance(0.3) ? [...fresh, prng.pick(all)] : fresh;
          await mortal.atLast((store) => store.accept(batch, now, limits));
          await twin.accept(batch, now, limits);
        } else {
          const changes = await someChanges(prng, twin, all);
          await mortal.atLast(async (store) => {
            const loaded = await Promise.all(changes.map(({ order }) => store.load(order.orderId)));
            await store.change(
              changes.filter(({ order }, n) => loaded[n]!.version === order.version),
              now,
            );
          });
          await twin.change(changes, now);
        }
      }
      const { orders, ledger } = aProcess(mysql.database);
      for (const { orderId } of all) expect(await orders.load(orderId)).toEqual(await twin.load(orderId));
      await ledger.finish(epochMs(now + hourMs));
      await audit(mysql.database, orders, all);
      expect(mortal.deaths()).toBeGreaterThan(5);
    });
  }

  for (const by of ["seats", "passengers", "accounts"] as const)
    test(`I1 I6 ${place}: of several processes that claim the same ${by} at once, one gets each`, async () => {
      await mysql.wipe();
      const prng = createPrng(seed);
      const databases = upTo(4).map(() => mysql.open({ connectionsMax: 2 }));
      const all = upTo(120).map(() => someOrder(prng, by));
      // Each order is delivered to two processes, as after a consumer was thought dead and was not.
      const outcomes = await Promise.all(
        databases.map((database, n) => {
          const own = all.filter((_, at) => at % 4 === n || (at + 1) % 4 === n);
          return aProcess(database).orders.accept(own, now, limits);
        }),
      );
      const { orders } = aProcess(mysql.database);
      const written = outcomes.flat().filter((outcome) => outcome !== "known");
      expect(written).toHaveLength(all.length);
      await audit(mysql.database, orders, all);
      const loaded = await Promise.all(all.map(({ orderId }) => orders.load(orderId)));
      expect(loaded.filter((order) => order!.state === "pendingPayment").length).toBeGreaterThan(5);
      expect(loaded.filter((order) => order!.state === "rejected").length).toBeGreaterThan(5);
    });

  test(`I1 ${place}: a seat that was given up is free at once, though the process died before the ledger knew`, async () => {
    await mysql.wipe();
    const { orders, ledger } = aProcess(mysql.database);
    const first = sampleOrder({ seats: [1, 2] });
    await orders.accept([first], now, limits);
    const dying = aProcess(mysql.open({ beforeStatement: dieBefore(/`?t_seat_claim/) }));
    expect(await dying.orders.change([cancelled((await orders.load(first.orderId))!)], now)).toEqual([true]);
    const second = sampleOrder({ seats: [2], userId: 2 });
    expect(await orders.accept([second], now, limits)).toEqual(["pendingPayment"]);
    expect(await ledger.finish(epochMs(now - 1))).toBe(0);
    await ledger.finish(now);
    await audit(mysql.database, orders, [first, second]);
  });

  test(`I1 ${place}: what a dead process has left in the ledger is finished, and only once`, async () => {
    await mysql.wipe();
    const { orders, ledger } = aProcess(mysql.database);
    const first = sampleOrder({ seats: [1, 2] });
    await orders.accept([first], now, limits);
    const dying = aProcess(mysql.open({ beforeStatement: dieBefore(/`?t_seat_claim/) }));
    await dying.orders.change([cancelled((await orders.load(first.orderId))!)], now);
    expect(await ledger.finish(now)).toBe(2);
    expect(await ledger.finish(now)).toBe(0);
    const second = sampleOrder({ seats: [1, 2], userId: 2 });
    expect(await orders.accept([second], now, limits)).toEqual(["pendingPayment"]);
    // The release comes late and again: the seats are somebody else's now.
    await ledger.release([{ orderId: first.orderId, line: 0, runId: firstRunOf(first), seats: [1, 2] }]);
    await audit(mysql.database, orders, [first, second]);
    expect(await orders.accept([sampleOrder({ seats: [2], userId: 3 })], now, limits)).toEqual(["rejected"]);
  });
}

test("I1 I6 the guards hold in every mode of the server", async () => {
  for (const mode of ["", "STRICT_ALL_TABLES", "ANSI", "TRADITIONAL", "NO_UNSIGNED_SUBTRACTION"]) {
    await one.wipe();
    const database = one.open({ connectionsMax: 1 });
    await sql`set session sql_mode = ${sql.lit(mode)}`.execute(database.sql);
    const { orders } = aProcess(database);
    const ways = [
      [0, 3],
      [2, 5],
      [40, 128],
      [120, 121],
      [3, 40],
    ] as const;
    const wanted = ways.map(([fromStop, toStop], n) => sampleOrder({ userId: n, seats: [0, 7], fromStop, toStop }));
    expect(await orders.accept(wanted, now, limits)).toEqual([
      "pendingPayment",
      "rejected",
      "pendingPayment",
      "rejected",
      "pendingPayment",
    ]);
    const [four, two, last] = [[50, 51, 52, 53], [54, 55], [56]].map((seats) => sampleOrder({ userId: 99, seats }));
    expect(await orders.accept([four!, two!, last!], now, limits)).toEqual([
      "pendingPayment",
      "rejected",
      "pendingPayment",
    ]);
    await audit(database, orders, [...wanted, four!, two!, last!]);
  }
});

test("I1 a seat that is taken in the ledger by nobody is not sold, and holds nobody else up", async () => {
  await one.wipe();
  const { orders } = aProcess(one.database);
  const first = sampleOrder({ seats: [1] });
  await orders.accept([first], now, limits);
  await one.database.sql.deleteFrom("t_seat_claim").execute();
  const others = [sampleOrder({ seats: [1], userId: 2 }), sampleOrder({ seats: [2], userId: 3 })];
  expect(await orders.accept(others, now, limits)).toEqual(["rejected", "pendingPayment"]);
});

test("I1 a server that lost its part of a batch's claims gets them again, and nobody else's", async () => {
  await many.wipe();
  const { orders } = aProcess(many.database);
  const batch = upTo(40).map((n) => sampleOrder({ userId: n + 1, train: `G${n}`, seats: [n] }));
  await orders.accept(batch, now, limits);
  // As if the process and the second server had died in the middle of the ledger's commit: no order was written yet.
  await on(many.behind[0]!, deleteOrders);
  await on(many.behind[1]!, deleteOrders, deleteLedger);
  expect(new Set(await orders.accept(batch, now, limits))).toEqual(new Set(["pendingPayment"]));
  await audit(many.database, orders, batch);
});

test("I2 a server that lost its part of a batch's orders gets them again with the seats they have", async () => {
  await many.wipe();
  const { orders } = aProcess(many.database);
  const batch = upTo(40).map((n) => sampleOrder({ userId: n + 1, train: "G1", seats: [n] }));
  await orders.accept(batch, now, limits);
  await on(many.behind[1]!, deleteOrders);
  const again = await orders.accept(batch, now, limits);
  const lost = batch.map(({ orderId }) => slotOfOrder(orderId) % many.behind.length === 1);
  expect(lost.filter(Boolean).length).toBeGreaterThan(5);
  expect(again).toEqual(lost.map((isLost) => (isLost ? "pendingPayment" : "known")));
  await audit(many.database, orders, batch);
});

/**
 * Orders that are in each other's way, by one of the guards: those that ask two of them at once may be refused for what another one,
 * refused later, had for a moment, which no twin foretells.
 */
type InTheWay = "seats" | "passengers" | "accounts";
let nextSeat = 0;

function someOrder(prng: Prng, by: InTheWay): OrderAccepted {
  const fromStop = prng.below(5);
  const first = by === "seats" ? prng.below(4) : (nextSeat += 2);
  const person = prng.below(8);
  return sampleOrder({
    ...(by === "passengers" ? { documents: [`person ${person}`, `person ${person + 1}`] } : {}),
    userId: 1 + prng.below(by === "accounts" ? 4 : 1_000_000),
    train: prng.pick(["G1", "G2", "K1000"]),
    seats: prng.chance(0.3) ? [first, first + 1] : [first],
    fromStop,
    toStop: fromStop + 1 + prng.below(3),
    departAt: epochMs(sampleDeparture + prng.below(24) * hourMs),
    hours: 1 + prng.below(3),
    furtherLines: upTo(prng.chance(0.3) ? 1 + prng.below(2) : 0).map(() => someLine(prng)),
  });
}

function someLine(prng: Prng) {
  const fromStop = prng.below(5);
  return {
    train: prng.pick(["G1", "G2", "K1000"]),
    seats: [prng.below(5)],
    seatClass: prng.pick(["first", "second"] as const),
    fromStop,
    toStop: fromStop + 1 + prng.below(3),
  };
}

async function someChanges(prng: Prng, twin: OrderStore, all: readonly OrderAccepted[]): Promise<OrderChange[]> {
  const picked = new Set(upTo(1 + prng.below(3)).map(() => prng.pick(all).orderId));
  const changes: OrderChange[] = [];
  for (const orderId of picked) {
    const order = (await twin.load(orderId))!;
    if (order.state === "pendingPayment") changes.push(prng.chance(0.5) ? cancelled(order) : ticketed(order));
    else if (order.state === "ticketed" && order.tickets[0]!.state === "issued") changes.push(partReturned(order));
  }
  return changes;
}

/** A process that is started again and again until it has done what it was asked for, and sometimes is asked twice. */
function createMortal(mysql: FreshMysql, prng: Prng) {
  let statementsLeft = Number.POSITIVE_INFINITY;
  let deaths = 0;
  const database = mysql.open({
    connectionsMax: 4,
    beforeStatement() {
      if (statementsLeft-- <= 0) throw new Error("killed");
    },
  });
  return {
    deaths: () => deaths,
    async atLast(work: (store: OrderStore) => Promise<unknown>) {
      for (let done = false; !done || prng.chance(0.2);) {
        statementsLeft = prng.chance(0.6) ? prng.below(16) : Number.POSITIVE_INFINITY;
        try {
          await work(aProcess(database).orders);
          done = true;
        } catch (error) {
          if (!String(error).includes("killed")) throw error;
          deaths++;
        }
      }
    },
  };
}

/** Lives until it has committed once and then means to touch that table. */
function dieBefore(table: RegExp) {
  let committed = false;
  return (statement: Statement) => {
    committed ||= statement.sql === "commit";
    if (committed && table.test(statement.sql)) throw new Error("killed");
  };
}

const on = (url: string, ...work: ((server: Parameters<Parameters<typeof ask>[1]>[0]) => Promise<void>)[]) =>
  ask(url, async (server) => {
    for (const each of work) await each(server);
  });
type Server = Parameters<Parameters<typeof ask>[1]>[0];

async function deleteOrders(server: Server): Promise<void> {
  const spread = upTo(tablesInEach).flatMap((n) => [`t_order_${n}`, `t_order_detail_${n}`]);
  for (const table of [...spread, "t_order_line", "t_order_due", "t_account_run"])
    await server.query(`delete from ${table}`);
}

async function deleteLedger(server: Server): Promise<void> {
  for (const table of ["t_seat_claim", "t_seat_ledger"]) await server.query(`delete from ${table}`);
}

/** Orders, claims and bits say the same, and no seat is anybody's twice. */
async function audit(database: MysqlDatabase, orders: OrderStore, all: readonly OrderAccepted[]): Promise<void> {
  const { claims, bits, due, notes, trips, counts } = await database.sql.transaction().execute(async (trx) => ({
    claims: await trx.selectFrom("t_seat_claim").selectAll().execute(),
    bits: await trx.selectFrom("t_seat_ledger").selectAll().execute(),
    due: await trx.selectFrom("t_order_due").selectAll().execute(),
    notes: await trx.selectFrom("t_seat_release").selectAll().execute(),
    trips: await trx.selectFrom("t_document_trip").selectAll().execute(),
    counts: await trx.selectFrom("t_account_run").selectAll().execute(),
  }));
  const taken = new Map<string, bigint>();
  for (const claim of claims.filter(({ claim_status }) => claim_status === 1)) {
    const seat = `${claim.run_id} ${claim.seat_type} ${claim.seat_index}`;
    const way = maskOf(seatMask(claim.from_stop, claim.to_stop));
    expect([seat, (taken.get(seat) ?? 0n) & way]).toEqual([seat, 0n]);
    taken.set(seat, (taken.get(seat) ?? 0n) | way);
  }
  const marked = bits.map((row): [string, bigint] => [
    `${row.run_id} ${row.seat_type} ${row.seat_index}`,
    maskOf([row.taken0, row.taken1, row.taken2, row.taken3]),
  ]);
  expect(new Map(marked.filter(([, mask]) => mask !== 0n))).toEqual(taken);
  expect(notes).toEqual([]);

  const records = new Map<OrderId, OrderRecord>();
  for (const { orderId } of all) records.set(orderId, (await orders.load(orderId))!);
  const held = new Set(
    claims
      .filter((claim) => claim.claim_status === 1)
      .map((claim) => `${claim.order_id} ${claim.line_index} ${claim.seat_index}`),
  );
  const owned = [...records.values()].flatMap((order) =>
    order.tickets
      .filter(({ state }) => state === "held" || state === "issued")
      .map(({ line, seatIndex }) => `${order.orderId} ${line} ${seatIndex}`),
  );
  expect(held).toEqual(new Set(owned));
  expect(claims.every((claim) => claim.slot === slotOfText(claim.run_id))).toBe(true);
  const travels = [...records.values()].filter(({ state }) => isTripState(state)).map(liveOrderOf);
  expect(excesses(travels.flatMap(tripClaimsOf))).toEqual([]);
  // A trip too many is found out when it is in somebody's way; none is missing.
  const counted = new Set(trips.map((trip) => `${trip.document_key} ${trip.ticket_no}`));
  for (const { trips: own } of travels.flatMap(tripClaimsOf))
    for (const { ticketNo, documentHash } of own) expect(counted).toContain(`${documentHash} ${ticketNo}`);
  expect(trips.every((trip) => trip.slot === slotOfText(trip.document_key))).toBe(true);
  const ticketCounts = new Map<string, number>();
  for (const { userId, runId, trips: own } of travels.flatMap(tripClaimsOf).filter((line) => line.trips.length > 0))
    ticketCounts.set(`${userId} ${runId}`, (ticketCounts.get(`${userId} ${runId}`) ?? 0) + own.length);
  const kept = counts.map((row): [string, number] => [`${row.user_id} ${row.run_id}`, row.ticket_count]);
  expect(new Map(kept.filter(([, count]) => count !== 0))).toEqual(ticketCounts);
  const underWay = [...records.values()].filter(({ state }) =>
    (seatHoldingStates as readonly string[]).includes(state),
  );
  expect(new Set(due.map((row) => row.order_id))).toEqual(new Set(underWay.map(({ orderId }) => orderId)));
}

const maskOf = (words: readonly number[]): bigint =>
  words.reduce((mask, word, at) => mask | (BigInt(word) << BigInt(32 * at)), 0n);
