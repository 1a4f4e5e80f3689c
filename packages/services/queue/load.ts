/**
 * Whether there is too much load, or none to speak of, and for whom a queue would help. One limit switches on and a lower one off, each only after a
 * while, so that no queue comes and goes.
 */
import { type AnnouncedQueue, type QueueLoadRules, type RunId, trainAndDateOf } from "@chepiao/contracts";
import { type EpochMs, secondMs } from "@chepiao/kernel";
import { loadFreshMs, type ProcessLoad } from "@chepiao/ports/purchase-load";

/** Since when it has been so, without a break, when it was last looked at. */
export type LoadWatch = {
  readonly tooMuchSince: EpochMs | null;
  /** How long orders waited to be written then. */
  readonly unwrittenMs: number;
  readonly calmSince: EpochMs | null;
  readonly seenAt: number;
};
export const nothingWatched: LoadWatch = { tooMuchSince: null, unwrittenMs: 0, calmSince: null, seenAt: -Infinity };
/** Who has not looked for longer, because another process did or because nobody answered, does not know what was meanwhile. */
const isFollowed = ({ seenAt }: LoadWatch, now: EpochMs): boolean => now - seenAt <= loadFreshMs;

/**
 * One process that has too much is too much: who comes to it waits. Orders that wait for less and less long to be written are what is left of a rush, and
 * no queue would help. Calm are all of them, also where nobody buys.
 */
export function watchLoad(
  seen: LoadWatch,
  loads: readonly ProcessLoad[],
  { waiting, unwrittenSeconds }: QueueLoadRules,
  now: EpochMs,
): LoadWatch {
  const before = isFollowed(seen, now) ? seen : nothingWatched;
  const unwrittenMs = Math.max(0, ...loads.map((load) => load.unwrittenMs));
  const isCrowded = loads.some((load) => load.waiting >= waiting.on);
  const isTooMuch = isCrowded || unwrittenMs >= unwrittenSeconds.on * secondMs;
  const since = !isCrowded && unwrittenMs < before.unwrittenMs ? null : before.tooMuchSince;
  const isCalm = loads.every(
    (load) => load.waiting <= waiting.off && load.unwrittenMs <= unwrittenSeconds.off * secondMs,
  );
  return {
    tooMuchSince: isTooMuch ? (since ?? now) : null,
    unwrittenMs: isTooMuch && since !== null ? before.unwrittenMs : unwrittenMs,
    calmSince: isCalm ? (before.calmSince ?? now) : null,
    seenAt: now,
  };
}

export const isTooMuch = ({ tooMuchSince }: LoadWatch, { afterSeconds }: QueueLoadRules, now: EpochMs): boolean =>
  tooMuchSince !== null && now - tooMuchSince >= afterSeconds * secondMs;

export const isCalm = (seen: LoadWatch, { calmSeconds }: QueueLoadRules, now: EpochMs): boolean =>
  seen.calmSince !== null && isFollowed(seen, now) && now - seen.calmSince >= calmSeconds * secondMs;

/**
 * The run that people try to buy most, of those for which nothing is announced; or its day, where it has less than half of what is tried of that day: then
 * it is the opening of many runs.
 */
export function mostTried(
  loads: readonly ProcessLoad[],
  isFree: (scope: AnnouncedQueue["scope"]) => boolean,
): AnnouncedQueue["scope"] | null {
  const tries = new Map<RunId, number>();
  for (const load of loads)
    for (const [run, count] of Object.entries(load.tries) as [RunId, number][])
      if (isFree(run) && isFree(trainAndDateOf(run)[1])) tries.set(run, (tries.get(run) ?? 0) + count);
  const [first] = [...tries].toSorted(([, one], [, other]) => other - one);
  if (!first) return null;
  const [run, count] = first;
  const [, date] = trainAndDateOf(run);
  const ofDay = [...tries].filter(([other]) => trainAndDateOf(other)[1] === date);
  return 2 * count < ofDay.reduce((sum, [, each]) => sum + each, 0) ? date : run;
}
