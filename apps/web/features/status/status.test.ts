/** What is expected at the ends of a way. */
import { expect, test } from "bun:test";
import type { RunStatus } from "@chepiao/contracts";
import { trainLateMaxMs } from "@chepiao/kernel";
import { expectedArrivalMs, lateMaxMs, otherTrainUntil, statusOfWay } from "./status.ts";

const stop = (place: number, stationId: string, more: Partial<RunStatus["stops"][number]> = {}) => ({
  stop: place,
  stationId,
  arriveAt: null,
  departAt: null,
  arriveMinutesLate: null,
  departMinutesLate: null,
  skipped: false,
  ...more,
});
const run = (...stops: RunStatus["stops"]): RunStatus => ({
  trainNumber: "G1",
  originDate: "2026-12-01",
  cancelled: false,
  stops,
});

test("a way has the departure of its first stop and the arrival at its last, where they are known", () => {
  const late = run(
    stop(1, "B", { arriveAt: "a", arriveMinutesLate: 3, departAt: "2026-12-01T12:07:00+08:00", departMinutesLate: 9 }),
    stop(2, "C", { arriveAt: "2026-12-01T13:00:00+08:00", arriveMinutesLate: 0, skipped: true }),
  );
  expect(statusOfWay(late, { stationId: "B" }, { stationId: "C" })).toEqual({
    isCancelled: false,
    isCut: false,
    departs: { at: "2026-12-01T12:07:00+08:00", minutesLate: 9 },
    arrives: { at: "2026-12-01T13:00:00+08:00", minutesLate: 0 },
    isFromSkipped: false,
    isToSkipped: true,
  });
  expect(statusOfWay(late, { stationId: "A" }, { stationId: "B" }).departs).toBeNull();
});

test("a train that calls twice is told apart by the place of the stop", () => {
  const twice = run(
    stop(0, "A", { departAt: "first", departMinutesLate: 1 }),
    stop(2, "A", { departAt: "second", departMinutesLate: 2 }),
  );
  expect(statusOfWay(twice, { stationId: "A", stop: 2 }, { stationId: "B" }).departs?.at).toBe("second");
  expect(statusOfWay(twice, { stationId: "A", stop: 3 }, { stationId: "B" }).departs).toBeNull();
});

test("a trip ends when its train is expected there, as late as it was last where nothing is said of the stop, and not before its time", () => {
  const trip = { arriveAt: "2026-12-01T13:00:00+08:00", to: { stationId: "C" } };
  const lateBy = (...stops: RunStatus["stops"]) =>
    (expectedArrivalMs(trip, run(...stops)) - Date.parse(trip.arriveAt)) / 60_000;
  const ended = stop(2, "C", { arriveMinutesLate: 40 });
  expect(lateBy(stop(1, "B", { departMinutesLate: 9 }), ended)).toBe(40);
  expect(lateBy(stop(0, "A", { departMinutesLate: 5 }), stop(1, "B", { arriveMinutesLate: 9 }))).toBe(9);
  expect(lateBy(stop(2, "C", { arriveMinutesLate: -4 }))).toBe(0);
  expect(lateBy(stop(2, "C", { arriveMinutesLate: 5_000 }))).toBe(12 * 60);
  expect(expectedArrivalMs(trip, undefined)).toBe(Date.parse(trip.arriveAt));
  expect(lateMaxMs).toBe(trainLateMaxMs);
});

test("a way is cut where the train was shortened and does not come to one of its ends, and no other way is", () => {
  const shortened = run(stop(3, "D", { skipped: true, cut: true }));
  const isCut = (from: string, to: string) => statusOfWay(shortened, { stationId: from }, { stationId: to }).isCut;
  expect([isCut("A", "D"), isCut("A", "C"), isCut("D", "E")]).toEqual([true, false, true]);
});

test("another train may be taken until the money goes back by itself, and at most until this one would have arrived", () => {
  const [early, late] = ["2026-12-01T09:00:00+08:00", "2026-12-01T08:00:00+06:00"];
  const until = (refundsFrom?: string) => otherTrainUntil(refundsFrom ? { refundsFrom } : {}, { arriveAt: late });
  expect([until(early), until("2026-12-02T00:00:00+08:00"), until()]).toEqual([early, late, late]);
});
