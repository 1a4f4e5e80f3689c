/** Trips that go on as one another in one vehicle: one seat for who stays in it. */
import { expect, test } from "bun:test";
import { dateOfDayNumber } from "@chepiao/kernel";
import { daysOf } from "@chepiao/ports/timetable-store";
import type { Feed } from "./index.ts";
import { feedOf, type FeedFiles } from "./smallFeed.suite.ts";

const stopTimes = (...rows: string[]) =>
  ["trip_id,arrival_time,departure_time,stop_id,stop_sequence", ...rows].join("\n");
const trips = (...rows: string[]) => ["route_id,service_id,trip_id,trip_short_name,block_id", ...rows].join("\n");
const block = (second: string, more: FeedFiles = {}): FeedFiles => ({
  "trips.txt": trips("R1,S,T1,G1,X", second),
  "stop_times.txt": stopTimes(
    "T1,8:00:00,8:00:00,A,1",
    "T1,9:00:00,9:00:00,B,7",
    "T2,9:05:00,9:05:00,B,1",
    "T2,10:00:00,10:00:00,C,2",
  ),
  ...more,
});
const calls = (feed: Feed) =>
  feed.trains.map(({ trainNumber, stops }) => `${trainNumber} ${stops.map((stop) => stop.stationId).join("")}`);
const kinds = (feed: Feed) => feed.warnings.map(({ kind, example }) => `${kind}: ${example}`);
const joined = "trips of one vehicle are sold as one train, with one seat all the way: T1 and T2";
const apart = (why: string) => `trips of one vehicle are sold as two trains, with a seat in each: ${why}: T1 and T2`;

test("trips of one block that go on as one another are one train, called by both numbers, with what each is called in the feed", async () => {
  const feed = await feedOf(block("R1,S,T2,G2,X"));
  expect(feed.trains.map(({ trainNumber, stops, trips: parts }) => ({ trainNumber, stops, parts }))).toEqual([
    {
      trainNumber: "G1+G2",
      stops: [
        { stationId: "A", arriveS: 28_800, departS: 28_800, distanceM: 0 },
        { stationId: "B", arriveS: 32_400, departS: 32_700, distanceM: 133_434 },
        { stationId: "C", arriveS: 36_000, departS: 36_000, distanceM: 266_868 },
      ],
      parts: [
        { tripId: "T1", routeId: "R1", firstStop: 0, sequences: [1, 7] },
        { tripId: "T2", routeId: "R1", firstStop: 1, sequences: [1, 2] },
      ],
    },
  ]);
  expect(kinds(feed)).toEqual([joined]);
  expect(calls(await feedOf(block("R1,S,T2,G1,X")))).toEqual(["G1 ABC"]);
  expect(calls(await feedOf(block("R1,S,T2,,X")))).toEqual(["G1 ABC"]);
});

test("trips of no block, of another, or at another place or time are trains of their own", async () => {
  expect(calls(await feedOf(block("R1,S,T2,G2,")))).toEqual(["G1 AB", "G2 BC"]);
  expect(calls(await feedOf(block("R1,S,T2,G2,Y")))).toEqual(["G1 AB", "G2 BC"]);
  const later = {
    "stop_times.txt": stopTimes(
      "T1,8:00:00,8:00:00,A,1",
      "T1,9:00:00,9:00:00,B,2",
      "T2,10:00:01,10:00:01,B,1",
      "T2,11:00:00,11:00:00,C,2",
    ),
  };
  const feed = await feedOf(block("R1,S,T2,G2,X", later));
  expect(calls(feed)).toEqual(["G1 AB", "G2 BC"]);
  expect(kinds(feed)).toEqual([]);
});

test("transfers.txt joins trips of different blocks, and keeps apart those of one where passengers have to leave", async () => {
  const transfers = (type: number) => ({
    "transfers.txt": `from_stop_id,to_stop_id,transfer_type,from_trip_id,to_trip_id\nB,B,${type},T1,T2\n`,
  });
  expect(calls(await feedOf(block("R1,S,T2,G2,", transfers(4))))).toEqual(["G1+G2 ABC"]);
  expect(calls(await feedOf(block("R1,S,T2,G2,X", transfers(5))))).toEqual(["G1 AB", "G2 BC"]);
  expect(calls(await feedOf(block("R1,S,T2,G2,X", transfers(2))))).toEqual(["G1+G2 ABC"]);
  const unknown = { "transfers.txt": "transfer_type,from_trip_id,to_trip_id\n4,T1,T9\n" };
  expect((await feedOf(block("R1,S,T2,G2,", unknown))).rowWarnings).toEqual([
    { file: "transfers.txt", line: 2, message: "trip_id T9 is not in trips.txt: the row is not used" },
  ]);
});

test("on days on which only one of them runs, each is a train by itself", async () => {
  const feed = await feedOf(
    block("R1,M,T2,G2,X", {
      "calendar.txt":
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nS,1,1,1,1,1,1,1,20260601,20260603\nM,1,1,1,1,1,1,1,20260602,20260605\n",
    }),
  );
  const days = feed.trains.map(
    (train) =>
      `${train.trainNumber} ${daysOf(train.days)
        .map((day) => dateOfDayNumber(day).slice(8))
        .join()}`,
  );
  expect(days).toEqual(["G1 01", "G1+G2 02,03", "G2 04,05"]);
});

test("a train that turns back is not joined, nor one by headway, and it is told why", async () => {
  const back = {
    "stop_times.txt": stopTimes(
      "T1,8:00:00,8:00:00,A,1",
      "T1,9:00:00,9:00:00,B,2",
      "T2,9:05:00,9:05:00,B,1",
      "T2,10:00:00,10:00:00,A,2",
    ),
  };
  const turning = await feedOf(block("R1,S,T2,G2,X", back));
  expect(calls(turning)).toEqual(["G1 AB", "G2 BA"]);
  expect(kinds(turning)).toEqual([apart("the train turns back")]);
  const headway = await feedOf(
    block("R1,S,T2,G2,X", {
      "frequencies.txt": "trip_id,start_time,end_time,headway_secs,exact_times\nT2,9:05:00,9:06:00,600,1\n",
    }),
  );
  expect(kinds(headway)).toEqual([apart("they run by headway")]);
  const long = await feedOf(block("R1,S,T2,G234567890123456789,X"));
  expect(kinds(long)).toEqual([apart("their numbers are too long for one")]);
});

test("where two trips meet a passenger may board the second and leave the first, as the feed says", async () => {
  const sided = (...[end, start]: [string, string]) => ({
    "stop_times.txt": [
      "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type",
      "T1,8:00:00,8:00:00,A,1,,",
      `T1,9:00:00,9:00:00,B,2,${end}`,
      `T2,9:05:00,9:05:00,B,1,${start}`,
      "T2,10:00:00,10:00:00,C,2,,",
      "T2,11:00:00,11:00:00,D,3,,",
    ].join("\n"),
  });
  const joint = async (end: string, start: string) =>
    (await feedOf(block("R1,S,T2,G2,X", sided(end, start)))).trains[0]!.stops[1]!.closedTo;
  expect(await joint("1,0", "0,1")).toBeUndefined();
  expect(await joint("1,0", "1,1")).toBe("boarding");
});
