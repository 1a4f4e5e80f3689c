/**
 * Chances mean what they say, over generated seasons of different shapes: of all who were told of one band, in days that nobody had seen yet,
 * as many were served as was said, within ten points.
 */
import { expect, test } from "bun:test";
import { type ChanceBand, chanceBands } from "@chepiao/contracts";
import { addDays, createPrng } from "@chepiao/kernel";
import type { WaitlistOutcomes } from "@chepiao/ports/waitlist-store";
import { decideByOf } from "../decide.ts";
import { day } from "../testing.ts";
import { bandOf, chanceOfAny } from "./bands.ts";
import { type ChanceModel, chanceModel as modelOf } from "./model.ts";
import { outcomesOf } from "./outcomes.ts";
import { type Asked, type Shape, simulateSeason } from "./seasons.ts";
import { hoursBefore, isNew, partyOf, wayLengthOf } from "./spans.ts";

const chanceModel = (all: readonly WaitlistOutcomes[]) => modelOf(all, async () => {});
const usual = { returns: [0.25, 0.25, 0.25], lateness: 1, parties: [1, 1, 2], unrest: 0.3 } as const;
const shapes: Readonly<Record<string, Omit<Shape, "trains">>> = {
  "an everyday line": { ...usual, waiting: 12 },
  "a holiday": { ...usual, waiting: 50, returns: [0.15, 0.15, 0.15], lateness: 1.5, parties: [1, 1, 2, 2, 3] },
  "tickets that come back on the last day": { ...usual, waiting: 30, lateness: 4 },
  families: { ...usual, waiting: 20, parties: [1, 2, 3, 4, 5] },
  "trains that differ": { ...usual, waiting: 25, returns: [0.05, 0.2, 0.5] },
  "days that differ": { ...usual, waiting: 25, returns: [0.2, 0.2, 0.2], unrest: 1 },
};
const daysLearned = 60;
const daysTold = 60;
const pointsMax = 10;
/** Fewer who were told of a band say nothing about it: chance alone moves a hundred of them by five points, and those of one day move together. */
const toldMin = 150;

type Season = { readonly outcomes: readonly WaitlistOutcomes[]; readonly asked: readonly Asked[] };
const seasons = new Map<string, Season>();

/** Days that are learned from, and the questions of other days. */
function seasonOf(name: string): Season {
  const n = Object.keys(shapes).indexOf(name);
  const shape = { ...shapes[name]!, trains: [`G${n}1`, `G${n}2`, `G${n}3`] } as const;
  let season = seasons.get(name);
  if (!season) {
    const seen = [...simulateSeason(shape, day, daysLearned, createPrng(100 + n))].flatMap(({ runs }) => runs);
    const unseen = [...simulateSeason(shape, addDays(day, 365), daysTold, createPrng(200 + n))];
    season = {
      outcomes: seen.map((run) => outcomesOf(run.runId, run.entries, run.releases)),
      asked: unseen.flatMap(({ asked }) => asked),
    };
    seasons.set(name, season);
  }
  return season;
}

function chanceOf(model: ChanceModel, { entry, at, ahead }: Asked): number | null {
  return chanceOfAny(
    entry.choices.map((choice, n) =>
      model.chanceOf({
        trainNumber: choice.trainNumber,
        seatClasses: choice.seatClasses,
        wayLength: wayLengthOf(choice),
        partySize: partyOf(entry.passengers.length),
        isNew: isNew(entry.place!, at, decideByOf(choice, entry)),
        fromHours: hoursBefore(choice.departAt, at),
        untilHours: hoursBefore(choice.departAt, decideByOf(choice, entry)),
        ahead: ahead[n]!,
      }),
    ),
  );
}

type Told = { readonly count: number; readonly said: number; readonly happened: number };

/** In percent, by band; of those who waited until it was decided. */
function tell(model: ChanceModel, asked: readonly Asked[]): ReadonlyMap<ChanceBand | null, Told> {
  const decided = asked.filter(({ entry }) => entry.state !== "cancelled");
  const chances = decided.map((each) => ({ chance: chanceOf(model, each), isServed: each.entry.state === "served" }));
  const byBand = Map.groupBy(chances, ({ chance }) => bandOf(chance));
  return new Map(
    [...byBand].map(([band, told]) => [
      band,
      {
        count: told.length,
        said: percent(told.reduce((sum, { chance }) => sum + (chance ?? 0), 0) / told.length),
        happened: percent(told.filter(({ isServed }) => isServed).length / told.length),
      },
    ]),
  );
}
const percent = (share: number) => Math.round(share * 1_000) / 10;

const wrongOf = (told: ReadonlyMap<ChanceBand | null, Told>) =>
  chanceBands.flatMap((band) => {
    const { count, said, happened } = told.get(band) ?? { count: 0, said: 0, happened: 0 };
    return count >= toldMin && Math.abs(said - happened) > pointsMax ? [{ band, count, said, happened }] : [];
  });

/** Whether anything was said is part of it: silence is always right. */
function expectCalibrated(told: ReadonlyMap<ChanceBand | null, Told>, asked: readonly Asked[]) {
  expect(wrongOf(told)).toEqual([]);
  expect(told.get(null)?.count ?? 0).toBeLessThan(asked.length / 10);
  for (const band of chanceBands) expect({ band, ...told.get(band) }).toMatchObject({ count: expect.any(Number) });
}

for (const name of Object.keys(shapes))
  test(`what is said happens, within ${pointsMax} points in each band: ${name}`, async () => {
    const { outcomes, asked } = seasonOf(name);
    const told = tell(await chanceModel(outcomes), asked);
    if (process.env["CALIBRATION_TABLE"]) console.log(name, Object.fromEntries(told));
    expectCalibrated(told, asked);
  }, 60_000);

test("what is said happens on a platform that has all of these trains", async () => {
  const all = Object.keys(shapes).map(seasonOf);
  const asked = all.flatMap((season) => season.asked);
  const told = tell(await chanceModel(all.flatMap(({ outcomes }) => outcomes)), asked);
  if (process.env["CALIBRATION_TABLE"]) console.log("all", Object.fromEntries(told));
  expectCalibrated(told, asked);
}, 60_000);

test("who is told without a look at those before them is told wrong: calibration is seen to fail", async () => {
  const { outcomes, asked } = seasonOf("a holiday");
  const alone = asked.map((each) => ({ ...each, ahead: each.ahead.map(() => 0) }));
  expect(wrongOf(tell(await chanceModel(outcomes), alone))).not.toEqual([]);
});

test("of a platform that has seen few runs nothing is said", async () => {
  const { outcomes, asked } = seasonOf("an everyday line");
  expect([...tell(await chanceModel(outcomes.slice(0, 7)), asked).keys()]).toEqual([null]);
  expect([...tell(await chanceModel([]), asked).keys()]).toEqual([null]);
});
