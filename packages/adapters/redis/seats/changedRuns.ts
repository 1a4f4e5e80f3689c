/**
 * Word of runs whose free seats have changed, for displays in other processes: a stream into which each process writes, some times
 * a second, the runs that it has changed. Displays decide nothing, so word may come a little late, and what a process that dies
 * had not said yet is made good by those who ask anew now and then.
 */
import type { ChangedRuns, RunId } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import type { Redis } from "../openRedis.ts";

export type ChangedRunsLog = {
  /** Said together with others within `gatherMs`. */
  changed(runId: RunId): void;
  since(place: string | null): Promise<ChangedRuns>;
};

const gatherMs = 100;
const againMs = secondMs;
/** Some seconds of a hundred processes that sell all the time. */
const entriesKept = 10_000;
const entriesPerAnswer = 1_000;
/** Before the first entry. */
const beginning = "0-0";

export function createChangedRuns(redis: Redis): ChangedRunsLog {
  const key = redis.key("runs-changed");
  const unsaid = new Set<RunId>();
  let isSet = false;

  function sayWithin(delayMs: number) {
    if (isSet) return;
    isSet = true;
    setTimeout(() => {
      isSet = false;
      void say();
    }, delayMs).unref();
  }

  async function say() {
    const runIds = [...unsaid];
    unsaid.clear();
    try {
      await redis.ask((cluster) => cluster.xadd(key, "MAXLEN", "~", entriesKept, "*", "runs", runIds.join(" ")));
    } catch {
      for (const runId of runIds) unsaid.add(runId);
      sayWithin(againMs);
    }
  }

  const read = (from: string) =>
    redis.ask((cluster) => cluster.xrange(key, from, "+", "COUNT", entriesPerAnswer)) as Promise<Entry[]>;

  async function standsAt(): Promise<string> {
    const [last] = (await redis.ask((cluster) => cluster.xrevrange(key, "+", "-", "COUNT", 1))) as Entry[];
    return last?.[0] ?? beginning;
  }

  return {
    changed(runId) {
      unsaid.add(runId);
      sayWithin(gatherMs);
    },
    async since(place) {
      if (place === null) return { place: await standsAt(), runIds: [] };
      const entries = await read(place);
      // The place itself comes first, or there is a gap: it was lost, or dropped for its age.
      if (place !== beginning && entries[0]?.[0] !== place) return { place: await standsAt(), runIds: null };
      const runIds = new Set(entries.filter(([id]) => id !== place).flatMap(runsOf));
      return { place: entries.at(-1)?.[0] ?? place, runIds: [...runIds] };
    },
  };
}

/** Its id, and its fields by turns with their values. */
type Entry = readonly [id: string, fields: readonly string[]];

const runsOf = ([, [, runs = ""]]: Entry): RunId[] => runs.split(" ") as RunId[];
