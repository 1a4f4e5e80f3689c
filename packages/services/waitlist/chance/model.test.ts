/** What is said of what has been seen. */
import { expect, test } from "bun:test";
import { type RunId, runId } from "@chepiao/contracts";
import { addDays } from "@chepiao/kernel";
import type { WaitlistOutcomes } from "@chepiao/ports/waitlist-store";
import { day } from "../testing.ts";
import { bandOf, chanceOfAny } from "./bands.ts";
import { type ChanceAsked, chanceModel as modelOf, countsAtOnce, roughChance } from "./model.ts";
import { spanCount, spanHours } from "./spans.ts";

const chanceModel = (all: readonly WaitlistOutcomes[]) => modelOf(all, async () => {});
const hours = Array.from({ length: spanCount }, (_, span) => spanHours[span + 1]! - spanHours[span]!);
/** A release in each so many hours, all the time; and ten who joined a day before. */
const run = (of: RunId, everyHours: number, served: number, ahead: number): WaitlistOutcomes => ({
  runId: of,
  releases: [
    {
      seatClass: "second",
      wayLength: 1,
      partySize: 1,
      useful: hours.map((each) => each / everyHours),
      watchedHours: hours,
    },
  ],
  waits: [
    { seatClasses: ["second"], wayLength: 1, partySize: 1, isNew: true, from: 5, until: 0, ahead, waited: 10, served },
  ],
});
const asked = (over: Partial<ChanceAsked> = {}): ChanceAsked => ({
  trainNumber: "G1",
  seatClasses: ["second"],
  wayLength: 1,
  partySize: 1,
  isNew: true,
  fromHours: 24,
  untilHours: 0,
  ahead: 3,
  ...over,
});
const days = (count: number, train: string, everyHours: number, served: number, ahead = 3) =>
  Array.from({ length: count }, (_, n) => run(runId(train, addDays(day, n)), everyHours, served, ahead));

test("what became of those of whom as much would have been said is what is said", async () => {
  expect((await chanceModel(days(8, "G1", 4, 7))).chanceOf(asked())).toBe(0.7);
  expect((await chanceModel(days(8, "G1", 4, 2))).chanceOf(asked())).toBe(0.2);
});

test("nothing is said of few runs, few who waited, or such as nobody has seen", async () => {
  expect((await chanceModel(days(7, "G1", 4, 7))).chanceOf(asked())).toBeNull();
  const model = await chanceModel(days(8, "G1", 4, 7));
  expect(model.chanceOf(asked({ ahead: 500 }))).toBeNull();
  expect(model.chanceOf(asked({ isNew: false }))).toBeNull();
  expect(model.chanceOf(asked({ seatClasses: ["first"] }))).toBeNull();
  const few = days(8, "G1", 4, 7).map((each) => ({
    ...each,
    waits: each.waits.map((wait) => ({ ...wait, waited: 4 })),
  }));
  expect((await chanceModel(few)).chanceOf(asked())).toBeNull();
});

test("a train that has been seen is told by its own releases, another by those of all", async () => {
  // G1 has eight times the releases of G2: those who have seven before them there are as those who have none here.
  const model = await chanceModel([...days(40, "G1", 2, 9), ...days(40, "G2", 16, 1)]);
  expect(model.chanceOf(asked({ trainNumber: "G1" }))).toBe(0.9);
  expect(model.chanceOf(asked({ trainNumber: "G2" }))).toBe(0.1);
});

test("the rough chance rises with releases, and falls with each before it", () => {
  expect(roughChance(0, 0)).toBe(0);
  for (const expected of [0.1, 1, 10, 100]) {
    // Of a negative binomial of shape 2, that it is not 0.
    expect(roughChance(expected, 0)).toBeCloseTo(1 - (2 / (2 + expected)) ** 2, 10);
    for (let ahead = 0; ahead < 50; ahead++) {
      expect(roughChance(expected, ahead + 1)).toBeLessThanOrEqual(roughChance(expected, ahead));
      expect(roughChance(expected * 1.1, ahead)).toBeGreaterThanOrEqual(roughChance(expected, ahead));
    }
  }
  expect(roughChance(100, 1_000_000)).toBeLessThan(1e-6);
});

test("the rough chance is what is left of a negative binomial once the releases up to those before it are added up", () => {
  for (const expected of [0.1, 1, 10, 100]) {
    const share = expected / (2 + expected);
    let term = (1 - share) ** 2;
    let atMost = 0;
    for (let ahead = 0; ahead < 100; ahead++) {
      atMost += term;
      term *= (share * (2 + ahead)) / (ahead + 1);
      expect(roughChance(expected, ahead)).toBeCloseTo(1 - atMost, 10);
    }
  }
});

test("it is made in pieces of whole runs: between two pauses never more than a run beyond what is done at once", async () => {
  const waitsOfRun = 30;
  let read = 0;
  const pieces: number[] = [];
  const counted = (of: WaitlistOutcomes): WaitlistOutcomes => ({
    ...of,
    waits: new Proxy(
      Array.from({ length: waitsOfRun }, () => of.waits[0]!),
      {
        get(waits, name, receiver) {
          if (name === Symbol.iterator) read += waits.length;
          return Reflect.get(waits, name, receiver) as unknown;
        },
      },
    ),
  });
  const all = days(200, "G1", 4, 7).map(counted);
  const paused = async () => void pieces.push(read);
  const model = await modelOf(all, paused);
  expect(read).toBe(200 * waitsOfRun);
  const atOnce = [...pieces, read].map((upTo, n, ends) => upTo - (ends[n - 1] ?? 0));
  expect(Math.max(...atOnce)).toBeLessThanOrEqual(countsAtOnce + waitsOfRun);
  // The same is said of it as where it is made at once.
  expect(model.chanceOf(asked())).toBe(0.7);
});

test("several trains are better than the best of them, and worse than if each went its own way", () => {
  expect(chanceOfAny([0.5])).toBe(0.5);
  const both = chanceOfAny([0.5, 0.5])!;
  expect(both).toBeGreaterThan(0.5);
  expect(both).toBeLessThan(0.75);
});

test("of a train nobody knows, the entry is told only what it could not make worse", () => {
  expect([[null], [null, null], [0.5, null], []].map(chanceOfAny)).toEqual([null, null, null, null]);
  expect(chanceOfAny([0.8, null])).toBe(0.8);
  expect([0.7, 0.69, 0.3, 0.29, null].map(bandOf)).toEqual(["high", "medium", "medium", "low", null]);
});
