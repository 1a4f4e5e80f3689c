/** An order is found by what its passenger remembers of it. */
import { expect, test } from "bun:test";
import type { Order } from "@chepiao/contracts";
import { findOrders } from "./findOrders.ts";

const order = (orderNo: string, trainNumber: string, boardingDate: string, ...people: string[]) =>
  ({
    orderNo,
    trainNumber,
    boardingDate,
    from: { stationId: "BJN", name: "北京南" },
    to: { stationId: "SHHQ", name: "上海虹桥" },
    tickets: people.map((passengerName) => ({ passengerName })),
  }) as unknown as Order;
const orders = [
  order("E1", "G3", "2026-12-08", "张伟", "李娜"),
  order("E2", "T1", "2026-12-18", "Anna Schmidt"),
  order("E3", "G31", "2027-01-08", "张伟"),
];
const english: Readonly<Record<string, string>> = { BJN: "Beijing South", SHHQ: "Shanghai Hongqiao" };
const found = (text: string) =>
  findOrders(orders, text, ({ stationId }) => english[stationId]!).map(({ orderNo }) => orderNo);

test("by passenger, by train, by station in either language, by number", () => {
  expect(found("张伟")).toEqual(["E1", "E3"]);
  expect(found("schmidt")).toEqual(["E2"]);
  expect(found("g3")).toEqual(["E1", "E3"]);
  expect(found("虹桥")).toEqual(["E1", "E2", "E3"]);
  expect(found("beijing")).toEqual(["E1", "E2", "E3"]);
  expect(found("E2")).toEqual(["E2"]);
});

test("by the day of the journey, as it is written here or there, and no other day that looks like it", () => {
  for (const text of ["12月8日", "12-8", "12/08", "2026-12-08", "2026.12.8"])
    expect([text, found(text)]).toEqual([text, ["E1"]]);
  expect(found("1-8")).toEqual(["E3"]);
  expect(found("2027-12-8")).toEqual([]);
});

test("all of what is said has to be so, and nothing said finds everything", () => {
  expect(found("张伟 1-8")).toEqual(["E3"]);
  expect(found("李娜 1-8")).toEqual([]);
  expect(found("  ")).toEqual(["E1", "E2", "E3"]);
});
