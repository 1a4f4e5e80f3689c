/**
 * Which runs to look at: a run's keys live on the node of its own hash slot, so that a process that looks for overdue holds or for
 * runs that are over needs a list of runs elsewhere. Two lists, each in parts on all nodes:
 *
 *   due   "bucket run" by bucket: the run has a hold whose deadline lies within this quarter of a minute
 *   runs  run by arrival
 *
 * An entry is written before the hold it speaks of, and taken out once nothing can come to it any more and the run's next
 * deadline has an entry of its own. So a list may say too much and never too little, unless a failover loses its last writes: an
 * entry that is lost is made up for by the run's next hold, by any later bucket of the run, or by reloading it.
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

/** That a run has a hold whose deadline lies within that quarter of a minute. */
type Due = { readonly runId: RunId; readonly bucket: number };
/** Of a sorted set, in the part of that run. */
type Member = { readonly runId: RunId; readonly score: number; readonly member: string };

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

  const isNewDue = ({ runId, bucket }: Due): boolean => !notedBuckets.get(bucket)?.has(runId);

  function rememberDue({ runId, bucket }: Due) {
    const runs = notedBuckets.get(bucket) ?? new Set<RunId>();
    notedBuckets.set(bucket, runs.add(runId));
    if (notedBuckets.size > bucketsRememberedMax) notedBuckets.delete(notedBuckets.keys().next().value!);
  }
  function rememberRun(runId: RunId) {
    if (notedRuns.size >= runsRememberedMax) notedRuns.clear();
    notedRuns.add(runId);
  }

  /** One command a part, whatever the number of members. */
  async function add(keyOf: (part: number) => string, members: readonly Member[]) {
    const byPart = Map.groupBy(members, ({ runId }) => partOf(runId));
    await Promise.all(
      [...byPart].map(([part, some]) => {
        const scored = some.flatMap(({ score, member }) => [score, member]);
        return redis.ask((cluster) => cluster.zadd(keyOf(part), ...scored));
      }),
    );
  }

  async function writeDues(dues: readonly Due[]) {
    await add(
      dueKey,
      dues.map(({ runId, bucket }) => ({ runId, score: bucket, member: `${bucket} ${runId}` })),
    );
    dues.forEach(rememberDue);
  }
  async function writeRuns(runs: ReadonlyMap<RunId, number>) {
    await add(
      runsKey,
      [...runs].map(([runId, arrival]) => ({ runId, score: arrival, member: runId })),
    );
    for (const runId of runs.keys()) rememberRun(runId);
  }

  return {
    async note(entries) {
      const dues: Due[] = [];
      const runs = new Map<RunId, number>();
      for (const { run, arrival, deadline } of entries) {
        const { runId } = run;
        const due = deadline === null ? null : { runId, bucket: bucketOf(deadline) };
        const isNew = due !== null && isNewDue(due);
        if (isNew) dues.push(due);
        // With each bucket anew, in case it was lost.
        if (isNew || !notedRuns.has(runId)) runs.set(runId, arrival);
      }
      if (runs.size > 0) await Promise.all([writeDues(dues), writeRuns(runs)]);
    },
    async noteDue(entries) {
      const dues = entries.map(({ runId, deadline }) => ({ runId, bucket: bucketOf(deadline) }));
      await writeDues(dues.filter(isNewDue));
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
