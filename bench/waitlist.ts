/**
 * Case `waitlist`: releases on one run for which 100,000 wait, over all ways, in one or two classes, as parties of one to five. Each
 * release serves who fits, in the same step. Reference: releases on such a run for which nobody waits. With engines, the same on one Redis
 * master, and what the waitlist takes of its memory.
 */
import { createRedisSeats, openRedis, type Redis } from "@chepiao/adapters/redis";
import { type HoldName, type Need, type Run, runId, type SeatClass } from "@chepiao/contracts";
import {
  createPrng,
  epochMs,
  hourMs,
  type OrderId,
  passengersPerOrderMax,
  type Prng,
  serviceDate,
  type ZoneName,
} from "@chepiao/kernel";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { createEngineSeats } from "@chepiao/services/inventory";
import { benchName, redisNodes, removeKeys } from "./cluster/engines.ts";
import { masterCpuSeconds } from "./cluster/seats.ts";
import { type BenchSettings, type CaseResult, type Figures, percentile, type Round, settle } from "./lib/rounds.ts";

const needCount = 100_000;
const [stopCount, coachCount, rowsPerCoach] = [10, 8, 20];
const joinedAtOnce = 1_000;
const releasesOf = { engine: 20_000, redis: 4_000 };
const now = epochMs(Date.now());
const deadline = epochMs(now + 24 * hourMs);

export async function run({ rounds, say }: BenchSettings): Promise<CaseResult[]> {
  const done: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    const waited = await measure(createEngineSeats(), n, needCount, releasesOf.engine);
    const alone = await measure(createEngineSeats(), n, 0, releasesOf.engine);
    const redis = redisNodes().length > 0 ? await measureRedis(n) : {};
    done.push({ ...waited.figures, reference: alone.figures, more: { ...waited.more, ...redis } });
    const {
      figures: { p50Ms, p99Ms },
      more,
    } = waited;
    say(
      `waitlist ${n + 1}/${rounds}: a release p50 ${us(p50Ms)}, p99 ${us(p99Ms)}, by processor time p99 ${more.cpuP99Us} µs, ` +
        `without anybody waiting p50 ${us(alone.figures.p50Ms)}; ` +
        Object.entries(redis)
          .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
          .join(", "),
    );
  }
  return [settle("waitlist", { needs: needCount, releases: releasesOf.engine }, done)];
}

const us = (ms: number) => `${(ms * 1_000).toFixed(1)} µs`;

async function measureRedis(seed: number): Promise<Record<string, number>> {
  await using redis = openRedis({ nodes: redisNodes(), prefix: `${benchName()}:` });
  try {
    await redis.check();
    const cpuUs = await cpuOfMaster(redis);
    const { figures, more } = await measure(createRedisSeats(redis), seed, needCount, releasesOf.redis, cpuUs);
    const waitlistMb = await memoryMb(redis);
    await removeKeys(redis);
    const alone = await measure(createRedisSeats(redis), seed, 0, releasesOf.redis, cpuUs);
    return {
      redisReleaseP50Ms: figures.p50Ms,
      redisReleaseP99Ms: figures.p99Ms,
      redisMasterP50Us: more.cpuP50Us,
      redisMasterP99Us: more.cpuP99Us,
      redisMasterP50UsAlone: alone.more.cpuP50Us,
      redisMasterP99UsAlone: alone.more.cpuP99Us,
      redisJoinsPerSecond: more.joinsPerSecond,
      redisWaitlistMb: waitlistMb,
    };
  } finally {
    await removeKeys(redis);
  }
}

/** Processor time of the thread that answers for the run. */
async function cpuOfMaster({ cluster, key }: Redis): Promise<() => Promise<number>> {
  const slot = Number(await cluster.cluster("KEYSLOT", key(`{${train.runId}}`)));
  const address = cluster.slots[slot]![0];
  const master = cluster.nodes("master").find(({ options }) => `${options.host}:${options.port}` === address)!;
  return async () => (await masterCpuSeconds(master)) * 1e6;
}

/** Of the two keys that say who waits. */
async function memoryMb({ cluster, key }: Redis): Promise<number> {
  const keys = ["waiting", "needs"].map((part) => key(`${part}:{${train.runId}}`));
  const bytes = await Promise.all(keys.map((each) => cluster.memory("USAGE", each, "SAMPLES", 0)));
  return bytes.reduce((sum: number, each) => sum + Number(each), 0) / 1e6;
}

/**
 * One release after the other, each waited for: what was sold, and what was granted since. By the clock, and by processor time, which says
 * the same on a machine that is shared.
 */
async function measure(
  seats: SeatStore,
  seed: number,
  waiting: number,
  releasesMax: number,
  cpuUs: () => number | Promise<number> = ownCpuUs,
) {
  const prng = createPrng(seed);
  const held = await sellOut(seats, prng);
  let granted = 0;
  seats.waitlists.hear(({ grants }) => {
    granted += grants.length;
    for (const { holdId, line } of grants) held.push({ runId: train.runId, holdId, line });
  });
  const joinsPerSecond = await joinAll(
    seats,
    Array.from({ length: waiting }, (_, n) => drawNeed(prng, n)),
  );
  granted = 0;
  const [tookMs, usedUs]: [number[], number[]] = [[], []];
  // Where nobody waits all that is sold comes back once.
  const releases = waiting === 0 ? held.length : releasesMax;
  const askingUs = -(await cpuUs()) + (await cpuUs());
  for (let n = 0; n < releases; n++) {
    const at = prng.below(held.length);
    const hold = held[at]!;
    held[at] = held.at(-1)!;
    held.pop();
    const [usedBefore, from] = [await cpuUs(), performance.now()];
    await seats.release(hold, now);
    tookMs.push(performance.now() - from);
    usedUs.push(Math.max(0, (await cpuUs()) - usedBefore - askingUs));
  }
  const [sorted, sortedUs] = [tookMs, usedUs].map((each) => each.toSorted((a, b) => a - b)) as [number[], number[]];
  const perSecond = (releases * 1_000) / tookMs.reduce((sum, ms) => sum + ms, 0);
  const figures: Figures = { perSecond, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
  const more = {
    joinsPerSecond,
    grantsPerRelease: granted / releases,
    cpuP50Us: percentile(sortedUs, 0.5),
    cpuP99Us: percentile(sortedUs, 0.99),
  };
  return { figures, more };
}

/** Answers how many joined a second. */
async function joinAll(seats: SeatStore, needs: readonly Need[]): Promise<number> {
  const from = performance.now();
  for (let next = 0; next < needs.length; next += joinedAtOnce) {
    await seats.waitlists.join(needs.slice(next, next + joinedAtOnce), now);
  }
  return (needs.length * 1_000) / (performance.now() - from);
}

function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

let lastId = 0;
const refusalsMax = 200;

/** Holds on random ways until so many were refused. */
async function sellOut(seats: SeatStore, prng: Prng): Promise<HoldName[]> {
  const held: HoldName[] = [];
  for (let refusals = 0; refusals < refusalsMax;) {
    const command = { ...drawWay(prng), ...named(), run: train, preferences: [null], deadline };
    const [decided] = await seats.hold([{ ...command, seatClass: prng.pick(classes) }], now);
    if (decided!.ok) held.push({ runId: train.runId, holdId: command.holdId, line: 0 });
    else refusals++;
  }
  return held;
}

const classes: readonly SeatClass[] = ["second", "second", "second", "first"];
const named = () => ({ holdId: ++lastId as OrderId, line: 0 });

function drawWay(prng: Prng) {
  const fromStop = prng.below(stopCount - 1);
  return { fromStop, toStop: fromStop + 1 + prng.below(stopCount - 1 - fromStop) };
}

const drawNeed = (prng: Prng, place: number): Need => ({
  ...named(),
  ...drawWay(prng),
  run: train,
  seatClasses: prng.pick([["second"], ["second", "first"], ["first", "second"], ["first"]] as const),
  preferences: Array.from({ length: 1 + prng.below(passengersPerOrderMax) }, () => prng.pick([null, null, "window"])),
  place,
});

const train: Run = {
  runId: runId("G1", serviceDate("2099-12-01")),
  originDate: serviceDate("2099-12-01"),
  dayStart: epochMs(now + 24 * hourMs),
  train: {
    trainVersionId: 1,
    trainNumber: "G1",
    trainType: "highSpeed",
    zone: "Asia/Shanghai" as ZoneName,
    composition: {
      code: "bench",
      coaches: Array.from({ length: coachCount }, (_, n) => ({
        no: n + 1,
        sections: [{ seatClass: n === 0 ? ("first" as const) : ("second" as const), rows: rowsPerCoach }],
      })),
    },
    stops: Array.from({ length: stopCount }, (_, n) => ({
      stationId: `S${n}`,
      name: `站${n}`,
      arriveS: (8 + n) * 3_600,
      departS: (8 + n) * 3_600 + 120,
      distanceM: n * 100_000,
    })),
  },
};

if (import.meta.main) {
  const settings = { rounds: 1, seconds: 1, connections: 64, say: console.log };
  console.log(JSON.stringify((await run(settings))[0], null, 2));
}
