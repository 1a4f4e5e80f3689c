/**
 * Which runs to look at: a run's keys live on the node of its own hash slot, so that a process that looks for overdue holds or for
 * runs that are over needs a list of runs elsewhere. Two lists, each in parts on all nodes:
 *
 *   due   "bucket run" by bucket: the run has a hold whose deadline lies within this quarter of a minute
 *   runs  run by arrival
 *
 * The part of a run is not on its own node: while its master is away, the next one takes the entry.
 *
 * An entry is written before the hold it speaks of, and taken out once nothing can come to it any more and the run's next
 * deadline has an entry of its own. So a list may say too much and never too little, unless a failover loses its last writes: an
 * entry that is lost is made up for by the run's next hold, by any later bucket of the run, or by reloading it.
 */
import { type Run, type RunId, ServiceUnavailable } from "@chepiao/contracts";
import { type EpochMs, secondMs } from "@chepiao/kernel";
import type { Redis } from "../openRedis.ts";

/** `part` is where it was found. */
export type DueEntry = {
  readonly member: string;
  readonly runId: RunId;
  readonly bucket: number;
  readonly part: number;
};

type RunNote = { readonly run: Pick<Run, "runId">; readonly arrival: number; readonly deadline: EpochMs | null };

export type RunIndex = {
  /** Makes sure that the runs are listed, and their deadlines. Asks nobody where this process has written that before. */
  note(entries: readonly RunNote[]): Promise<void>;
  /** The same, where those of which nobody can take note fail alone: why, by run. */
  noteApart(entries: readonly RunNote[]): Promise<ReadonlyMap<RunId, ServiceUnavailable>>;
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
/** Parts that take an entry in place of one that is away: with three masters some of them lies elsewhere. */
const sparesMax = 3;
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

  /** One command a part, whatever the number of members. Answers of which runs nobody took note. */
  async function add(keyOf: (part: number) => string, members: readonly Member[]) {
    const away = new Map<RunId, ServiceUnavailable>();
    await Promise.all(
      [...Map.groupBy(members, ({ runId }) => partOf(runId))].map(async ([part, some]) => {
        const scored = some.flatMap(({ score, member }) => [score, member]);
        const error = await addTo(partsFrom(part).map(keyOf), scored);
        if (error) for (const { runId } of some) away.set(runId, error);
      }),
    );
    return away;
  }

  /** To the first that is there; null where there is one. */
  async function addTo(keys: readonly string[], scored: readonly (string | number)[]) {
    let away: ServiceUnavailable | null = null;
    for (const key of keys) {
      try {
        await redis.askOf(key, (cluster) => cluster.zadd(key, ...scored));
        return null;
      } catch (error) {
        if (!(error instanceof ServiceUnavailable)) throw error;
        away = error;
      }
    }
    return away;
  }

  async function writeDues(dues: readonly Due[]) {
    const away = await add(
      dueKey,
      dues.map(({ runId, bucket }) => ({ runId, score: bucket, member: `${bucket} ${runId}` })),
    );
    for (const due of dues) if (!away.has(due.runId)) rememberDue(due);
    return away;
  }
  async function writeRuns(runs: ReadonlyMap<RunId, number>) {
    const away = await add(
      runsKey,
      [...runs].map(([runId, arrival]) => ({ runId, score: arrival, member: runId })),
    );
    for (const runId of runs.keys()) if (!away.has(runId)) rememberRun(runId);
    return away;
  }

  async function noteApart(entries: readonly RunNote[]): Promise<ReadonlyMap<RunId, ServiceUnavailable>> {
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
    if (runs.size === 0) return noneAway;
    const [ofDues, ofRuns] = await Promise.all([writeDues(dues), writeRuns(runs)]);
    return new Map([...ofDues, ...ofRuns]);
  }

  return {
    noteApart,
    async note(entries) {
      throwFirst(await noteApart(entries));
    },
    async noteDue(entries) {
      const dues = entries.map(({ runId, deadline }) => ({ runId, bucket: bucketOf(deadline) }));
      throwFirst(await writeDues(dues.filter(isNewDue)));
    },
    async due(now) {
      const found = await Promise.all(
        parts.map(async (part) => {
          const members = await redis.ask((cluster) =>
            cluster.zrange(dueKey(part), "-inf", `${now}`, "BYSCORE", "LIMIT", 0, entriesPerPartMax),
          );
          return members.map((member) => entryOf(member, part));
        }),
      );
      return found.flat();
    },
    async settle(entries, now) {
      const over = entries.filter(({ bucket }) => bucket + bucketMs + graceMs <= now);
      await Promise.all(over.map(({ member, part }) => redis.ask((cluster) => cluster.zrem(dueKey(part), member))));
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
      const keys = runIds.flatMap((runId) => partsFrom(partOf(runId)).map((part) => [runsKey(part), runId] as const));
      await Promise.all(keys.map(([key, runId]) => redis.ask((cluster) => cluster.zrem(key, runId))));
    },
  };
}

const partOf = (runId: RunId): number => Bun.hash.crc32(runId) % partCount;
const bucketOf = (deadline: number): number => Math.floor(deadline / bucketMs) * bucketMs;

/** A run's own part, and those that may stand in for it. */
const partsFrom = (part: number): number[] => Array.from({ length: 1 + sparesMax }, (_, n) => (part + n) % partCount);

const noneAway: ReadonlyMap<RunId, ServiceUnavailable> = new Map();

function throwFirst(away: ReadonlyMap<RunId, ServiceUnavailable>): void {
  for (const error of away.values()) throw error;
}

function entryOf(member: string, part: number): DueEntry {
  const space = member.indexOf(" ");
  return { member, bucket: Number(member.slice(0, space)), runId: member.slice(space + 1) as RunId, part };
}
