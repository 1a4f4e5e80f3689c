/**
 * Runs that an operator has cancelled, whole or beyond some of their stops, and whose orders are therefore refunded. Each is a source of its own
 * among those that say what becomes of trains: two operators never take back each other's word, and a feed that knows nothing of it does not either.
 */
import { type RunId, type RunState, type StopState, trainAndDateOf } from "@chepiao/contracts";
import { dayMs, dayNumber, type EpochMs, epochMs, ledgerKeptDays, minuteMs, secondMs } from "@chepiao/kernel";
import type { Cancellation, RunStates, RunStateStore } from "./run-states.ts";

const prefix = "operator ";
export const operatorSource = (runId: RunId): string => `${prefix}${runId}`;

/** A second word, while the first is being taken back: it is not sold, and nobody's money goes back, until that has come to its end. */
const restoringPrefix = "restoring ";
export const restoringSource = (runId: RunId): string => `${restoringPrefix}${runId}`;

/** What a person has said on purpose. */
export const isOfOperator = (source: string): boolean =>
  source.startsWith(prefix) || source.startsWith(restoringPrefix);

/** What of a run does not run: the stops at which it does not call, or all of it. */
export type NotRun = Pick<Cancellation, "runId" | "skipped">;

export type CancelledRun = NotRun & {
  readonly at: EpochMs;
  /** Until then who has a ticket may take another train instead; after it all money goes back. */
  readonly refundsFrom: EpochMs;
  readonly isRestoring: boolean;
};

/**
 * What an operator says of a run: that it does not run, or nothing any more.
 *
 * @param chooseMs for how long people are left to choose before their money goes back by itself
 */
export const operatorSays = (runId: RunId, isCancelled: boolean, at: EpochMs, chooseMs = 0): RunStates =>
  saidOf(isCancelled ? [{ runId, isCancelled, stops: [] }] : [], at, chooseMs);

/** The same of a run that does not call at these stops. */
export const operatorShortens = (runId: RunId, skipped: readonly number[], at: EpochMs, chooseMs = 0): RunStates =>
  saidOf([{ runId, isCancelled: false, stops: skipped.map(skippedAt) }], at, chooseMs);

const saidOf = (runs: readonly RunState[], at: EpochMs, chooseMs: number): RunStates => ({
  at,
  // A cancellation stands until it is taken back, and nothing else of it could grow stale: it is when the time to choose is over.
  staleAt: epochMs(at + chooseMs),
  runs,
  notices: [],
});

export const skippedAt = (stop: number): StopState => ({
  stop,
  arriveDelayS: null,
  departDelayS: null,
  isSkipped: true,
});

/** Null where it runs, and calls wherever it should. */
export function notRunIn({ runId, isCancelled, stops }: RunState): NotRun | null {
  if (isCancelled) return { runId, skipped: null };
  const skipped = stops.filter(({ isSkipped }) => isSkipped).map(({ stop }) => stop);
  return skipped.length > 0 ? { runId, skipped } : null;
}

export function cancelledByOperator(all: ReadonlyMap<string, RunStates>): CancelledRun[] {
  const restoring = new Set<RunId>();
  const cancelled = new Map<RunId, Omit<CancelledRun, "isRestoring">>();
  for (const [source, { at, staleAt, runs }] of all)
    for (const state of isOfOperator(source) ? runs : []) {
      const notRun = notRunIn(state);
      if (!notRun) continue;
      const { runId } = notRun;
      if (source.startsWith(restoringPrefix)) restoring.add(runId);
      const run = { ...notRun, at, refundsFrom: epochMs(Math.max(at + cancelNoticeMs, staleAt)) };
      if (source.startsWith(prefix) || !cancelled.has(runId)) cancelled.set(runId, run);
    }
  return [...cancelled.values()].map((run) => ({ ...run, isRestoring: restoring.has(run.runId) }));
}

/** By then every process has heard that the run is not sold any more; an operator who meant another may take it back. */
export const cancelNoticeMs = 5 * secondMs;

/** Whose seats are forgotten, and with them who had them. */
export const isLongOver = (runId: RunId, now: EpochMs): boolean =>
  now > epochMs((dayNumber(trainAndDateOf(runId)[1]) + ledgerKeptDays) * dayMs);

export type CancelledRuns = {
  /** Those that stand now; read anew only when somebody has said something. */
  now(): Promise<readonly CancelledRun[]>;
  /** Those whose orders or entries are to be looked at now: often at first, then once a minute, and not when they are long over. */
  due(now: EpochMs): Promise<readonly CancelledRun[]>;
  lookedAt(runId: RunId, at: EpochMs): void;
};

/** For so long after it was cancelled an order may still come out of the log, be paid, or be an entry that was just opened. */
const oftenForMs = 30 * minuteMs;
const rarelyMs = minuteMs;

export function createCancelledRuns(store: Pick<RunStateStore, "read" | "version">): CancelledRuns {
  let version = -1;
  let runs: readonly CancelledRun[] = [];
  const looks = new Map<RunId, EpochMs>();

  async function current() {
    const newest = await store.version();
    if (newest === version) return runs;
    runs = cancelledByOperator(await store.read());
    version = newest;
    const standing = new Set(runs.map(({ runId }) => runId));
    for (const runId of looks.keys()) if (!standing.has(runId)) looks.delete(runId);
    return runs;
  }

  function isDue({ runId, at, refundsFrom, isRestoring }: CancelledRun, now: EpochMs): boolean {
    if (isRestoring || now < at + cancelNoticeMs || isLongOver(runId, now)) return false;
    const isRare = now >= (looks.get(runId) ?? 0) + rarelyMs;
    // While people choose, only what was not paid and who waits is looked for.
    return isRare || (now >= refundsFrom && now < refundsFrom + oftenForMs);
  }

  return {
    now: current,
    due: async (now) => (await current()).filter((run) => isDue(run, now)),
    lookedAt: (runId, at) => void looks.set(runId, at),
  };
}
