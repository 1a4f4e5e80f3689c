/** What the first page counts, in SQLite, and that no row is read for it. */
import { expect, test } from "bun:test";
import { dayMs, epochMs, orderIdFloor, type OrderId, orderNoOf } from "@chepiao/kernel";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { openSqlite } from "./database.ts";
import { createStores } from "./stores.ts";

const since = epochMs(Date.parse("2026-12-01T00:00:00+08:00"));

/** An order that was made then. */
function orderAt(at: number, seatIndex: number) {
  const sample = sampleOrder({ seats: [seatIndex] });
  const orderId = (orderIdFloor(epochMs(at)) + (sample.orderId % 2_048)) as OrderId;
  const orderNo = orderNoOf(orderId);
  const tickets = sample.tickets.map((ticket, n) => ({ ...ticket, ticketNo: `${orderNo}-${n + 1}` }));
  return { ...sample, orderId, orderNo, tickets, acceptedAt: epochMs(at), payBy: epochMs(at + 900_000) };
}

test("orders of today are counted by state, with their tickets; those of yesterday, paid today, are not", async () => {
  await using database = await openSqlite(":memory:");
  const { orders, operationsCounts } = createStores(database);
  expect(await operationsCounts.ordersSince(since)).toEqual([]);
  const [yesterday, today] = [orderAt(since - 60_000, 0), orderAt(since + 60_000, 1)];
  await orders.accept([yesterday, today], epochMs(since + 60_000));
  const [counted] = (await operationsCounts.ordersSince(since))!;
  expect(counted).toMatchObject({ orders: 1, tickets: today.tickets.length });
});

test("money, refunds, mails and entries of an empty platform are none", async () => {
  await using database = await openSqlite(":memory:");
  const { operationsCounts } = createStores(database);
  expect(await operationsCounts.moneySince(since)).toEqual({ capturedFen: 0, refundedFen: 0 } as never);
  expect(await operationsCounts.failedRefunds(9)).toEqual({ count: 0, oldestAt: null });
  expect(await operationsCounts.failedMails(epochMs(since - dayMs), 9)).toEqual({ count: 0, oldestAt: null });
  expect(await operationsCounts.waitingEntries()).toBe(0);
});

test("each is counted from an index that has all of it", async () => {
  await using database = await openSqlite(":memory:");
  const plan = (sql: string) =>
    database.read((raw) =>
      (raw.query(`explain query plan ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail).join("; "),
    );
  const asked = [
    "select count(*), sum(passenger_count) from t_order where order_status = 1 and expire_time >= 1 and id >= 1",
    "select sum(amount_fen) from t_payment_trade where paid_at >= 1",
    "select sum(amount_fen) from t_payment_refund where update_time >= 1 and +state = 1",
    "select count(distinct entry_id) from t_waitlist_item where waits = 1",
  ];
  for (const sql of asked) expect(await plan(sql)).toContain("USING COVERING INDEX");
});
