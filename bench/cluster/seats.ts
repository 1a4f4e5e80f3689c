/**
 * Holds on one Redis master, through the store of seats that the inventory role uses: one by one, as on ordinary days, and many
 * of one run together, as when a sale opens. Beside them, in the same round, calls of a function that does nothing.
 */
import { openRedis, createRedisSeats, type Redis } from "@chepiao/adapters/redis";
import { type HoldCommand, type Run, runId } from "@chepiao/contracts";
import {
  createPrng,
  epochMs,
  hourMs,
  minuteMs,
  type OrderId,
  type Prng,
  serviceDate,
  type ZoneName,
} from "@chepiao/kernel";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { type Figures, percentile } from "../lib/rounds.ts";
import { benchName, ownCpuSeconds, removeKeys } from "./engines.ts";

export type SeatFigures = {
  readonly bare: Figures;
  readonly single: Figures;
  readonly batched: Figures;
  /** Of the master's own thread: what the figures above would be if nobody else wanted its core. */
  readonly masterUsPerBareCall: number;
  readonly masterUsPerSingleHold: number;
  readonly masterUsPerBatchedHold: number;
  readonly clientUsPerSingleHold: number;
};

/** Calls under way at a time: enough to keep a master busy. */
const widthOfSingles = 128;
const widthOfBatches = 8;
const holdsPerBatch = 64;
const [stopCount, coachCount, rowsPerCoach] = [10, 8, 20];
/** Well before chance has filled a run of 8 × 100 seats. */
const holdsPerRun = 1_200;
const runsAsked = 1_200;
const emptyFunction = "bench_nothing";

const now = epochMs(Date.now());

export async function measureSeats(nodes: readonly string[], seconds: number, seed: number): Promise<SeatFigures> {
  await using redis = openRedis({ nodes, prefix: `${benchName()}:` });
  await redis.check();
  const master = redis.cluster.nodes("master")[0]!;
  const runs = await runsOn(redis, `${master.options.host}:${master.options.port}`);
  const seats = createRedisSeats(redis);
  const cpu = () => masterCpuSeconds(master);
  try {
    await loadEmptyFunction(master);
    const draw = createCommands(runs, createPrng(seed));
    // Scripts are compiled, and connections made, before anything is counted.
    await hold(seats, draw(holdsPerBatch));

    const bare = await measure(seconds, widthOfSingles, cpu, async () => {
      await master.fcall(emptyFunction, 3, ...["a", "b", "c"].map((key) => redis.key(`${key}:{${runs[0]!.runId}}`)));
      return 1;
    });
    const single = await measure(seconds, widthOfSingles, cpu, () => hold(seats, [draw(1)[0]!]));
    const batched = await measure(seconds, widthOfBatches, cpu, () => hold(seats, draw(holdsPerBatch)));
    return {
      bare: bare.figures,
      single: single.figures,
      batched: batched.figures,
      masterUsPerBareCall: bare.masterUs,
      masterUsPerSingleHold: single.masterUs,
      masterUsPerBatchedHold: batched.masterUs,
      clientUsPerSingleHold: single.clientUs,
    };
  } finally {
    await master.function("DELETE", emptyFunction).catch(() => {});
    await removeKeys(redis);
  }
}

type Node = ReturnType<Redis["cluster"]["nodes"]>[number];

const loadEmptyFunction = (master: Node) =>
  master.function(
    "LOAD",
    "REPLACE",
    `#!lua name=${emptyFunction}\nredis.register_function("${emptyFunction}", function() return 0 end)`,
  );

/** User and system time of the thread that answers commands. */
export async function masterCpuSeconds(master: Node): Promise<number> {
  const told = await master.info("cpu");
  const read = (field: string) => Number(new RegExp(`^${field}:([\\d.]+)`, "m").exec(told)?.[1] ?? Number.NaN);
  return read("used_cpu_sys_main_thread") + read("used_cpu_user_main_thread");
}

/** Keeps so many calls under way for that long. A call answers how many things it has done. */
async function measure(seconds: number, width: number, masterCpu: () => Promise<number>, call: () => Promise<number>) {
  const tookMs: number[] = [];
  let done = 0;
  const [masterBefore, clientBefore, startedMs] = [await masterCpu(), ownCpuSeconds(), performance.now()];
  const untilMs = startedMs + seconds * 1_000;
  const goOn = async () => {
    for (let fromMs = performance.now(); fromMs < untilMs; fromMs = performance.now()) {
      const some = await call();
      done += some;
      tookMs.push(performance.now() - fromMs);
    }
  };
  await Promise.all(Array.from({ length: width }, goOn));
  const passedS = (performance.now() - startedMs) / 1_000;
  const perThingUs = (cpuSeconds: number) => (cpuSeconds * 1e6) / done;
  const sorted = tookMs.toSorted((a, b) => a - b);
  return {
    figures: { perSecond: done / passedS, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) },
    clientUs: perThingUs(ownCpuSeconds() - clientBefore),
    masterUs: perThingUs((await masterCpu()) - masterBefore),
  };
}

/** Every one of them has to succeed: a refusal costs less than a hold. */
async function hold(seats: SeatStore, commands: readonly HoldCommand[]): Promise<number> {
  for (const decided of await seats.hold(commands, now)) {
    if (!decided.ok) throw new Error(`a hold of the bench was refused: ${decided.error.code}`);
  }
  return commands.length;
}

/** Each call draws commands of one run, on random ways; runs take turns. */
function createCommands(runs: readonly Run[], prng: Prng): (count: number) => HoldCommand[] {
  const open = runs.map((run) => ({ run, left: holdsPerRun }));
  let [turn, lastId] = [0, 0];
  return (count) => {
    const at = turn++ % Math.min(open.length, 64);
    const chosen = open[at]!;
    chosen.left -= count;
    if (chosen.left < holdsPerBatch) open.splice(at, 1);
    if (open.length === 0) throw new Error("the bench has sold all its runs: measure for fewer seconds");
    return Array.from({ length: count }, () => {
      const fromStop = prng.below(stopCount - 1);
      return {
        holdId: ++lastId as OrderId,
        line: 0,
        run: chosen.run,
        seatClass: "second",
        fromStop,
        toStop: fromStop + 1 + prng.below(stopCount - 1 - fromStop),
        preferences: [null],
        deadline: epochMs(now + 20 * minuteMs),
      };
    });
  };
}

/** Runs whose seats lie on that master. */
async function runsOn({ cluster, key }: Redis, master: string): Promise<Run[]> {
  const runs = Array.from({ length: runsAsked }, (_, n) => makeRun(`G${n + 1}`));
  const slots = await Promise.all(
    runs.map(async (run) => Number(await cluster.cluster("KEYSLOT", key(`{${run.runId}}`)))),
  );
  return runs.filter((_, n) => cluster.slots[slots[n]!]?.[0] === master);
}

const coaches = Array.from({ length: coachCount }, (_, n) => ({
  no: n + 1,
  sections: [{ seatClass: "second", rows: rowsPerCoach } as const],
}));
const composition = { code: "bench", coaches };

function makeRun(trainNumber: string): Run {
  const originDate = serviceDate("2099-12-01");
  return {
    runId: runId(trainNumber, originDate),
    originDate,
    dayStart: epochMs(now + 24 * hourMs),
    train: {
      trainVersionId: 1,
      trainNumber,
      trainType: "highSpeed",
      zone: "Asia/Shanghai" as ZoneName,
      composition,
      stops: Array.from({ length: stopCount }, (_, n) => ({
        stationId: `S${n}`,
        name: `站${n}`,
        arriveS: (8 + n) * 3_600,
        departS: (8 + n) * 3_600 + 120,
        distanceM: n * 100_000,
      })),
    },
  };
}
