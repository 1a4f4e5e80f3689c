/** What may be changed, until when, and what it may come to at most. */
import { expect, test } from "bun:test";
import type { ChangeQuote, FareTable, Order } from "@chepiao/contracts";
import { changeableLines, destinationUntil, type LinesOff, mostOf, termsHoldUntil } from "./changeable.ts";

const departAt = "2026-12-03T08:00:00+08:00";
const rules = {
  max: 1,
  grades: [
    { hoursBefore: 48, percent: 0 },
    { hoursBefore: 24, percent: 5 },
    { hoursBefore: 0, percent: 15 },
  ],
  afterDeparture: 40,
  differenceAfterDeparture: 20,
  destinationMinHours: 48,
};
const refundGrades = [
  { hoursBefore: 36, percent: 5 },
  { hoursBefore: 0, percent: 20 },
];
const at = (text: string) => Date.parse(`${text}+08:00`);

const ticket = (ticketNo: string, line: number, state = "issued") => ({ ticketNo, line, state, ticketType: "adult" });
const order = {
  state: "ticketed",
  lines: [
    { line: 0, departAt },
    { line: 1, departAt: "2026-12-04T08:00:00+08:00" },
  ],
  tickets: [ticket("1", 0), ticket("2", 0, "refunded"), ticket("3", 1)],
} as unknown as Order;
const numbersAt = (now: string, given = order, by: typeof rules | undefined = rules) =>
  changeableLines(given, by, at(now)).map(({ tickets }) => tickets.map(({ ticketNo }) => ticketNo));

test("valid tickets are changed until their train leaves, and where the railway does so until its day is over", () => {
  expect(numbersAt("2026-12-01T08:00")).toEqual([["1"], ["3"]]);
  expect(numbersAt("2026-12-03T23:59")).toEqual([["1"], ["3"]]);
  expect(numbersAt("2026-12-04T00:00")).toEqual([["3"]]);
  const { afterDeparture: _, ...strict } = rules;
  expect(numbersAt("2026-12-03T08:00", order, strict as typeof rules)).toEqual([["3"]]);
});

test("nothing is changed of a railway that does not, of an order without tickets, and of what was changed before", () => {
  expect(changeableLines(order, undefined, at("2026-12-01T08:00"))).toEqual([]);
  expect(numbersAt("2026-12-01T08:00", { ...order, state: "changed" })).toEqual([]);
  const changed = (nth: number) => ({ ...order, replaces: { nth } as NonNullable<Order["replaces"]> });
  expect(numbersAt("2026-12-01T08:00", changed(1))).toEqual([]);
  expect(numbersAt("2026-12-01T08:00", changed(1), { ...rules, max: 2 })).toEqual([["1"], ["3"]]);
  expect(numbersAt("2026-12-01T08:00", changed(2), { ...rules, max: 2 })).toEqual([]);
  // They are others only because their train did not run: the traveller's own change is there still.
  expect(numbersAt("2026-12-01T08:00", changed(0))).toEqual([["1"], ["3"]]);
});

test("a ticket of a train that does not run becomes another until it would have arrived, also one that was changed", () => {
  const arriveAt = "2026-12-03T12:00:00+08:00";
  const second = {
    ...order,
    replaces: { nth: 1 },
    lines: [{ line: 0, departAt, arriveAt }, order.lines[1]],
  } as never as Order;
  const lines = (now: string) =>
    changeableLines(second, rules, at(now), new Map([[0, arriveAt]])).map(({ line }) => line.line);
  expect([lines("2026-12-03T11:59"), lines("2026-12-03T12:00")]).toEqual([[0], []]);
});

test("whom a gate has let in to a train that does not run may take another, and who was let out elsewhere has gone by it", () => {
  const line = { line: 0, departAt, arriveAt: "2026-12-03T12:00:00+08:00", from: { stationId: "A" } };
  const tickets = [{}, { leftFrom: "A" }, { leftFrom: "B" }].map((left, n) => ({
    ...ticket(`${n}`, 0, "used"),
    ...left,
  }));
  const entered = { ...order, lines: [line], tickets } as never as Order;
  const numbers = (off: LinesOff) =>
    changeableLines(entered, rules, at("2026-12-03T07:00"), off).map((each) =>
      each.tickets.map(({ ticketNo }) => ticketNo),
    );
  expect(numbers(new Map([[0, line.arriveAt]]))).toEqual([["0", "1"]]);
  expect(numbers(new Map())).toEqual([]);
});

test("another destination may be chosen until its hours before departure, by the clock of the station", () => {
  expect(destinationUntil({ departAt }, rules)).toBe("2026-12-01T08:00:00+08:00");
  const { destinationMinHours: _, ...none } = rules;
  expect(destinationUntil({ departAt }, none)).toBeNull();
});

const quote = (rule: ChangeQuote["rule"], fareFen: number, newFareFen: number, feeBasisPoints = 0) =>
  ({
    rule,
    feeBasisPoints,
    netFen: newFareFen - fareFen,
    payFen: newFareFen > fareFen ? newFareFen : 0,
    tickets: [{ ticketNo: "1", fareFen, newFareFen, netFen: newFareFen - fareFen }],
  }) as unknown as ChangeQuote;

test("terms hold until the next grade of the fee, of what is kept of the difference, or the train's departure", () => {
  const until = (of: ChangeQuote, now: string) =>
    termsHoldUntil(of, { departAt }, { change: rules, refundGrades }, at(now));
  expect(until(quote("notLater", 100, 200), "2026-11-30T08:00")).toBe(departAt);
  expect(until(quote("notLater", 200, 100), "2026-11-30T08:00")).toBe("2026-12-01T20:00:00+08:00");
  expect(until(quote("grade", 100, 200), "2026-11-30T08:00")).toBe("2026-12-01T08:00:00+08:00");
  expect(until(quote("grade", 100, 200), "2026-12-01T09:00")).toBe("2026-12-02T08:00:00+08:00");
  expect(until(quote("destination", 100, 200), "2026-11-30T08:00")).toBe("2026-12-01T08:00:00+08:00");
  expect(until(quote("afterDeparture", 100, 200), "2026-12-03T09:00")).toBeNull();
});

test("where berths differ in fare the dearest is what a change may come to, with its fee; elsewhere it is what was quoted", () => {
  const fares = (...each: number[]) =>
    ({ fares: each.map((fareFen) => ({ ticketType: "adult", fareFen })) }) as unknown as FareTable;
  const most = (of: ChangeQuote, ...each: number[]) => mostOf(of, order.tickets, fares(...each));
  expect(most(quote("grade", 10_000, 12_000, 500), 12_000)).toEqual({ netFen: 2_000, payFen: 12_000, isMost: false });
  expect(most(quote("notLater", 10_000, 9_000), 8_000, 9_000, 11_000)).toEqual({
    netFen: 1_000,
    payFen: 11_000,
    isMost: true,
  });
  expect(most(quote("grade", 10_000, 9_000, 500), 9_000, 11_000).netFen).toBe(1_000 + 100 + 100);
  // From a train that does not run nothing is paid, and the dearest leaves least to come back.
  expect(most(quote("runCancelled", 10_000, 9_000), 9_000, 9_500)).toEqual({ netFen: -500, payFen: 0, isMost: true });
  expect(most(quote("runCancelled", 10_000, 9_000), 9_000, 11_000).netFen).toBe(0);
});
