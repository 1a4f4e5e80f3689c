/**
 * That a run does not run, or not all the way, or that it does after all. Whoever has a ticket, and who waits, is seen to by the platform once that is
 * said; said again, nothing is done twice.
 */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import { type EpochMs, epochMs, ok, refuse, type Result, secondMs } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import {
  type Cancellation,
  cancelNoticeMs,
  type CancelledRun,
  isLongOver,
  type NotRun,
  operatorSource,
  restoringSource,
} from "@chepiao/ports/run-states";
import type { RunDeps, RunFault } from "./deps.ts";
import { effectOf, type RunEffect } from "./effect.ts";
import { covers, isSame, standing, tell, unconfirmed } from "./words.ts";

/** A pass that had begun before it heard of a word ends its few orders by then. */
const passEndsWithinMs = 3 * secondMs;

export type CancelAsked = {
  readonly run: RunId;
  /** Of a run that is shortened, the stops at which it does not call; null for all of it. */
  readonly skipped: NotRun["skipped"];
  /** Before money goes back by itself; where a word grows and nothing is said of it, what is left of the time that was said before. */
  readonly chooseMs?: number | undefined;
};

export type CancelPlan = Omit<CancelAsked, "chooseMs"> & {
  readonly before: CancelledRun | null;
  readonly chooseMs: number;
  /** Of what people were told before. */
  readonly leftMs: number;
  /** Null where it is said so already. */
  readonly effect: RunEffect | null;
};

/** Changes nothing. */
export async function planCancel(deps: RunDeps, asked: CancelAsked): Promise<Result<CancelPlan, RunFault>> {
  const { run, skipped } = asked;
  const notRun = { runId: run, skipped };
  const before = (await standing(deps, run)) ?? null;
  const leftMs = before ? choiceLeftMs(before, deps.clock.now()) : 0;
  const chooseMs = asked.chooseMs ?? leftMs;
  const fault = unknown(deps, run, chooseMs) ?? (before && less(before, notRun));
  if (fault) return refuse(fault);
  const isSaid = before !== null && isSame(before.skipped, skipped);
  return ok({ run, skipped, before, chooseMs, leftMs, effect: isSaid ? null : await effectOf(deps, notRun) });
}

export const cancelUnconfirmed = ({ run, effect }: CancelPlan, confirmed: number | null): RunFault | null =>
  unconfirmed(run, "giveBack", effect?.tickets ?? 0, confirmed);

/** Where it is said so already, it goes on where its restoring was broken off. */
export async function sayCancelled(
  deps: RunDeps,
  { run, skipped, chooseMs }: CancelPlan,
): Promise<Result<void, RunFault>> {
  const told = await tell(deps, operatorSource(run), run, skipped, chooseMs);
  return told.ok ? tell(deps, restoringSource(run), run, undefined) : told;
}

/** Of the time in which people choose for themselves, which they were told of. */
const choiceLeftMs = ({ at, refundsFrom }: CancelledRun, now: EpochMs): number =>
  refundsFrom > at + cancelNoticeMs ? Math.max(0, refundsFrom - now) : 0;

function unknown({ timetable, clock }: RunDeps, run: RunId, chooseMs: number): RunFault | null {
  if (!timetable.run(...trainAndDateOf(run))) return { kind: "runUnknown", run };
  if (isLongOver(run, clock.now())) return { kind: "longOver", run };
  return isLongOver(run, epochMs(clock.now() + chooseMs)) ? { kind: "choiceTooLong", run } : null;
}

/** What is taken out more is said over what was; whatever is to run again is restored first, as long as nobody's money has gone back. */
const less = (before: CancelledRun, wished: NotRun): RunFault | null =>
  covers(wished.skipped, before.skipped) ? null : { kind: "restoreFirst", before };

export type RestorePlan = {
  readonly run: RunId;
  /** Null where only a feed had cancelled it, and does not any more. */
  readonly before: CancelledRun | null;
  readonly feeds: readonly Cancellation[];
};

/** Where money has gone back it stays cancelled: what a restoring before this one has left is then taken back. */
export async function planRestore(deps: RunDeps, run: RunId): Promise<Result<RestorePlan, RunFault>> {
  const before = (await standing(deps, run)) ?? null;
  if (before) {
    const fault = await begunFault(deps, before);
    return fault ? refuse(fault) : ok({ run, before, feeds: [] });
  }
  const feeds = (await deps.runStates.cancellationsOf([run])).filter(({ endedAt }) => endedAt !== null);
  return feeds.length === 0 ? refuse({ kind: "notCancelled", run }) : ok({ run, before, feeds });
}

/**
 * By two words: first that it is being restored, so that nobody's money goes back and nobody buys; when every pass that knew it otherwise has ended,
 * that it runs. Ended between any two of its steps, it is done by saying it again. Takes some seconds.
 */
export async function sayRestored(deps: RunDeps, { run, before }: RestorePlan): Promise<Result<void, RunFault>> {
  if (!before) return ok(await deps.runStates.forgetEnded(run));
  const begun = await tell(deps, restoringSource(run), run, before.skipped);
  if (!begun.ok) return begun;
  await sleep(deps.clock, passEndsWithinMs);
  const fault = await begunFault(deps, (await standing(deps, run)) ?? before);
  if (fault) return refuse(fault);
  const told = await tell(deps, operatorSource(run), run, undefined);
  if (!told.ok) return told;
  await deps.runStates.forgetEnded(run);
  return tell(deps, restoringSource(run), run, undefined);
}

/** Who else says that it does not run: it stays cancelled as long as they do. */
export const cancelledBy = async ({ runStates }: RunDeps, run: RunId): Promise<readonly string[]> =>
  (await runStates.cancellationsOf([run])).filter(({ endedAt }) => endedAt === null).map(({ source }) => source);

/** Then it goes on to be refunded, whatever was said before this has left. */
async function begunFault(deps: RunDeps, { runId, skipped }: CancelledRun): Promise<RunFault | null> {
  const orders = (await deps.orders.runRefunds(runId)).filter(({ ticketCount }) => ticketCount > 0).length;
  if (orders === 0) return null;
  const told = await tell(deps, operatorSource(runId), runId, skipped);
  const ended = told.ok ? await tell(deps, restoringSource(runId), runId, undefined) : told;
  return ended.ok ? { kind: "refundsBegun", run: runId, orders, isWhole: skipped === null } : ended.error;
}
