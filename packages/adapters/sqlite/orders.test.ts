/** Orders on SQLite keep the rules of their port, and a database of a version before is brought up to date. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "@chepiao/adapters/sql";
import { epochMs, hourMs } from "@chepiao/kernel";
import { orderStoreSuite } from "@chepiao/ports/order-store/orderStore.suite.ts";
import {
  freedOf,
  sampleNow as now,
  sampleOrder,
  type SampleOptions,
} from "@chepiao/ports/order-store/samples.suite.ts";
import { openSqlite } from "./database.ts";
import { asBefore } from "./older.suite.ts";
import { tripLimitsDefault } from "@chepiao/ports/reservations";
import { createStores } from "./stores.ts";

orderStoreSuite("sqlite", async () => {
  const database = await openSqlite(":memory:");
  const stores = createStores(database);
  return {
    store: stores.orders,
    outbox: stores.outbox,
  };
});

test("I6: a database from before the guard is brought up to date with all trips that stand", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chepiao-trips-"));
  const path = join(folder, "old.db");
  let train = 0;
  const trip = (hour: number, documents: readonly string[], options: SampleOptions = {}) =>
    sampleOrder({
      train: `G${++train}`,
      userId: train,
      documents,
      seats: documents.map((_, n) => n),
      departAt: epochMs(Date.now() + hour * hourMs),
      hours: 2,
      ...options,
    });
  const five = trip(0, ["a", "b", "c", "d", "e"]);
  const long = trip(-40 * 24, ["f"]);
  const gone = trip(0, ["g"]);
  // More than one page of the migration.
  const many = Array.from({ length: 2_500 }, (_, n) => trip(0, [`person ${n}`]));
  {
    await using database = await openSqlite(path);
    const { orders } = createStores(database);
    await orders.accept([five, long, gone, ...many], now);
    const order = (await orders.load(gone.orderId))!;
    const tickets = order.tickets.map((ticket) => ({ ...ticket, state: "released" as const }));
    await orders.change(
      [{ order: { ...order, state: "expired", tickets }, freedSeats: freedOf(gone), messages: [] }],
      now,
    );
    await asBefore(database, "0013-trips");
  }
  await using database = await openSqlite(path);
  const { orders } = createStores(database);
  const rows = await database.sql.selectFrom("t_document_trip").select("order_id").execute();
  expect(rows).toHaveLength(5 + many.length);
  const sixth = trip(9, ["h"], { train: five.lines[0].trainNumber, userId: five.userId, seats: [9] });
  const outcomes = await orders.accept([trip(1, ["b"]), trip(1, ["g"]), trip(1, ["person 2400"]), sixth], now, {
    ...tripLimitsDefault,
    ticketsPerUserRun: 5,
  });
  expect(outcomes).toEqual(["rejected", "pendingPayment", "rejected", "rejected"]);
  expect((await orders.load(sixth.orderId))!.endedBecause).toBe("UserRunLimit");
  rmSync(folder, { recursive: true });
});

test("I1: orders of before there were lines are orders of one line, and hold the seats that they held", async () => {
  const database = await openSqlite(":memory:");
  const { orders } = createStores(database);
  const sold = sampleOrder({ seats: [3, 4] });
  await orders.accept([sold], now);
  const before = await orders.load(sold.orderId);
  await asBefore(database, "0015-order-lines");
  await migrate(database.sql);
  const after = createStores(database).orders;
  expect(await after.load(sold.orderId)).toEqual(before);
  expect(await after.accept([sampleOrder({ seats: [4], userId: 2 })], now)).toEqual(["rejected"]);
  const cancelled = { ...before!, state: "cancelled" as const };
  await after.change([{ order: cancelled, freedSeats: freedOf(sold), messages: [] }], now);
  const later = sampleOrder({ seats: [3, 4], userId: 3, furtherLines: [{ train: "G2" }] });
  expect(await after.accept([later], now)).toEqual(["pendingPayment"]);
});
