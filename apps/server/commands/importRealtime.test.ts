/** What becomes of trains on the day, taken over from a file by the command, in a folder's database. */
import { expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipOf } from "@chepiao/adapters/gtfs/smallFeed.suite.ts";
import { feedAt } from "@chepiao/adapters/gtfs-realtime/testing.suite.ts";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { type RunId, runId } from "@chepiao/contracts";
import { epochMs, secondMs, serviceDate } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createTimetableRoom } from "@chepiao/services/timetable";
import { importGtfs } from "./import.ts";
import { importRealtime } from "./importRealtime.ts";

const now = epochMs(Date.parse("2026-06-01T09:00:00+08:00"));
const seconds = now / secondMs;
const date = serviceDate("2026-06-02");

async function folder() {
  const stores = createStores(await openSqlite(":memory:"));
  const clock = createManualClock(now);
  const openTimetable = () =>
    createTimetableRoom({
      store: stores.timetable,
      runStates: stores.runStates,
      clock,
    });
  async function realtime(...entities: object[]) {
    const path = join(mkdtempSync(join(tmpdir(), "chepiao-rt-")), "feed.pb");
    writeFileSync(path, feedAt(seconds - 60 + calls++, ...entities));
    return run(path);
  }
  let calls = 0;
  async function run(place: string) {
    const lines: string[] = [];
    const exit = await importRealtime({ place, stores, clock, openTimetable }, (line) => lines.push(line));
    return { exit, text: lines.join("\n") };
  }
  return { stores, openTimetable, realtime, run };
}

test("delays and cancellations of a feed's trips and platforms are known to the timetable, and touched orders are counted", async () => {
  const { stores, openTimetable, realtime } = await folder();
  const stops =
    "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\nA,甲城,30,110,1,\nA1,甲城,30,110,0,A\nB,乙城,31,110,1,\nB1,乙城,31,110,0,B\n";
  const files = {
    "stops.txt": stops,
    "trips.txt": "route_id,service_id,trip_id,trip_short_name\nR1,S,T1,G1\nR1,S,T2,G2\n",
    "stop_times.txt":
      "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,8:00:00,8:00:00,A1,1\nT1,9:00:00,9:00:00,B1,2\nT2,9:00:00,9:00:00,A1,1\nT2,10:00:00,10:00:00,B1,2\n",
  };
  await importGtfs({ path: zipOf(files), store: stores.timetable, soldRuns: async () => new Set(), now }, () => {});
  const sample = sampleOrder({ seats: [1], train: "G2" });
  const line = { ...sample.lines[0], runId: runId("G2", date), originDate: date };
  await stores.orders.accept([{ ...sample, lines: [line] }], now);
  const trip = (tripId: string) => ({ tripId, startDate: "20260602" });
  const { exit, text } = await realtime(
    { tripUpdate: { trip: trip("T1"), stopTimeUpdate: [{ stopId: "B1", arrival: { delay: 540 } }] } },
    { tripUpdate: { trip: { ...trip("T2"), scheduleRelationship: 3 } } },
    { tripUpdate: { trip: trip("bus") } },
  );
  expect(exit).toBe(0);
  expect(text).toContain("word of 2 runs, 1 of them cancelled, and 0 notices");
  expect(text).toContain("G2/2026-06-02 is cancelled and not on sale any more; orders with seats on it: 1");
  expect(text).toContain("1 × trips that are no trains of this timetable on that day (bus)");
  const { timetable } = await openTimetable();
  expect(timetable.stateOf(runId("G2", date))?.isCancelled).toBe(true);
  expect(timetable.stateOf("G1/2026-06-02" as RunId)?.stops).toEqual([
    { stop: 1, arriveDelayS: 540, departDelayS: null, isSkipped: false },
  ]);
  expect((await realtime()).text).toContain("word of 0 runs");
  expect((await openTimetable()).timetable.stateOf(runId("G2", date))).toBeNull();
});

test("what is no feed, and a folder without a timetable, are told in a sentence", async () => {
  const { stores, run } = await folder();
  expect(await run("none.pb")).toEqual({
    exit: 1,
    text: "There is no timetable yet: import one first, with import gtfs.",
  });
  await importGtfs({ path: zipOf({}), store: stores.timetable, soldRuns: async () => new Set(), now }, () => {});
  const { exit, text } = await run("/nowhere/none.pb");
  expect(exit).toBe(1);
  expect(text).toContain("Nothing was taken over from /nowhere/none.pb: /nowhere/none.pb cannot be read");
});
