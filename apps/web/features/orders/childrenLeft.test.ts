/** Who gives the adult's ticket back is told that a child would be left alone. */
import { expect, test } from "bun:test";
import { leavesChildren } from "./childrenLeft.ts";

type Ticket = Parameters<typeof leavesChildren>[0]["tickets"][number];
const ticket = (ticketNo: string, over: Partial<Ticket> = {}): Ticket => ({
  ticketNo,
  line: 0,
  passengerId: Number(ticketNo),
  state: "issued",
  ticketType: "adult",
  ...over,
});
const child = { ticketType: "child" } as const;
const nobody = new Set<number>();

test("a child is left alone where everybody else of the trip gives the ticket back, whichever ticket the child has", () => {
  const tickets = [ticket("1"), ticket("2"), ticket("3", child)];
  expect(leavesChildren({ tickets }, ["1"], nobody)).toBe(false);
  expect(leavesChildren({ tickets }, ["1", "2"], nobody)).toBe(true);
  expect(leavesChildren({ tickets }, ["1", "2", "3"], nobody)).toBe(false);
  expect(leavesChildren({ tickets }, ["1", "3"], new Set([2]))).toBe(true);
  expect(leavesChildren({ tickets: [ticket("1"), ticket("2", { ...child, state: "refunded" })] }, ["1"], nobody)).toBe(
    false,
  );
});

test("each trip of an order is looked at by itself, and one that was a child's alone before is not told of", () => {
  const trips = [ticket("1"), ticket("2", child), ticket("3", { line: 1 }), ticket("4", { ...child, line: 1 })];
  expect(leavesChildren({ tickets: trips }, ["3"], nobody)).toBe(true);
  expect(leavesChildren({ tickets: [ticket("1", child), ticket("2", child)] }, ["1"], nobody)).toBe(false);
  expect(leavesChildren({ tickets: [...trips.slice(0, 2), trips[3]!] }, [], nobody)).toBe(false);
});
