/** What a command of the simulation does, once it is known which bug is planted, if any. */
import { runSeed, type Outcome, type RunOptions } from "./run.ts";
import { lineOf, replayOf, summaryOf, Totals } from "./report.ts";
import { shrink } from "./shrink.ts";
import { storyOf } from "./story.ts";
import type { WorldKind } from "./world.ts";

export type SessionOptions = {
  readonly first: number;
  readonly last: number;
  readonly steps: number;
  readonly twice: boolean;
  readonly rounds: number | undefined;
  readonly only: ReadonlySet<string> | undefined;
  readonly kind: WorldKind | undefined;
  /** Seeds follow until so many minutes are over; every kind of fault must have fired by then. */
  readonly nightMinutes: number | null;
  /** The first failure is enough. */
  readonly untilFound: boolean;
  readonly planted: string | null;
  readonly shrinkSeconds: number;
};

type Say = (line: string) => void;

const violationsShown = 10;
const storyLinesMax = 60;
/** A planted bug that is not found by then is not found. */
const foundWithinMs = 600_000;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** True where nothing was wrong. */
export function runSession(session: SessionOptions, say: Say): boolean {
  const { first, last, nightMinutes, twice } = session;
  const totals = new Totals();
  const since = cpuMs();
  const until = nightMinutes === null ? Infinity : performance.now() + nightMinutes * 60_000;
  const isOne = first === last && nightMinutes === null;
  let failed: { readonly options: RunOptions; readonly outcome: Outcome } | null = null;
  let latest: Outcome | null = null;
  let differing = 0;
  for (let seed = first; nightMinutes === null ? seed <= last : performance.now() < until; seed++) {
    const options: RunOptions = {
      seed,
      steps: session.steps,
      rounds: session.rounds,
      only: session.only,
      kind: session.kind,
    };
    const outcome = runSeed(options);
    totals.add(outcome);
    latest = outcome;
    if (!isOne) say(lineOf(outcome));
    if (twice) {
      const again = runSeed(options);
      if (again.hash !== outcome.hash) {
        differing++;
        say(`seed ${seed}: the second time the hash is ${again.hash}, not ${outcome.hash}`);
      }
    }
    if (outcome.violations.length > 0) failed ??= { options, outcome };
    if (session.untilFound && (failed || cpuMs() - since > foundWithinMs)) break;
  }
  if (failed) tellFailure(failed.options, failed.outcome, session, say);
  const neverFired = nightMinutes === null ? [] : totals.neverFired();
  for (const kind of neverFired) say(`"${kind}" never happened: this says nothing of it`);
  for (const line of summaryOf(totals, cpuMs() - since)) say(line);
  const { seeds, steps } = totals;
  if (latest && (isOne || session.untilFound)) say(lineOf(latest));
  else say(`${seeds} seeds: ${steps} steps, ${totals.failed} with violations, ${differing} with two hashes`);
  return totals.failed === 0 && differing === 0 && neverFired.length === 0;
}

function tellFailure(options: RunOptions, outcome: Outcome, session: SessionOptions, say: Say) {
  const { violations, seed } = outcome;
  say(`seed ${seed}:`);
  for (const violation of violations.slice(0, violationsShown)) say(`  ${violation}`);
  if (violations.length > violationsShown) say(`  and ${violations.length - violationsShown} more`);
  say(`again: ${replayOf(options, session.planted)}`);
  if (session.shrinkSeconds <= 0) return;
  const shrunk = shrink(options, outcome, cpuMs() + session.shrinkSeconds * 1_000, cpuMs);
  if (shrunk.options === options) return say("it cannot be told with less");
  say(`with less, after ${shrunk.trials} trials: ${replayOf(shrunk.options, session.planted)}`);
  const [violation] = shrunk.outcome.violations;
  say(`  ${violation}`);
  const [orderNo] = /[EW]\d{17}/.exec(violation!) ?? [];
  if (!orderNo) return;
  say(`the story of ${orderNo}:`);
  const story = storyOf(shrunk.options, orderNo);
  for (const line of story.slice(0, storyLinesMax)) say(line);
  if (story.length > storyLinesMax) say(`… and ${story.length - storyLinesMax} lines more: add --story ${orderNo}`);
}
