/** What an operator has said of a run, and how it is said. */
import { type Run, type RunId, trainAndDateOf } from "@chepiao/contracts";
import { epochMs, ledgerKeptDays } from "@chepiao/kernel";
import {
  type CancelledRun,
  createCancelledRuns,
  isLongOver,
  notRunIn,
  type NotRun,
  operatorSays,
  operatorShortens,
} from "@chepiao/ports/run-states";
import type { ActNote } from "@chepiao/services/operations";
import { CommandFailed } from "../command.ts";
import type { RunStores } from "./stores.ts";

type Skipped = NotRun["skipped"];

/** More tickets than this are given back, or moved, only by who has said how many. */
export const confirmAbove = 20;

/** Of tickets that lose their seats. */
export function refuseMovesUnconfirmed(ticketCount: number, confirmed: number | null): void {
  if (ticketCount <= confirmAbove || (confirmed ?? 0) >= ticketCount) return;
  throw new CommandFailed(
    confirmed === null
      ? `That are more than ${confirmAbove} tickets: say --confirm ${ticketCount} to give all of them other seats. Nothing was changed.`
      : `--confirm says ${confirmed} tickets, and now there are ${ticketCount}. Nothing was changed.`,
  );
}

/** What the audit trail has of an act on a run. */
export const noteOf = <A extends ActNote["action"]>(action: A, run: RunId, what: string, reason: string) => ({
  action,
  subject: `run ${run}`,
  what,
  ...(reason === "" ? {} : { reason }),
});

/** One of which something may still be said. */
export function runToChange({ timetable, clock }: Pick<RunStores, "clock" | "timetable">, run: RunId): Run {
  const known = timetable.run(...trainAndDateOf(run));
  if (!known) throw new CommandFailed(`The timetable does not know ${run}.`);
  if (isLongOver(run, clock.now())) throw new CommandFailed(`${run} was more than ${ledgerKeptDays} days ago.`);
  return known;
}

export const standing = async ({ runStates }: Pick<RunStores, "runStates">, run: RunId) =>
  (await createCancelledRuns(runStates).now()).find(({ runId }: CancelledRun) => runId === run);

export const asTyped = (run: RunId) => trainAndDateOf(run).join(" ");

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
  { runStates, clock }: Pick<RunStores, "clock" | "runStates">,
  source: string,
  run: RunId,
  skipped: Skipped | undefined,
  chooseMs = 0,
): Promise<void> {
  const before = (await runStates.read()).get(source);
  const state = before?.runs[0];
  if (isSame(state && notRunIn(state)?.skipped, skipped)) return;
  const at = epochMs(Math.max(clock.now(), (before?.at ?? 0) + 1));
  const said = skipped
    ? operatorShortens(run, skipped, at, chooseMs)
    : operatorSays(run, skipped === null, at, chooseMs);
  if (!(await runStates.replace(source, said, clock.now())))
    throw new CommandFailed(`Somebody else has just said something of ${run}. Look again: run status ${asTyped(run)}`);
}
