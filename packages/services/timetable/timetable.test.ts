/** Journeys against a slow obvious scan, runs, versions, openings and overrides. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { firstPolicyVersion, policyDefault, withChanges } from "@chepiao/contracts";
import type { Leg, ServiceHours, StopSide, Timetable } from "@chepiao/contracts";
import {
  addDays,
  dateIn,
  epochMs,
  fen,
  formatInZone,
  hourMs,
  serviceDate,
  serviceDayStart,
  type ServiceDate,
  type ZoneName,
} from "@chepiao/kernel";
import { runsOnDate, type StoredTimetable } from "@chepiao/ports/timetable-store";
import { mixedTrain, station, timetableOf, type TrainSketch } from "./testing.ts";
import { createTimetable, saleOpensAt } from "./timetable.ts";

const rules = firstPolicyVersion(policyDefault);
const shanghai = "Asia/Shanghai" as ZoneName;
const newYork = "America/New_York" as ZoneName;
const first = serviceDate("2026-12-01");
const letters = ["A", "B", "C", "D", "E", "F"];
const stations = letters.map((letter) => station(letter));

const sketch = (
  trainNumber: string,
  route: string,
  more: Partial<TrainSketch> & { start?: number; hop?: number } = {},
): TrainSketch => ({
  trainNumber,
  from: first,
  days: 10,
  calls: route.split("").map((letter, n) => {
    const arrive = (more.start ?? 28_800) + n * (more.hop ?? 3_600);
    return [letter, arrive, arrive + 120] as const;
  }),
  ...more,
});
const timetable = (...trains: TrainSketch[]) => createTimetable(timetableOf(shanghai, stations, trains), rules);
const say = (legs: readonly Leg[]) => legs.map(({ run, fromStop, toStop }) => `${run.runId} ${fromStop}-${toStop}`);

test("journeys are those of an obvious scan over every train, date and pair of stops", () => {
  fc.assert(
    fc.property(
      networks,
      fc.constantFrom(shanghai, newYork),
      fc.integer({ min: -2, max: 12 }),
      (sketches, zone, offset) => {
        // In New York the clock goes back on 2026-11-01 and forward on 2027-03-14.
        const start = serviceDate(zone === newYork ? (offset % 2 ? "2026-10-28" : "2027-03-09") : "2026-12-01");
        const stored = timetableOf(
          zone,
          stations,
          sketches.map((train) => ({ ...train, from: start })),
        );
        const subject = createTimetable(stored, rules);
        const date = addDays(start, offset);
        for (const [from, to] of [
          [["A"], ["B"]],
          [
            ["A", "B"],
            ["C", "D"],
          ],
          [
            ["A", "B"],
            ["B", "A"],
          ],
          [["E"], ["nowhere"]],
        ])
          expect(say(subject.legs(from!, to!, date))).toEqual(slowLegs(stored, subject, from!, to!, date));
      },
    ),
    { numRuns: 300 },
  );
});

const networks = fc
  .array(
    fc
      .record({
        route: fc.array(fc.constantFrom(...letters), { minLength: 2, maxLength: 7 }),
        start: fc.integer({ min: 0, max: 100_000 }),
        hop: fc.integer({ min: 600, max: 30_000 }),
        days: fc.integer({ min: 1, max: 9 }),
        closed: fc.array(fc.constantFrom<StopSide | null>("boarding", "alighting", null, null), { maxLength: 7 }),
      })
      // A train does not go from a station to itself.
      .filter(({ route }) => route.every((letter, n) => letter !== route[n - 1])),
    { maxLength: 8 },
  )
  .map((trains) => trains.map(({ route, ...more }, n) => sketch(`G${n}`, route.join(""), more)));

function slowLegs(
  stored: StoredTimetable,
  subject: Timetable,
  from: string[],
  to: string[],
  date: ServiceDate,
): string[] {
  const found: { key: (number | string)[]; text: string }[] = [];
  for (const { trainNumber, stops, days, zone } of stored.trains) {
    for (let back = -2; back <= 8; back++) {
      const origin = addDays(date, -back);
      if (!runsOnDate(days, origin)) continue;
      const at = (seconds: number) => epochMs(serviceDayStart(origin, zone) + seconds * 1_000);
      for (let i = 0; i < stops.length; i++) {
        for (let j = i + 1; j < stops.length; j++) {
          const [a, b] = [stops[i]!.stationId, stops[j]!.stationId];
          if (stops[i]!.closedTo === "boarding" || stops[j]!.closedTo === "alighting") continue;
          const between = stops
            .slice(i + 1, j)
            .some(
              ({ stationId, closedTo }) =>
                (stationId === a && closedTo !== "boarding") || (stationId === b && closedTo !== "alighting"),
            );
          if (a === b || between || !from.includes(a) || !to.includes(b)) continue;
          if (dateIn(zone, at(stops[i]!.departS)) !== date) continue;
          const runId = `${trainNumber}/${origin}`;
          found.push({ key: [at(stops[i]!.departS), at(stops[j]!.arriveS), runId, i, j], text: `${runId} ${i}-${j}` });
        }
      }
    }
  }
  expect(subject.zone).toBe(stored.zone);
  return found.sort((x, y) => compare(x.key, y.key)).map(({ text }) => text);
}

function compare(x: (number | string)[], y: (number | string)[]): number {
  for (let n = 0; n < x.length; n++) if (x[n] !== y[n]) return x[n]! < y[n]! ? -1 : 1;
  return 0;
}

test("a board is that of an obvious scan over every train, day and stop, whatever the clocks do", () => {
  fc.assert(
    fc.property(
      networks,
      fc.constantFrom(shanghai, newYork),
      fc.integer({ min: -2, max: 12 }),
      fc.constantFrom<StopSide>("boarding", "alighting"),
      (sketches, zone, offset, side) => {
        const start = serviceDate(zone === newYork ? (offset % 2 ? "2026-10-28" : "2027-03-09") : "2026-12-01");
        const stored = timetableOf(
          zone,
          stations,
          sketches.map((train) => ({ ...train, from: start })),
        );
        const subject = createTimetable(stored, rules);
        const date = addDays(start, offset);
        for (const { stationId } of stations)
          expect(subject.calls(stationId, side, date).map(({ run, stop }) => `${run.runId} ${stop}`)).toEqual(
            slowCalls(stored, stationId, side, date),
          );
      },
    ),
    { numRuns: 300 },
  );
});

function slowCalls(stored: StoredTimetable, stationId: string, side: StopSide, date: ServiceDate): string[] {
  const found: { at: number; text: string }[] = [];
  for (const { trainNumber, stops, days, zone } of stored.trains)
    for (let back = -2; back <= 8; back++) {
      const origin = addDays(date, -back);
      if (!runsOnDate(days, origin)) continue;
      stops.forEach((stop, n) => {
        if (stop.stationId !== stationId || stop.closedTo === side) return;
        if (n === (side === "boarding" ? stops.length - 1 : 0)) return;
        const seconds = side === "boarding" ? stop.departS : stop.arriveS;
        const at = epochMs(serviceDayStart(origin, zone) + seconds * 1_000);
        if (dateIn(zone, at) === date) found.push({ at, text: `${trainNumber}/${origin} ${n}` });
      });
    }
  return found.sort((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1)).map(({ text }) => text);
}

test("who boards after midnight boards on the next day a train that left the day before", () => {
  const night = timetable(sketch("Z1", "ABC", { start: 80_000, hop: 10_000 }));
  expect(say(night.legs(["B"], ["C"], addDays(first, 1)))).toEqual(["Z1/2026-12-01 1-2"]);
  expect(night.legs(["B"], ["C"], first)).toEqual([]);
  expect(say(night.legs(["A"], ["C"], first))).toEqual(["Z1/2026-12-01 0-2"]);
});

test("a train that calls twice is boarded at the last chance and left at the first", () => {
  const loop = timetable(sketch("G1", "ABACB"));
  expect(say(loop.legs(["A"], ["C"], first))).toEqual(["G1/2026-12-01 2-3"]);
  expect(say(loop.legs(["A"], ["B"], first))).toEqual(["G1/2026-12-01 0-1", "G1/2026-12-01 2-4"]);
  expect(say(loop.legs(["B"], ["A"], first))).toEqual(["G1/2026-12-01 1-2"]);
  expect(loop.stopIndex(loop.run("G1", first)!, "A", 1)).toBe(2);
  expect(loop.stopIndex(loop.run("G1", first)!, "A", 3)).toBe(-1);
});

test("who may not get on or off at a stop is not offered it, and a call before or after it takes its place", () => {
  const onlyOff = timetable(sketch("G1", "ABC", { closed: [null, "boarding"] }));
  expect(onlyOff.legs(["B"], ["C"], first)).toEqual([]);
  expect(say(onlyOff.legs(["A"], ["B"], first))).toEqual(["G1/2026-12-01 0-1"]);
  const onlyOn = timetable(sketch("G1", "ABC", { closed: [null, "alighting"] }));
  expect(onlyOn.legs(["A"], ["B"], first)).toEqual([]);
  expect(say(onlyOn.legs(["B"], ["C"], first))).toEqual(["G1/2026-12-01 1-2"]);
  const loop = timetable(sketch("G1", "ABAC", { closed: [null, null, "boarding"] }));
  expect(say(loop.legs(["A"], ["C"], first))).toEqual(["G1/2026-12-01 0-3"]);
  expect(loop.stopIndex(loop.run("G1", first)!, "A", 1, "boarding")).toBe(-1);
  expect(loop.stopIndex(loop.run("G1", first)!, "A", 1, "alighting")).toBe(2);
});

test("a run is one object however it is found", () => {
  const { legs, run, runsOn } = timetable(sketch("G1", "AB"), sketch("G3", "AB", { days: 1 }));
  const [leg] = legs(["A"], ["B"], first);
  expect(run("G1", first)).toBe(leg!.run);
  expect([...runsOn(first)][0]).toBe(leg!.run);
  expect([...runsOn(addDays(first, 1))].map(({ runId }) => String(runId))).toEqual(["G1/2026-12-02"]);
  expect(run("G3", addDays(first, 1))).toBeNull();
  expect(run("G9", first)).toBeNull();
});

test("a train's version is that of the date", () => {
  const versions = timetable(sketch("G1", "AB", { days: 2 }), sketch("G1", "AC", { from: addDays(first, 2), days: 2 }));
  expect(versions.run("G1", addDays(first, 1))!.train.stops[1]!.stationId).toBe("B");
  expect(versions.run("G1", addDays(first, 2))!.train.stops[1]!.stationId).toBe("C");
  expect(versions.knowsTrain("G1")).toBe(true);
  expect(versions.knowsTrain("G2")).toBe(false);
});

test("a train is found by its number as it is printed, and by other letters where none is printed so", () => {
  const { trainCalled } = timetable(
    sketch("Os1234", "AB"),
    sketch("IC1", "AB"),
    sketch("ic1", "AC"),
    sketch("G1", "AB"),
  );
  const meant = { Os1234: "Os1234", OS1234: "Os1234", os1234: "Os1234", g1: "G1", Ｇ１: "G1", IC1: "IC1", ic1: "ic1" };
  for (const [text, number] of Object.entries(meant)) expect([text, trainCalled(text)]).toEqual([text, number]);
  // Of two that differ in their letters alone, the first.
  expect(trainCalled("Ic1")).toBe("IC1");
  for (const text of ["Os", "", "os12345"]) expect(trainCalled(text)).toBeNull();
});

test("a sale opens at the opening time, the window's days before the origin date", () => {
  const subject = timetable(sketch("G1", "AB", { days: 30 }));
  const run = subject.run("G1", serviceDate("2026-12-20"))!;
  expect(formatInZone(subject.saleOpensAt(run, 0), shanghai)).toBe("2026-12-06T08:00:00+08:00");
});

test("a sale opens when the clock on the wall says so, on the day the clock changes too", () => {
  const berlin = "Europe/Berlin" as ZoneName;
  const opens = (date: string, opensAt: string) => {
    const at = saleOpensAt(serviceDate(date), {
      policy: withChanges(policyDefault, { sale: { opensAt } }),
      zone: berlin,
    });
    return formatInZone(at, berlin);
  };
  expect(opens("2027-04-11", "00:30")).toBe("2027-03-28T00:30:00+01:00");
  expect(opens("2027-11-14", "00:30")).toBe("2027-10-31T00:30:00+02:00");
  expect(opens("2027-04-11", "08:00")).toBe("2027-03-28T08:00:00+02:00");
  expect(opens("2027-11-14", "08:00")).toBe("2027-10-31T08:00:00+01:00");
  // 02:30 is leapt over.
  expect(opens("2027-04-11", "02:30")).toBe("2027-03-28T03:30:00+02:00");
});

test("a sale that would open while no tickets are bought opens when they are, by the railway's clock, in every zone", () => {
  const abroad = { ...station("C"), zone: "Asia/Tokyo" as ZoneName };
  const calls = [
    ["A", 28_800, 28_800],
    ["C", 36_000, 36_000],
    ["B", 43_200, 43_200],
  ] as const;
  const stored = timetableOf(shanghai, [station("A"), abroad, station("B")], [sketch("G1", "", { calls, days: 30 })]);
  const opens = (opensAt: string, hours: ServiceHours) => {
    const subject = createTimetable(
      stored,
      firstPolicyVersion(withChanges(policyDefault, { sale: { opensAt }, service: { hours } })),
    );
    const run = subject.run("G1", serviceDate("2026-12-20"))!;
    return [0, 1].map((stop) => formatInZone(subject.saleOpensAt(run, stop), shanghai));
  };
  const ofChina: ServiceHours = { from: "05:00", to: "01:00" };
  expect(opens("08:00", ofChina)).toEqual(["2026-12-06T08:00:00+08:00", "2026-12-06T07:00:00+08:00"]);
  expect(opens("00:30", ofChina)).toEqual(["2026-12-06T00:30:00+08:00", "2026-12-05T23:30:00+08:00"]);
  expect(opens("02:00", ofChina)).toEqual(["2026-12-06T05:00:00+08:00", "2026-12-06T05:00:00+08:00"]);
  // A Sunday.
  expect(opens("08:00", { ...ofChina, weekdays: { sunday: "closed" } })).toEqual(
    Array.from({ length: 2 }, () => "2026-12-07T05:00:00+08:00"),
  );
});

test("a run kept from another zone counts its times in that zone", () => {
  const kept = timetable(sketch("G1", "AB"), sketch("G3", "AB", { zone: "Asia/Tokyo" as ZoneName }));
  expect(kept.run("G1", first)!.dayStart - kept.run("G3", first)!.dayStart).toBe(hourMs);
});

test("who boards in another zone boards on the day that the clock there shows", () => {
  const london = "Europe/London" as ZoneName;
  const paris = "Europe/Paris" as ZoneName;
  // 21:00 A, 23:35 C, which is 00:35 of the next day in Paris, 24:30 E.
  const calls = [
    ["A", 75_600, 75_600],
    ["C", 84_600, 84_900],
    ["E", 88_200, 88_200],
  ] as const;
  const abroad = stations.map((each) => ("CE".includes(each.stationId) ? { ...each, zone: paris } : each));
  const night = createTimetable(timetableOf(london, abroad, [sketch("G1", "", { calls })]), rules);
  expect(say(night.legs(["A"], ["E"], first))).toEqual(["G1/2026-12-01 0-2"]);
  expect(night.legs(["C"], ["E"], first)).toEqual([]);
  expect(say(night.legs(["C"], ["E"], addDays(first, 1)))).toEqual(["G1/2026-12-01 1-2"]);
  expect([night.zoneOf("A"), night.zoneOf("C"), night.zoneOf("nowhere")]).toEqual([london, paris, london]);
  expect(night.zones).toEqual([london, paris]);
});

test("standing costs what the class it stands in costs", () => {
  const seats = timetable(sketch("G1", "AB"));
  const run = seats.run("G1", first)!;
  expect(seats.fare(run, "standing", 0, 1, "adult")).toBe(seats.fare(run, "hardSeat", 0, 1, "adult"));
  const fast = { code: "fast", coaches: mixedTrain.coaches.slice(0, 2) };
  const without = timetable(sketch("G1", "AB", { composition: fast }));
  const second = without.run("G1", first)!;
  expect(without.fare(second, "standing", 0, 1, "adult")).toBe(without.fare(second, "second", 0, 1, "adult"));
});

test("a fare set for two stations wins over the train's, and other trains keep theirs", () => {
  const stored = timetableOf(
    shanghai,
    stations,
    [sketch("G1", "ABC"), sketch("G3", "ABC")],
    [
      {
        trainNumber: "G1",
        seatClass: "second",
        between: { fromStationId: "A", toStationId: "B" },
        set: { fareFen: fen(1_000) },
      },
      { trainNumber: "G1", seatClass: "second", between: null, set: { rateBasisPoints: 5_000 } },
    ],
  );
  const subject = createTimetable(stored, rules);
  const fare = (train: string, from: number, to: number) =>
    subject.fare(subject.run(train, first)!, "second", from, to, "adult");
  expect(fare("G1", 0, 1)).toBe(fen(1_000));
  expect(fare("G1", 1, 2)).toBe(fen(2_300)); // half of 45.50, to the half yuan
  expect(fare("G3", 0, 1)).toBeGreaterThan(1_000);
});
