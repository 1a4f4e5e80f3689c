/**
 * Case `queue`: what the queue of an opening costs by processor time, without HTTP. How far it has come is asked by everybody who waits, so that is answered
 * a hundred times from memory and then anew; reference: an answer from memory alone. A purchase with a pass while a queue is on is held against one where no
 * queue is announced. And what a million who wait take of memory, the draw of their lots of time, and a heartbeat of one of those inside.
 */
import type { AnnouncedQueue, KeptQueue, RunId, Timetable } from "@chepiao/contracts";
import {
  epochMs,
  minuteMs,
  type OrderId,
  parseZone,
  queueHeartbeatMs,
  queueInsideMs,
  secondMs,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryPurchaseLoad } from "@chepiao/ports/purchase-load";
import { createMemoryQueueCounters } from "@chepiao/ports/queue-counters";
import { createMemoryQueueStore, noMarks } from "@chepiao/ports/queue-store";
import { createSeededRandom } from "@chepiao/ports/random";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createQueuePasses } from "@chepiao/room";
import { createPassStep } from "@chepiao/services/order";
import { createQueue, drawLots, merkleRoot } from "@chepiao/services/queue";
import { type BenchSettings, type CaseResult, type Figures, percentile, type Round, settle } from "./lib/rounds.ts";

const opensAt = epochMs(1_800_000_000_000);
const waiting = 1_000_000;
const inside = 3_000;
const questions = 200_000;
/** Of one measurement: a processor's time is told in steps. */
const atOnce = 1_000;
const batch = 64;
const scope = "G1/2027-01-20" as RunId;
const announced: AnnouncedQueue = {
  kind: "announced",
  queueId: "benchqueue",
  scope,
  collectsFrom: epochMs(opensAt - minuteMs),
  opensAt,
  endsAt: epochMs(opensAt + 120 * minuteMs),
  endedAt: null,
  perMinute: 600,
  activeMax: 300,
  keepMs: minuteMs,
  stayMs: minuteMs,
  seedHash: "",
  chanceFrom: null,
};

export async function run({ rounds, say }: BenchSettings): Promise<CaseResult[]> {
  const memory = await memoryOfWaiting();
  say(
    `queue: ${waiting} wait: ${memory.bytesEach.toFixed(0)} bytes each, joined in ${memory.joinMicros.toFixed(2)} µs`,
  );
  const drawSeconds = await timeOfDraw();
  say(`queue: ${waiting} lots are drawn in ${drawSeconds.toFixed(1)} s beside whatever else is done`);
  const heartbeatMicros = 1e6 / (await timeOfHeartbeats()).perSecond;
  say(`queue: a heartbeat beside ${inside} who are inside takes ${heartbeatMicros.toFixed(2)} µs of the counters`);
  const status: Round[] = [];
  const purchases: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    const { anew, kept } = await timeOfStatus();
    status.push({
      ...anew,
      reference: kept,
      more: { ...memory, drawSeconds, heartbeatMicros, micros: 1e6 / anew.perSecond },
    });
    const [on, off] = [await timeOfPasses([{ ...announced, marks: noMarks }]), await timeOfPasses([])];
    purchases.push({ ...on, reference: off, more: { micros: 1e6 / on.perSecond } });
    say(
      `queue ${n + 1}/${rounds}: status ${(1e6 / anew.perSecond).toFixed(2)} µs, ` +
        `pass of a purchase ${(1e6 / on.perSecond).toFixed(2)} µs, without a queue ${(1e6 / off.perSecond).toFixed(3)} µs`,
    );
  }
  return [
    settle("queue status", { waiting, questions }, status),
    settle("queue purchase", { batch, purchases: questions }, purchases),
  ];
}

async function memoryOfWaiting() {
  const counters = createMemoryQueueCounters();
  await counters.drawn("q", 0);
  const before = heap();
  const since = process.cpuUsage();
  for (let n = 1; n <= waiting; n++) {
    const lot = n.toString(16).padStart(32, "0");
    await counters.join("q", { lot, userId: n as UserId, now: opensAt, opensAt, known: null, stayMs: minuteMs });
  }
  const joinMicros = micros(since) / waiting;
  const { taken } = await counters.state("q");
  return { bytesEach: (heap() - before) / taken, joinMicros };
}

const heap = () => {
  Bun.gc(true);
  return process.memoryUsage().rss;
};

async function timeOfDraw(): Promise<number> {
  const lots = Array.from({ length: waiting }, (_, n) => n.toString(16).padStart(32, "0"));
  const since = process.cpuUsage();
  const root = await merkleRoot(lots, async () => {});
  await drawLots({ seed: "5eed", root, chance: null }, lots, async () => {});
  return micros(since) / 1e6;
}

/** All who are inside say so in turn, each in a moment of its own. */
async function timeOfHeartbeats(): Promise<Figures> {
  const counters = createMemoryQueueCounters();
  const lotOf = (n: number) => n.toString(16).padStart(32, "0");
  const rules = { insideMs: queueInsideMs, activeMax: inside, stayMs: 120 * minuteMs };
  await counters.drawn("q", 0);
  await counters.raise("q", { taken: inside, served: inside });
  return figuresOf(async (n) => {
    const position = 1 + (n % inside);
    const now = epochMs(opensAt + Math.floor((n * queueHeartbeatMs) / inside));
    await counters.enter("q", { lot: lotOf(position), userId: position as UserId, position, now, ...rules });
  });
}

/** Each hundredth question finds that what is in memory is too old. */
async function timeOfStatus(): Promise<{ readonly anew: Figures; readonly kept: Figures }> {
  let at = epochMs(opensAt + minuteMs);
  const clock = { ...createManualClock(at), now: () => at };
  const store = createMemoryQueueStore();
  await store.announce(announced, epochMs(0));
  const queues = await store.all();
  const room = createQueue({
    clock,
    vault: createMemoryVault(),
    timetable: () =>
      ({ zone: parseZone("Asia/Shanghai"), policy: { policy: {} }, run: () => null }) as unknown as Timetable,
    users: { passengers: async () => [] },
    inventory: { available: async () => [] },
    queues: { all: () => queues, gateOf: () => null },
    store,
    counters: createMemoryQueueCounters(),
    limiter: createMemoryRateLimiter(clock),
    load: createMemoryPurchaseLoad(),
    random: createSeededRandom(1),
    log() {},
    keepsLots: false,
    report(message) {
      throw new Error(message);
    },
  });
  const { status } = room.handlers;
  const request = { url: `http://queue.example/api/queue/status?queue=${announced.queueId}` };
  const ask = async (n: number) => {
    if (n % 100 === 0) at = epochMs(at + secondMs);
    if (!status.ready!(request.url)) await status({ query: { queue: announced.queueId }, request } as never);
  };
  return {
    anew: await figuresOf(ask),
    kept: await figuresOf(async () => void status.ready!(request.url)),
  };
}

async function timeOfPasses(queues: readonly KeptQueue[]): Promise<Figures> {
  const passes = createQueuePasses(createMemoryVault());
  const step = createPassStep({
    queues: { all: () => queues, gateOf: () => queues[0] ?? null },
    passes,
    submissions: { findKeys: async () => [] },
    firstAnswer: async () => {
      throw new Error("everybody has a pass");
    },
  });
  const at = epochMs(opensAt + minuteMs);
  const originDate = serviceDate("2027-01-20");
  const drafts = Array.from({ length: batch }, (_, n) => {
    const pass = passes.sign({ queueId: announced.queueId, userId: n }, epochMs(at + minuteMs));
    const lines = [{ trainNumber: "G1", originDate }];
    return { command: { userId: n, asker: { pass }, lines }, orderId: n as OrderId, at };
  });
  const [first] = drafts;
  const without = { ...first, command: { ...first!.command, asker: { pass: null } } };
  if (queues.length > 0 && step.do([without] as never) === null) throw new Error("nobody looks at passes");
  const batches = await figuresOf(async () => {
    if (step.do(drafts as never) !== null) throw new Error("somebody is turned away");
  }, questions / batch);
  return { ...batches, perSecond: batches.perSecond * batch };
}

/** By processor time. */
async function figuresOf(what: (n: number) => Promise<void>, count = questions): Promise<Figures> {
  for (let n = 0; n < count / 10; n++) await what(n);
  const each: number[] = [];
  for (let start = 0; start < count; start += atOnce) {
    const since = process.cpuUsage();
    for (let n = 0; n < atOnce; n++) await what(start + n);
    each.push(micros(since) / atOnce);
  }
  const sorted = each.toSorted((one, other) => one - other);
  return {
    perSecond: 1e6 / percentile(sorted, 0.5),
    p50Ms: percentile(sorted, 0.5) / 1_000,
    p99Ms: percentile(sorted, 0.99) / 1_000,
  };
}

function micros(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}
