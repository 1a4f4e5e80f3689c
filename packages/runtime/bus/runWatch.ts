/**
 * Which runs have changed, where their seats are sold in another process: a count for each, moved by the feed that is asked for
 * some times a second, in one question for all runs. Only while a page asks; and while the feed is silent the counts say that they are
 * silent, so that nobody takes that for an unchanged train. The feed goes on where it broke off, so what was read meanwhile stays good.
 *
 * For displays alone (I8). What is sold is seen here `lookEveryMs`, and the time that the feed takes, later; at most `reliedOnMs`.
 */
import type { ChangedRuns, Changes, Run, RunId } from "@chepiao/contracts";
import { assert, type EpochMs, epochMs, minuteMs, secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";

export type RunWatchDeps = {
  readonly clock: Clock;
  readonly since: (place: string | null) => Promise<ChangedRuns>;
};

export type RunWatch = Disposable & { changes(run: Run): Changes };

export const askEveryMs = secondMs / 4;
/** An answer of longer ago is not relied on. Not sooner: on a busy day, to ask for every page would make it busier. */
export const reliedOnMs = 2 * secondMs;
/** After the last look at a count. */
const watchedForMs = 5 * secondMs;
/** All counts move this often: a process that died, or a failover, may have lost word of a change. */
export const renewEveryMs = minuteMs / 2;
assert(watchedForMs > reliedOnMs, "who looks now and then is not met by silence each time");

export function createRunWatch({ clock, since }: RunWatchDeps): RunWatch {
  let moves = 0;
  let allMovedBy = 0;
  const movedBy = new Map<RunId, number>();
  let place: string | null = null;
  let askedAt = epochMs(0);
  let renewAt = epochMs(0);
  let readAt = epochMs(0);
  let isWatching = false;
  let isOver = false;

  function countOf(runId: RunId): number {
    readAt = clock.now();
    if (!isWatching) void watch();
    return Math.max(allMovedBy, movedBy.get(runId) ?? 0);
  }

  async function watch() {
    isWatching = true;
    while (!isOver && clock.now() - readAt < watchedForMs) {
      await hear(clock.now());
      await sleep(clock, askEveryMs);
    }
    isWatching = false;
  }

  async function hear(now: EpochMs) {
    try {
      const changed = await since(place);
      if (changed.runIds === null || place === null || now >= renewAt) moveAll(now);
      else for (const runId of changed.runIds) movedBy.set(runId, ++moves);
      place = changed.place;
      askedAt = now;
    } catch {
      // The caller has told the log.
    }
  }

  function moveAll(now: EpochMs) {
    allMovedBy = ++moves;
    movedBy.clear();
    renewAt = epochMs(now + renewEveryMs);
  }

  return {
    changes: ({ runId }) => ({
      get count() {
        return countOf(runId);
      },
      get silent() {
        return clock.now() - askedAt > reliedOnMs;
      },
    }),
    [Symbol.dispose]() {
      isOver = true;
    },
  };
}
