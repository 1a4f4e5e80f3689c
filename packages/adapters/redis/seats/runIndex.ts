/**
 * Which runs to look at: a run's keys live on the node of its own hash slot, so that somebody who looks for overdue holds or for
 * runs that are over needs a list of runs elsewhere. Two lists, each in parts on all nodes:
 *
 *   due   "bucket run" by bucket: the run has a hold whose deadline lies within this quarter of a minute
 *   runs  run by arrival
 *
 * An entry is written before the hold it speaks of, and taken out once nothing can come to it any more and the run's next
 * deadline has an entry of its own. So a list may say too much and never too little, unless a failover loses its last writes: an
 * entry that is lost is made up for by the run's next hold, by any later bucket of the run, or by restoring it.
 */
import type { Run, RunId } from "@chepiao/contracts";
import { type EpochMs, secondMs } from "@chepiao/kernel";
import type { Redis } from "../openRedis.ts";

export type DueEntry = { readonly member: string; readonly runId: RunId; readonly bucket: number };

type RunNote = { readonly run: Pick<Run, "runId">; readonly arrival: number; readonly deadline: EpochMs | null };

export type RunIndex = {
  /** Makes sure that the runs are listed, and their deadlines. Asks nobody where this process has written that before. */
  note(entries: readonly RunNote[]): Promise<void>;
  /** Notes a deadline of a run that is listed already. */
  noteDue(entries: readonly { readonly runId: RunId; readonly deadline: number }[]): Promise<void>;
  /** Runs that may have overdue holds. */
  due(now: EpochMs): Promise<DueEntry[]>;
  /** Takes out those to which nothing can come any more. */
  settle(entries: readonly DueEntry[], now: EpochMs): Promise<void>;
  arrivedBefore(instant: EpochMs, limit: number): Promise<RunId[]>;
  forget(runIds: readonly RunId[]): Promise<void>;
};

const partCount = 16;
const bucketMs = 15 * secondMs;
/** A hold whose deadline is over is not made any more: commands end after 3 s, and clocks of a cluster agree to within some. */
const graceMs = 10 * secondMs;
const bucketsRememberedMax = 256;
const runsRememberedMax = 100_000;
const entriesPerPartMax = 1_000;

export function createRunIndex(redis: Redis): RunIndex {
  const dueKey = (part: number) => redis.key(`due:{index${part}}`);
  const runsKey = (part: number) => redis.key(`runs:{index${part}}`);
  const parts = Array.from({ length: partCount }, (_, part) => part);
  /** What this process has written, to write it once. */
  const notedBuckets = new Map<number, Set<RunId>>();
  const notedRuns = new Set<RunId>();

  function isNewDue(runId: RunId, bucket: number): boolean {
    return !notedBuckets.get(bucket)?.has(runId);
  }
  function rememberDue(runId: RunId, bucket: number) {
    const runs = notedBuckets.get(bucket) ?? new Set<RunId>();
    notedBuckets.set(bucket, runs.add(runId));
    if (notedBuckets.size > bucketsRememberedMax) notedBuckets.delete(notedBuckets.keys().next().value!);
  }
  function rememberRun(runId: RunId) {
    if (notedRuns.size >= runsRememberedMax) notedRuns.clear();
    notedRuns.add(runId);
  }

  const add = (key: string, score: number, member: string) => redis.ask((cluster) => cluster.zadd(key, score, member));

  async function writeDue(runId: RunId, bucket: number) {
    await add(dueKey(partOf(runId)), bucket, `${bucket} ${runId}`);
    rememberDue(runId, bucket);
  }
  async function writeRun(runId: RunId, arrival: number) {
    await add(runsKey(partOf(runId)), arrival, runId);
    rememberRun(runId);
  }

  return {
    async note(entries) {
      const writes: Promise<void>[] = [];
      for (const {
        run: { runId },
        arrival,
        deadline,
      } of entries) {
        const bucket = deadline === null ? null : bucketOf(deadline);
        const isNew = bucket !== null && isNewDue(runId, bucket);
        if (isNew) writes.push(writeDue(runId, bucket));
        // With each bucket anew, in case it was lost.
        if (isNew || !notedRuns.has(runId)) writes.push(writeRun(runId, arrival));
      }
      if (writes.length > 0) await Promise.all(writes);
    },
    async noteDue(entries) {
      const unknown = entries
        .map(({ runId, deadline }) => ({ runId, bucket: bucketOf(deadline) }))
        .filter(({ runId, bucket }) => isNewDue(runId, bucket));
      await Promise.all(unknown.map(({ runId, bucket }) => writeDue(runId, bucket)));
    },
    async due(now) {
      const found = await Promise.all(
        parts.map((part) =>
          redis.ask((cluster) =>
            cluster.zrange(dueKey(part), "-inf", `${now}`, "BYSCORE", "LIMIT", 0, entriesPerPartMax),
          ),
        ),
      );
      return found.flat().map(entryOf);
    },
    async settle(entries, now) {
      const over = entries.filter(({ bucket }) => bucket + bucketMs + graceMs <= now);
      await Promise.all(
        over.map(({ member, runId }) => redis.ask((cluster) => cluster.zrem(dueKey(partOf(runId)), member))),
      );
    },
    async arrivedBefore(instant, limit) {
      const found = await Promise.all(
        parts.map((part) =>
          redis.ask((cluster) => cluster.zrange(runsKey(part), "-inf", `(${instant}`, "BYSCORE", "LIMIT", 0, limit)),
        ),
      );
      return found.flat() as RunId[];
    },
    async forget(runIds) {
      for (const runId of runIds) notedRuns.delete(runId);
      await Promise.all(runIds.map((runId) => redis.ask((cluster) => cluster.zrem(runsKey(partOf(runId)), runId))));
    },
  };
}

const partOf = (runId: RunId): number => Bun.hash.crc32(runId) % partCount;
const bucketOf = (deadline: number): number => Math.floor(deadline / bucketMs) * bucketMs;

function entryOf(member: string): DueEntry {
  const space = member.indexOf(" ");
  return { member, bucket: Number(member.slice(0, space)), runId: member.slice(space + 1) as RunId };
}
