/** What is shown first to somebody who has orders. */
import { expect, test } from "bun:test";
import type { Order } from "@chepiao/contracts";
import { groupOrders, nextOrders } from "./orderGroups.ts";

const now = Date.parse("2026-11-23T12:00:00+08:00");
const order = (orderNo: string, state: Order["state"], day: number, payBy = "2026-11-23T12:10:00+08:00") =>
  ({
    orderNo,
    state,
    payBy,
    departAt: `2026-11-${day}T08:00:00+08:00`,
    arriveAt: `2026-11-${day}T18:00:00+08:00`,
    from: { stationId: "A" },
    to: { stationId: "B" },
    tickets: [],
  }) as unknown as Order;

test("what is to be paid comes first, then the trip that is next, on which somebody may be now", () => {
  const orders = [
    order("later", "ticketed", 29),
    order("gone", "ticketed", 22),
    order("aboard", "ticketed", 23),
    order("unpaid", "pendingPayment", 28),
    order("ended", "pendingPayment", 28, "2026-11-23T11:59:00+08:00"),
    order("returned", "refunded", 24),
  ];
  expect(nextOrders(orders, now).map(({ orderNo }) => orderNo)).toEqual(["unpaid", "aboard"]);
});

test("the list begins with what is to be paid, then goes by the day of travel, and ends with what was", () => {
  const orders = [
    order("late", "ticketed", 29),
    order("refunded", "refunded", 28),
    order("soon", "paid", 24),
    order("unpaid", "pendingPayment", 28),
    order("travelled", "ticketed", 20),
  ];
  expect(groupOrders(orders, now).map(({ name, orders: some }) => [name, some.map(({ orderNo }) => orderNo)])).toEqual([
    ["toPay", ["unpaid"]],
    ["ahead", ["soon", "late"]],
    ["past", ["refunded", "travelled"]],
  ]);
});

test("who sits in a late train has the trip before them, and its code, until it has arrived and a while after", () => {
  const orders = [order("late", "ticketed", 22), order("next", "ticketed", 24)];
  const lateMs = 20 * 3_600_000;
  const arrivesMs = ({ arriveAt }: { readonly arriveAt: string }) => Date.parse(arriveAt) + lateMs;
  const first = (nowMs: number, arrives?: typeof arrivesMs) => nextOrders(orders, nowMs, arrives)[0]!.orderNo;
  const over = Date.parse("2026-11-22T19:00:00+08:00");
  expect([first(over - 1), first(over)]).toEqual(["late", "next"]);
  expect([first(over + lateMs - 1, arrivesMs), first(over + lateMs, arrivesMs)]).toEqual(["late", "next"]);
  expect(groupOrders(orders, now, arrivesMs).map(({ name }) => name)).toEqual(["ahead"]);
});
