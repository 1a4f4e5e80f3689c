/** Who is who when a newer feed comes: whatever is added, moved or taken away, a train that is the same keeps its number. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { serviceDate } from "@chepiao/kernel";
import { serviceSpan } from "@chepiao/ports/timetable-store";
import { numberTrains, type TrainBefore, type UnnumberedTrain } from "./numbers.ts";
import { createProblems } from "./problems.ts";

const start = serviceDate("2026-12-01");
const daily = serviceSpan(start, 10)!;
const minute = 60;
const train = (departS: number, more: Partial<UnnumberedTrain> = {}): UnnumberedTrain => ({
  tripId: `T${departS}`,
  wanted: "S3",
  isMade: true,
  stations: ["A", "B", "C"],
  departS,
  days: daily,
  ...more,
});
const numbered = (trains: readonly UnnumberedTrain[], before: readonly TrainBefore[] = []) =>
  numberTrains(trains, before, createProblems());
/** As the trains are in the timetable afterwards. */
const stored = (trains: readonly UnnumberedTrain[], numbers: readonly string[]): TrainBefore[] =>
  trains.map(({ days, stations, departS }, n) => ({
    trainNumber: numbers[n]!,
    days,
    stops: stations.map((stationId, at) => ({
      stationId,
      arriveS: departS + at * 600,
      departS: departS + at * 600,
      distanceM: at,
    })),
  }));

test("a train that is there again keeps its number, whatever comes and goes around it, and no number is two trains'", () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 1_439 }), { maxLength: 40 });
  fc.assert(
    fc.property(minutes, minutes, minutes, (stay, leave, arrive) => {
      const gone = leave.filter((each) => !stay.includes(each));
      const come = arrive.filter((each) => !stay.includes(each) && !gone.includes(each));
      const first = [...stay, ...gone].map((each) => train(each * minute));
      const numbersBefore = numbered(first);
      const second = [...come, ...stay.toReversed()].map((each) => train(each * minute));
      const numbers = numbered(second, stored(first, numbersBefore));
      expect(new Set(numbers).size).toBe(second.length);
      for (const [n, { departS }] of first.slice(0, stay.length).entries())
        expect(numbers[second.findIndex((each) => each.departS === departS)]).toBe(numbersBefore[n]);
    }),
  );
});

test("a train that is moved by some minutes, or goes further, is the same one", () => {
  const before = stored([train(8 * 3_600), train(10 * 3_600)], ["S3", "S3-2"]);
  expect(numbered([train(6 * 3_600), train(10 * 3_600 + 29 * minute)], before)).toEqual(["S3-3", "S3-2"]);
  expect(numbered([train(6 * 3_600), train(10 * 3_600 + 31 * minute)], before)).toEqual(["S3-3", "S3-4"]);
  expect(numbered([train(10 * 3_600, { stations: ["A", "B", "C", "D"] })], before)).toEqual(["S3-2"]);
  expect(numbered([train(10 * 3_600, { stations: ["X", "C"] })], before)).toEqual(["S3-3"]);
});

test("a number of the feed is its train's own, and one that was told apart from it stays so", () => {
  const before = stored([train(8 * 3_600), train(12 * 3_600)], ["G1", "G1-2"]);
  const named = (departS: number) => train(departS, { wanted: "G1", isMade: false });
  expect(numbered([named(15 * 3_600)], before)).toEqual(["G1"]);
  expect(numbered([named(12 * 3_600)], before)).toEqual(["G1-2"]);
  expect(numbered([named(6 * 3_600), named(8 * 3_600)], before)).toEqual(["G1-3", "G1"]);
});

test("trains of other days may share a number, and each keeps it", () => {
  const weekend = serviceSpan(start, 10, 0b1100000)!;
  const weekdays = serviceSpan(start, 10, 0b0011111)!;
  const first = [train(8 * 3_600, { days: weekdays }), train(9 * 3_600, { days: weekend })];
  expect(numbered(first)).toEqual(["S3", "S3"]);
  const second = [train(7 * 3_600, { days: weekend }), ...first];
  expect(numbered(second, stored(first, ["S3", "S3"]))).toEqual(["S3-2", "S3", "S3"]);
});

test("long names that are cut for their count are known again", () => {
  const long = { wanted: "RegionalExpress12345" };
  const trains = Array.from({ length: 12 }, (_, n) => train(n * 3_600, long));
  const numbers = numbered(trains);
  expect(new Set(numbers).size).toBe(12);
  expect(numbers.every((number) => number.length <= 20)).toBe(true);
  expect(numbered(trains.toReversed(), stored(trains, numbers))).toEqual(numbers.toReversed());
});

test("ten thousand trains of one name are told apart, and known again, before anybody gives up", () => {
  const trains = Array.from({ length: 10_000 }, (_, n) => train(n * 8));
  const numbers = numbered(trains);
  expect(new Set(numbers).size).toBe(10_000);
  expect(numbered(trains.toReversed(), stored(trains, numbers))).toEqual(numbers.toReversed());
});
