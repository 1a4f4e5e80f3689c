/** Which seats a run that was exchanged does not have any more, and that all who ask come to the same train. */
import { expect, test } from "bun:test";
import { type Composition, exchangedTrain, plannedVersionOf, type SeatClass, seatsOf } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { coachesOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { compositionOf, compositionsPerRunMax, type Exchange, exchangedFor, isRunAs, lostSince } from "./index.ts";

const made = (code: string, ...rows: readonly [SeatClass, number][]): Composition => ({
  code,
  coaches: coachesOf(...rows),
});
/** Second class: seats 0…4 in coach 1, 5…9 in coach 2. */
const [a, b, c] = [
  made("A", ["second", 1], ["second", 1]),
  made("B", ["second", 1], ["first", 1], ["second", 1]),
  made("C", ["first", 1]),
];
const exchange = (...compositions: [Composition, ...Composition[]]): Exchange => ({
  compositions,
  since: epochMs(7),
  closedAt: null,
  openedAt: null,
});

test("a run can be one of its trains again, and its seats keep their numbers through all of them", () => {
  expect(exchangedFor([a], b)).toEqual([a, b]);
  expect(exchangedFor([a, b], a)).toEqual([a, b, a]);
  expect(exchangedFor([a, b, a], b)).toEqual([a, b]);
  expect(exchangedFor([a, b, a], c)).toEqual([a, b, c]);
  expect(exchangedFor([a, b, c], b)).toEqual([a, b, c, b]);
  // Read again and again, it is one object.
  expect(compositionOf({ compositions: structuredClone<[Composition, Composition]>([a, b]) })).toBe(
    compositionOf({ compositions: [a, b] }),
  );
  expect(seatsOf(compositionOf({ compositions: [a, b, a] }))).toEqual(seatsOf(compositionOf({ compositions: [a, b] })));
});

test("a seat is lost by its place, where another coach has the number now; of a train that has it again it is not", () => {
  const since = (
    said: { exchange?: Exchange; lost: readonly { no: number; since: never }[] },
    seatIndex: number,
    coachNo: number,
  ) => lostSince(said, { seatClass: "second" }, { seatIndex, coachNo });
  // Coach 2 is first class in B; its second class is coach 3.
  expect([4, 5].map((seat) => since({ exchange: exchange(a, b), lost: [] }, seat, seat < 5 ? 1 : 2))).toEqual([
    null,
    epochMs(7),
  ]);
  expect(since({ exchange: exchange(a, b, a), lost: [] }, 5, 2)).toBeNull();
  expect(since({ exchange: exchange(a, b, a), lost: [{ no: 2, since: 9 as never }] }, 5, 2)).toBe(9 as never);
  expect(since({ lost: [{ no: 2, since: 9 as never }] }, 5, 2)).toBe(9 as never);
});

test("who has heard of it knows by its version who else has, and by which the timetable knows it", () => {
  const { train } = testRun(a.coaches, 3);
  const trains = [[a], [a, b], [a, b, a], [a, b, c], [a, b, c, a], [a, b, c, b]] as [Composition][];
  const versions = trains.map((compositions) => exchangedTrain(train, compositionOf({ compositions })));
  expect(new Set(versions.map(({ trainVersionId }) => trainVersionId)).size).toBe(trains.length);
  for (const each of versions) {
    expect(Number.isSafeInteger(each.trainVersionId)).toBe(true);
    expect(plannedVersionOf(each)).toBe(train.trainVersionId);
  }
  const run = { ...testRun(a.coaches, 3), train: versions[1]! };
  expect([exchange(a, b), exchange(a, b, a), exchange(b), undefined].map((each) => isRunAs(run, each))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(isRunAs(testRun(a.coaches, 3), undefined)).toBe(true);
});

test("also a run that was as many trains as it may be, and is one of those again, has a whole number for its version", () => {
  const [first, ...others] = Array.from({ length: compositionsPerRunMax }, (_, n) => made(`T${n}`, ["second", n + 1]));
  const planned = { ...testRun(a.coaches, 3).train, trainVersionId: 40_000_007 };
  const versions = [first!, ...others.slice(0, -1)].map((back) =>
    exchangedTrain(planned, compositionOf({ compositions: exchangedFor([first!, ...others], back) })),
  );
  expect(versions.map(plannedVersionOf)).toEqual(versions.map(() => planned.trainVersionId));
  expect(versions.every(({ trainVersionId }) => Number.isSafeInteger(trainVersionId))).toBe(true);
  expect(new Set(versions.map(({ trainVersionId }) => trainVersionId)).size).toBe(versions.length);
});
