/** The SQL store of cases on SQLite keeps the rules of the port; and who buys has his turn while a day is read. */
import { expect, test } from "bun:test";
import { createSqlReconciliationStore } from "@chepiao/adapters/sql";
import { type OrderId, slotCount, type UserId } from "@chepiao/kernel";
import { paymentNoOf } from "@chepiao/ports/payment-store";
import { reconciliationStoreSuite } from "@chepiao/ports/reconciliation-store/reconciliationStore.suite.ts";
import { createStores, openSqlite } from "./index.ts";

reconciliationStoreSuite("SQLite", async () => createSqlReconciliationStore((await openSqlite(":memory:")).sql));

test("SQLite: others have their turn between the pages of many orders and payments", async () => {
  const { orders, payments } = createStores(await openSqlite(":memory:"));
  const many = Array.from({ length: 2_000 }, (_, n) => n + 1);
  const turnsOf = async (reading: Promise<unknown>) => {
    let isRead = false;
    let turns = 0;
    const done = reading.then(() => (isRead = true));
    for (; !isRead; turns++) await new Promise(setImmediate);
    await done;
    return turns;
  };
  expect(await turnsOf(orders.some(many.map((n) => (n * slotCount) as OrderId)))).toBeGreaterThan(2);
  expect(await turnsOf(payments.booked(many.map((n) => paymentNoOf(7 as UserId, n + 1_000))))).toBeGreaterThan(2);
});
