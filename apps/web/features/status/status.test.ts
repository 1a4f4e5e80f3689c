/** What is expected at the ends of a way. */
import { expect, test } from "bun:test";
import type { RunStatus } from "@chepiao/contracts";
import { statusOfWay } from "./status.ts";

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
