/** A train leads to its own tickets, and not to those of a train that has left. */
import { expect, test } from "bun:test";
import type { TrainStops } from "@chepiao/contracts";
import { ticketsOf } from "./tickets.ts";

const stop = (stationId: string, arriveAt: string | null, departAt: string | null, more: object = {}) =>
  ({ stationId, arriveAt, departAt, ...more }) as TrainStops["stops"][number];
const night = {
  originDate: "2026-12-01",
  runsOn: ["2026-12-01", "2026-12-03"],
  stops: [
    stop("A", null, "2026-12-02T00:30:00+08:00"),
    stop("B", "2026-12-02T04:00:00+08:00", "2026-12-02T04:10:00+08:00"),
    stop("C", "2026-12-02T08:00:00+08:00", null),
  ],
};
const at = (text: string) => Date.parse(`${text}+08:00`);

test("tickets are for the day on which one boards, between the first and the last station", () => {
  expect(ticketsOf(night, at("2026-12-01T20:00:00"))).toEqual({
    originDate: "2026-12-01",
    address: "/?from=A&to=C&date=2026-12-02",
  });
});

test("once the train has left, its tickets are those of the next day on which it runs, if there is one", () => {
  expect(ticketsOf(night, at("2026-12-02T00:30:00"))).toEqual({
    originDate: "2026-12-03",
    address: "/?from=A&to=C&date=2026-12-04",
  });
  expect(ticketsOf({ ...night, runsOn: ["2026-12-01"] }, at("2026-12-02T00:30:00"))).toBeNull();
});

test("where nobody gets on or off is no end of a ticket", () => {
  const [first, second, last] = night.stops as [
    TrainStops["stops"][number],
    TrainStops["stops"][number],
    TrainStops["stops"][number],
  ];
  const closed = { ...night, stops: [{ ...first, closedTo: "boarding" as const }, second, last] };
  expect(ticketsOf(closed, 0)?.address).toBe("/?from=B&to=C&date=2026-12-02");
});
