/** What giving back will cost is known before anything is bought, with its moments by the clock of the station. */
import { expect, test } from "bun:test";
import { refundSteps } from "./refundSteps.ts";

const grades = [
  { hoursBefore: 192, percent: 0 },
  { hoursBefore: 48, percent: 5 },
  { hoursBefore: 24, percent: 10 },
  { hoursBefore: 0, percent: 20 },
];
const departAt = "2026-12-05T08:44:00+06:00";
const at = (text: string) => refundSteps(departAt, grades, Date.parse(text));

test("long before departure all grades are to come, each until its moment", () =>
  expect(at("2026-11-20T00:00:00+08:00")).toEqual([
    { until: "2026-11-27T08:44:00+06:00", feeBasisPoints: 0 },
    { until: "2026-12-03T08:44:00+06:00", feeBasisPoints: 500 },
    { until: "2026-12-04T08:44:00+06:00", feeBasisPoints: 1_000 },
    { until: "2026-12-05T08:44:00+06:00", feeBasisPoints: 2_000 },
  ]));

test("a grade that is over is not told, and one holds through its last moment", () => {
  expect(at("2026-12-03T08:44:00+06:00").map(({ feeBasisPoints }) => feeBasisPoints)).toEqual([500, 1_000, 2_000]);
  expect(at("2026-12-03T08:44:01+06:00").map(({ feeBasisPoints }) => feeBasisPoints)).toEqual([1_000, 2_000]);
});

test("of a train that has left nothing is given back", () => expect(at(departAt)).toEqual([]));
