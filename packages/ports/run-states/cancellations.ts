/**
 * That a train does not run is remembered beyond the moment at which its source says so: a feed names a train only around its day, and whoever
 * has a ticket may give it back for weeks. What a feed has said for a moment alone is remembered by nobody. Pure.
 */
import { type EpochMs, minuteMs } from "@chepiao/kernel";
import { isOfOperator, notRunIn } from "./cancelledRuns.ts";
import type { Cancellation, RunStates } from "./run-states.ts";

/**
 * So long a feed has to say it before a ticket is given back for it: as long as its delays are believed without a newer word. A slip of a feed is
 * corrected by one of its next messages, and must not be a way to be rid of a fee. An operator has been asked whether it is meant.
 */
export const cancellationStandsMs = 10 * minuteMs;

const standsAfterMs = (source: string) => (isOfOperator(source) ? 0 : cancellationStandsMs);

export const hasStood = ({ source, since, endedAt }: Cancellation, now: EpochMs): boolean =>
  (endedAt ?? now) - since >= standsAfterMs(source);

export type Remembered = { readonly put: readonly Cancellation[]; readonly drop: readonly Cancellation[] };

/**
 * What changes of what is remembered once a source says this.
 *
 * @param standing what it has said until now
 */
export function remembered(
  source: string,
  standing: readonly Cancellation[],
  { runs }: Pick<RunStates, "runs">,
  now: EpochMs,
): Remembered {
  const said = new Map(runs.flatMap((run) => cancellationIn(source, run, now) ?? []).map((each) => [each.runId, each]));
  const put: Cancellation[] = [];
  const drop: Cancellation[] = [];
  for (const before of standing) {
    const after = said.get(before.runId);
    if (after && String(after.skipped) === String(before.skipped)) said.delete(before.runId);
    // An operator who takes it back has meant another, or knows that it runs.
    else if (isOfOperator(source) || !hasStood(before, now)) drop.push(before);
    else put.push({ ...before, endedAt: now });
  }
  return { put: [...put, ...said.values()], drop };
}

/** Of a feed only whole trains: which stops it skips changes too often on the day. */
function cancellationIn(source: string, run: RunStates["runs"][number], since: EpochMs): Cancellation | null {
  const notRun = notRunIn(run);
  if (!notRun || (notRun.skipped !== null && !isOfOperator(source))) return null;
  return { ...notRun, source, since, endedAt: null };
}

/** A ticket, or the line of one that is looked for. */
export type Way = { readonly fromStop: number; readonly toStop: number };

/** Where nobody is let in or out at one of its ends. */
export const isOff = ({ skipped }: Pick<Cancellation, "skipped">, { fromStop, toStop }: Way): boolean =>
  skipped === null || skipped.includes(fromStop) || skipped.includes(toStop);

/**
 * Until when a ticket of that way that was bought then is given back for it; null where it is not.
 *
 * @param lastAt for a train that did not run
 */
export function owedUntil(
  cancellation: Cancellation,
  way: Way & { readonly departAt: EpochMs },
  boughtAt: EpochMs,
  now: EpochMs,
  lastAt: EpochMs,
): EpochMs | null {
  const { endedAt } = cancellation;
  if (!isOff(cancellation, way) || !hasStood(cancellation, now)) return null;
  if (endedAt === null) return lastAt;
  // Who bought it later knew that it runs.
  if (boughtAt >= endedAt) return null;
  // Taken back in time, it has run after all.
  return endedAt < way.departAt ? way.departAt : lastAt;
}
