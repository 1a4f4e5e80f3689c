/** What was said of a run, and how something is said of it. */
import { type Run, type RunId, trainAndDateOf } from "@chepiao/contracts";
import { epochMs, ok, refuse, type Result } from "@chepiao/kernel";
import {
  type CancelledRun,
  createCancelledRuns,
  isLongOver,
  notRunIn,
  type NotRun,
  operatorSays,
  operatorShortens,
} from "@chepiao/ports/run-states";
import type { RunDeps, RunFault } from "./deps.ts";

type Skipped = NotRun["skipped"];

/** More tickets than this are given back, or moved, only by who has said how many. */
export const confirmAbove = 20;

export const unconfirmed = (
  run: RunId,
  what: "giveBack" | "move",
  tickets: number,
  confirmed: number | null,
): RunFault | null =>
  tickets <= confirmAbove || (confirmed ?? 0) >= tickets
    ? null
    : { kind: "unconfirmed", run, what, tickets, confirmed };

/** One of which something may still be said. */
export function runToChange(
  { timetable, clock }: Pick<RunDeps, "clock" | "timetable">,
  run: RunId,
): Result<Run, RunFault> {
  const known = timetable.run(...trainAndDateOf(run));
  if (!known) return refuse({ kind: "runUnknown", run });
  return isLongOver(run, clock.now()) ? refuse({ kind: "longOver", run }) : ok(known);
}

export const standing = async ({ runStates }: Pick<RunDeps, "runStates">, run: RunId) =>
  (await createCancelledRuns(runStates).now()).find(({ runId }: CancelledRun) => runId === run);

export const isSame = (one: Skipped | undefined, other: Skipped | undefined): boolean =>
  one === other || (one?.length === other?.length && String(one) === String(other));

/** Does the one say all that the other says? */
export const covers = (one: Skipped, other: Skipped): boolean =>
  one === null || (other !== null && other.every((stop) => one.includes(stop)));

/**
 * Always later than what was said before, also by another machine's clock. Nothing where that is said already.
 *
 * @param skipped where it does not run; undefined where nothing is said of it any more
 */
export async function tell(
  { runStates, clock }: Pick<RunDeps, "clock" | "runStates">,
  source: string,
  run: RunId,
  skipped: Skipped | undefined,
  chooseMs = 0,
): Promise<Result<void, RunFault>> {
  const before = (await runStates.read()).get(source);
  const state = before?.runs[0];
  if (isSame(state && notRunIn(state)?.skipped, skipped)) return ok(undefined);
  const at = epochMs(Math.max(clock.now(), (before?.at ?? 0) + 1));
  const said = skipped
    ? operatorShortens(run, skipped, at, chooseMs)
    : operatorSays(run, skipped === null, at, chooseMs);
  return (await runStates.replace(source, said, clock.now()))
    ? ok(undefined)
    : refuse({ kind: "changedMeanwhile", run, what: "state" });
}
