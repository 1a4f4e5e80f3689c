/**
 * How likely an entry is to be served by a train: a pure function of what became of those who waited before.
 *
 *   1. How many releases are still to come that would seat such a party over such a way: from releases by hours before departure, those of
 *      the train itself as far as it is known, of all trains otherwise.
 *   2. Against how many are before it: a rough chance, that of more releases than they are.
 *   3. What became of those of whom as much would have been said: that is what is said.
 *
 * The third step makes the first two honest: others take part of a seat, a party of five is passed over, people give up.
 */
import { type SeatClass, trainAndDateOf } from "@chepiao/contracts";
import type { WaitCount, WaitlistOutcomes } from "@chepiao/ports/waitlist-store";
import { hoursWithin, spanCount, spanHours } from "./spans.ts";

export type ChanceAsked = {
  readonly trainNumber: string;
  readonly seatClasses: readonly SeatClass[];
  readonly wayLength: number;
  readonly partySize: number;
  readonly isNew: boolean;
  /** Hours before the departure: now, and when it is decided at the latest. */
  readonly fromHours: number;
  readonly untilHours: number;
  /** Entries before it that could use the same seats. */
  readonly ahead: number;
};

export type ChanceModel = {
  /** From 0 to 1; null where too little is known. */
  chanceOf(asked: ChanceAsked): number | null;
};

/** Those of one run share its fate: so many runs, and so many who waited, are enough to know. */
const runsMin = 8;
const waitedMin = 40;
/** The average of all trains counts as much as so many runs of the train itself. */
const averageRuns = 2;

type Rates = { readonly useful: Float64Array; readonly watchedHours: Float64Array };
type Known = { runs: number; waited: number; served: number };

/** Counts are added up in pieces: after as many as this, of whole runs, others on the thread have their turn. */
export const countsAtOnce = 1_000;

/** @param pause is waited for after each piece */
export async function chanceModel(all: readonly WaitlistOutcomes[], pause: () => Promise<void>): Promise<ChanceModel> {
  const rates = new Map<string, Rates>();
  await inPieces(all, pause, (outcomes) => addTo(rates, outcomes));
  const known = new Map<string, Known>();
  await inPieces(all, pause, (outcomes) => addKnown(known, outcomes, rates));
  return {
    chanceOf(asked) {
      const found = known.get(likeOf(asked, expectedReleases(asked, rates, null)));
      return found && found.runs >= runsMin && found.waited >= waitedMin ? found.served / found.waited : null;
    },
  };
}

async function inPieces(
  all: readonly WaitlistOutcomes[],
  pause: () => Promise<void>,
  add: (outcomes: WaitlistOutcomes) => void,
): Promise<void> {
  let counts = 0;
  for (const outcomes of all) {
    add(outcomes);
    counts += outcomes.releases.length + outcomes.waits.length;
    if (counts < countsAtOnce) continue;
    counts = 0;
    await pause();
  }
}

// 1 ----------------------------------------------------------------------------------------------------------------------

type Kind = { readonly seatClass: SeatClass; readonly wayLength: number; readonly partySize: number };
const everyTrain = "";
const kindName = (trainNumber: string, { seatClass, wayLength, partySize }: Kind) =>
  `${trainNumber} ${seatClass} ${wayLength} ${partySize}`;

function addTo(rates: Map<string, Rates>, { runId, releases }: WaitlistOutcomes): void {
  for (const counts of releases)
    for (const train of [everyTrain, trainAndDateOf(runId)[0]]) {
      const name = kindName(train, counts);
      let sum = rates.get(name);
      if (!sum)
        rates.set(name, (sum = { useful: new Float64Array(spanCount), watchedHours: new Float64Array(spanCount) }));
      for (let span = 0; span < spanCount; span++) {
        sum.useful[span]! += counts.useful[span]!;
        sum.watchedHours[span]! += counts.watchedHours[span]!;
      }
    }
}

type Releases = ReadonlyMap<string, Pick<WaitlistOutcomes["releases"][number], "useful" | "watchedHours">>;

/** @param without a run that says nothing about itself */
function expectedReleases(asked: ChanceAsked, rates: ReadonlyMap<string, Rates>, without: Releases | null): number {
  let expected = 0;
  for (const seatClass of asked.seatClasses) {
    const kind = { seatClass, wayLength: asked.wayLength, partySize: asked.partySize };
    const ofAll = rates.get(kindName(everyTrain, kind));
    if (!ofAll) continue;
    const ofTrain = rates.get(kindName(asked.trainNumber, kind));
    const less = without?.get(kindName(everyTrain, kind));
    for (let span = 0; span < spanCount; span++) {
      const hours = hoursWithin(span, asked.fromHours, asked.untilHours);
      if (hours > 0) expected += hours * rateOf(ofAll, ofTrain, less, span);
    }
  }
  return expected;
}

/** An hour. */
function rateOf(
  ofAll: Rates,
  ofTrain: Rates | undefined,
  less: (Pick<Rates, never> & Partial<LessRates>) | undefined,
  span: number,
): number {
  const lessUseful = less?.useful?.[span] ?? 0;
  const lessHours = less?.watchedHours?.[span] ?? 0;
  const allHours = ofAll.watchedHours[span]! - lessHours;
  const average = allHours > 0 ? (ofAll.useful[span]! - lessUseful) / allHours : 0;
  const averageHours = averageRuns * (spanHours[span + 1]! - spanHours[span]!);
  const useful = ofTrain ? ofTrain.useful[span]! - lessUseful : 0;
  const hours = ofTrain ? ofTrain.watchedHours[span]! - lessHours : 0;
  return (useful + average * averageHours) / (hours + averageHours);
}
type LessRates = { readonly useful: ArrayLike<number>; readonly watchedHours: ArrayLike<number> };

// 2 ----------------------------------------------------------------------------------------------------------------------

/** Trains of one kind differ more than chance alone would have it: a negative binomial of this shape, whose tail is a formula. */
const shape = 2;

/** That more releases come than there are entries before it. */
export function roughChance(expected: number, ahead: number): number {
  if (expected <= 0) return 0;
  const share = expected / (shape + expected);
  return share ** (ahead + 1) * (1 + (ahead + 1) * (1 - share));
}

// 3 ----------------------------------------------------------------------------------------------------------------------

const roughEdges = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97] as const;

/** As much would be said of them. */
function likeOf(
  { partySize, isNew, ahead }: Pick<ChanceAsked, "ahead" | "isNew" | "partySize">,
  expected: number,
): string {
  const rough = roughChance(expected, ahead);
  return `${partySize === 1 ? "one" : "several"} ${isNew} ${roughEdges.findLastIndex((edge) => edge <= rough)}`;
}

function addKnown(
  known: Map<string, Known>,
  { runId, releases, waits }: WaitlistOutcomes,
  rates: ReadonlyMap<string, Rates>,
) {
  const own = new Map(releases.map((counts) => [kindName(everyTrain, counts), counts]));
  const [trainNumber] = trainAndDateOf(runId);
  const seen = new Set<Known>();
  for (const wait of waits) {
    const name = likeOf(wait, expectedReleases(askedBy(wait, trainNumber), rates, own));
    const found = known.get(name) ?? { runs: 0, waited: 0, served: 0 };
    known.set(name, found);
    if (!seen.has(found)) found.runs++;
    seen.add(found);
    found.waited += wait.waited;
    found.served += wait.served;
  }
}

const askedBy = (wait: WaitCount, trainNumber: string): ChanceAsked => ({
  ...wait,
  trainNumber,
  fromHours: spanHours[wait.from]!,
  untilHours: spanHours[wait.until]!,
});
