/** What is left of an order of several ways, and which of them comes next. */
import { expect, test } from "bun:test";
import { endMsOf, linesOf, nextTripOf, ticketsOn, tripsLeft, tripsOf } from "./orderLines.ts";

const way = (line: number, trainNumber: string, hour: number, seatClass: "second" | "first" = "second") => ({
  line,
  trainNumber,
  originDate: "2026-12-01",
  boardingDate: "2026-12-01",
  from: { stationId: `${trainNumber} from`, name: "" },
  to: { stationId: `${trainNumber} to`, name: "" },
  departAt: `2026-12-01T${String(hour).padStart(2, "0")}:00:00+08:00`,
  arriveAt: `2026-12-01T${String(hour + 2).padStart(2, "0")}:00:00+08:00`,
  seatClass,
  together: "adjacent" as const,
});
const ticket = (line: number, state: "issued" | "refunded" = "issued") => ({ line, state });
const at = (hour: number) => Date.parse(`2026-12-01T${String(hour).padStart(2, "0")}:30:00+08:00`);
const orderOf = (lines: ReturnType<typeof way>[], tickets: ReturnType<typeof ticket>[]) => ({
  ...lines[0]!,
  lines,
  tickets,
});

test("two classes of one train are one trip, and trips are in the order of travel", () => {
  const trips = tripsOf([way(0, "G3", 14), way(1, "G1", 8), way(2, "G1", 8, "first")]);
  expect(trips.map(({ trainNumber, lines, seatClasses }) => [trainNumber, lines, seatClasses])).toEqual([
    ["G1", [1, 2], ["second", "first"]],
    ["G3", [0], ["second"]],
  ]);
});

test("a way that was given back is not travelled any more; of an order given back whole all ways are told", () => {
  const lines = [way(0, "G1", 8), way(1, "G3", 14)];
  const trains = (...tickets: ReturnType<typeof ticket>[]) =>
    tripsLeft(orderOf(lines, tickets)).map(({ trainNumber }) => trainNumber);
  expect(trains(ticket(0, "refunded"), ticket(1))).toEqual(["G3"]);
  expect(trains(ticket(0, "refunded"), ticket(1, "refunded"))).toEqual(["G1", "G3"]);
  expect(endMsOf(orderOf(lines, [ticket(0), ticket(1, "refunded")]))).toBe(Date.parse(lines[0]!.arriveAt) + 3_600_000);
});

test("the trip that comes next is the connection, once the first train has arrived", () => {
  const order = orderOf([way(0, "G1", 8), way(1, "G3", 14)], [ticket(0), ticket(1)]);
  expect([8, 9, 10, 15, 20].map((hour) => nextTripOf(order, at(hour)).trainNumber)).toEqual([
    "G1",
    "G1",
    "G3",
    "G3",
    "G3",
  ]);
});

test("who sits in a train that is late has not come to the connection yet", () => {
  const order = orderOf([way(0, "G1", 8), way(1, "G3", 14)], [ticket(0), ticket(1)]);
  const arrivesMs = ({ arriveAt }: { readonly arriveAt: string }) => Date.parse(arriveAt) + 2 * 3_600_000;
  expect([10, 11, 12].map((hour) => nextTripOf(order, at(hour), arrivesMs).trainNumber)).toEqual(["G1", "G1", "G3"]);
});

test("an order that a browser kept from before orders said their lines has one", () => {
  const { line: _, ...alone } = {
    ...way(0, "G1", 8),
    tickets: [{ state: "issued" as const } as { state: "issued"; line?: number }],
  };
  expect(linesOf(alone)).toMatchObject([{ line: 0, trainNumber: "G1" }]);
  expect(ticketsOn(alone, { line: 0 }).length).toBe(1);
});
