/** The demonstration network is a believable railway, and sells from the first day to the last. */
import { expect, test } from "bun:test";
import { createMemoryTimetableStore, runsOnDate, takeOver } from "@chepiao/ports/timetable-store";
import { addDays, dayMs, epochMs, segmentsPerRunMax, serviceDate, serviceDayStart } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createTimetableRoom } from "@chepiao/services/timetable";
import { demoDays, generateDemoNetwork } from "./generate.ts";

const start = serviceDate("2026-12-01");
const network = generateDemoNetwork(1, start, demoDays);
const runsOn = (date: typeof start) => network.trains.filter((train) => runsOnDate(train.days, date));

test("one seed gives one network, another seed another", () => {
  expect(generateDemoNetwork(1, start, demoDays)).toEqual(network);
  expect(generateDemoNetwork(2, start, demoDays)).not.toEqual(network);
});

test("over a hundred cities, and over a thousand trains on every day of the span", () => {
  expect(new Set(network.stations.map((station) => station.city)).size).toBeGreaterThan(100);
  for (let day = 0; day < demoDays; day++) expect(runsOn(addDays(start, day)).length).toBeGreaterThan(1_000);
});

test("on the first day the night trains of the days before are under way", () => {
  const before = runsOn(addDays(start, -1));
  expect(before.filter((train) => train.stops.at(-1)!.arriveS > 86_400).length).toBeGreaterThan(50);
});

test("trains move forward in time and distance at the speed of trains, within the segments that a run may have", () => {
  for (const { trainNumber, stops } of network.trains) {
    expect(stops.length - 1).toBeLessThanOrEqual(segmentsPerRunMax);
    for (let at = 1; at < stops.length; at++) {
      const [before, stop] = [stops[at - 1]!, stops[at]!];
      const kmh = (stop.distanceM - before.distanceM) / 1_000 / ((stop.arriveS - before.departS) / 3_600);
      expect([trainNumber, stop.departS >= stop.arriveS, kmh > 10 && kmh < 350]).toEqual([trainNumber, true, true]);
    }
  }
});

test("numbers are used once, odd away from Beijing and even towards it, in pairs", () => {
  const numbers = new Set(network.trains.map((train) => train.trainNumber));
  expect(numbers.size).toBe(network.trains.length);
  for (const { trainNumber, stops } of network.trains) {
    const number = Number(trainNumber.slice(1));
    expect(numbers.has(trainNumber[0]! + (number % 2 ? number + 1 : number - 1))).toBe(true);
    if (stops[0]!.stationId.startsWith("BEIJING")) expect(number % 2).toBe(1);
  }
});

test("day trains end before midnight, and a good part of the others runs through the night with berths", () => {
  const byDay = network.trains.filter((train) => "GDC".includes(train.trainNumber[0]!));
  for (const train of byDay) expect(train.stops.at(-1)!.arriveS).toBeLessThan(86_400);
  const night = network.trains.filter((train) => train.stops.at(-1)!.arriveS > 86_400);
  expect(night.length).toBeGreaterThan(100);
  for (const train of night) expect(["25T", "25G"]).toContain(train.compositionCode);
});

test("every station is served in both directions of time: one can leave it and reach it", () => {
  const left = new Set(network.trains.flatMap((train) => train.stops.slice(0, -1).map((stop) => stop.stationId)));
  const reached = new Set(network.trains.flatMap((train) => train.stops.slice(1).map((stop) => stop.stationId)));
  for (const { stationId } of network.stations)
    expect([stationId, left.has(stationId), reached.has(stationId)]).toEqual([stationId, true, true]);
});

test("it is a timetable like any other, and sells on each of the fifteen days at once", async () => {
  expect(takeOver(null, network, new Set()).conflicts).toEqual([]);
  const store = createMemoryTimetableStore();
  await store.replace(network, { soldRuns: async () => new Set() });
  const now = epochMs(serviceDayStart(start, network.zone) + dayMs / 2);
  const ticket = await createTimetableRoom({
    store,
    clock: createManualClock(now),
  });
  const { timetable } = ticket;
  for (let day = 0; day < 15; day++) {
    const legs = timetable.legs(timetable.resolvePlace("北京"), timetable.resolvePlace("上海"), addDays(start, day));
    expect(legs.length).toBeGreaterThan(20);
    for (const { run, fromStop } of legs) expect(timetable.saleOpensAt(run, fromStop)).toBeLessThanOrEqual(now);
  }
});
