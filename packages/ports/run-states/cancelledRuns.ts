/**
 * Runs that an operator has cancelled, and whose orders are therefore refunded. Each is a source of its own among those that say what becomes of
 * trains: two operators never take back each other's word, and a feed that knows nothing of it does not either.
 */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import { dayMs, dayNumber, type EpochMs, epochMs, ledgerKeptDays, secondMs } from "@chepiao/kernel";
import type { RunStates, RunStateStore } from "./run-states.ts";

const prefix = "operator ";
export const operatorSource = (runId: RunId): string => `${prefix}${runId}`;

export type CancelledRun = { readonly runId: RunId; readonly at: EpochMs };

/** What an operator says of a run: that it does not run, or nothing any more. */
export const operatorSays = (runId: RunId, isCancelled: boolean, at: EpochMs): RunStates => ({
  at,
  // A cancellation stands until it is taken back; there is nothing else that could grow stale.
  staleAt: at,
  runs: isCancelled ? [{ runId, isCancelled, stops: [] }] : [],
  notices: [],
});

export const cancelledByOperator = (all: ReadonlyMap<string, RunStates>): CancelledRun[] =>
  [...all].flatMap(([source, { at, runs }]) =>
    source.startsWith(prefix) ? runs.filter((run) => run.isCancelled).map(({ runId }) => ({ runId, at })) : [],
  );

/** By then every process has heard that the run is not sold any more; an operator who meant another may take it back. */
export const cancelNoticeMs = 5 * secondMs;

/** Whose seats are forgotten, and with them who had them. */
export const isLongOver = (runId: RunId, now: EpochMs): boolean =>
  now > epochMs((dayNumber(trainAndDateOf(runId)[1]) + ledgerKeptDays) * dayMs);

/** Those that stand now; read anew only when somebody has said something. */
export function createCancelledRuns(
  store: Pick<RunStateStore, "read" | "version">,
): () => Promise<readonly CancelledRun[]> {
  let version = -1;
  let runs: readonly CancelledRun[] = [];
  return async () => {
    const newest = await store.version();
    if (newest === version) return runs;
    runs = cancelledByOperator(await store.read());
    version = newest;
    return runs;
  };
}
