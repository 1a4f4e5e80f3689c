/**
 * Case `recovery`: the platform wakes up on a million orders in the database and in the log. How long until it answers, and how
 * much memory it holds then. Reference: the same on an empty house.
 */
import { join } from "node:path";
import { openFileLog } from "@chepiao/adapters/file-log";
import { createOrderWriter, openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import { firstRunOf, type OrderAccepted } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { type BenchSettings, type CaseResult, type Round, settle } from "./lib/rounds.ts";
import { startBenchServer } from "./lib/server.ts";
import { drawSold } from "./lib/sold.ts";
import { createBenchWorld } from "./lib/world.ts";

const orderCount = Number(process.env["BENCH_ORDERS"] ?? 1_000_000);
const batchSize = 2_000;
const otherGroups = {
  "payment-consumer-group": "order-pay-topic",
  "inventory-consumer-group": "inventory-update-topic",
  "settlement-consumer-group": "payment-settled-topic",
  "refund-consumer-group": "payment-refund-topic",
} as const;

export async function run({ rounds, say }: BenchSettings): Promise<CaseResult[]> {
  using world = await createBenchWorld(1, say);
  const empty = world.copy();
  const full = world.copy();
  try {
    await fill(full.dataDir, say);
    const done: Round[] = [];
    for (let n = 0; n < rounds; n++) {
      const before = await wake(empty.dataDir);
      const after = await wake(full.dataDir);
      done.push({
        ...figuresOf(after.startedInMs),
        reference: figuresOf(before.startedInMs),
        more: {
          startMs: after.startedInMs,
          residentMb: after.residentMb,
          emptyStartMs: before.startedInMs,
          emptyResidentMb: before.residentMb,
        },
      });
      say(
        `recovery ${n + 1}/${rounds}: ${orderCount} orders in ${Math.round(after.startedInMs)} ms, ${after.residentMb} MB ` +
          `(empty: ${Math.round(before.startedInMs)} ms, ${before.residentMb} MB)`,
      );
    }
    return [settle("recovery", { orders: orderCount }, done)];
  } finally {
    empty.remove();
    full.remove();
  }
}

const figuresOf = (startMs: number) => ({ perSecond: 1_000 / startMs, p50Ms: startMs, p99Ms: startMs });

async function wake(dataDir: string) {
  const server = await startBenchServer(dataDir);
  const residentMb = Math.round((await server.metrics())("process_resident_memory_bytes") / 1e6);
  await server.stop();
  return { startedInMs: server.startedInMs, residentMb };
}

/** Orders as a good month leaves them: on every train of the coming days, one seat each, waiting for payment or not. */
async function fill(dataDir: string, say: (line: string) => void) {
  const started = performance.now();
  await using database = await openSqlite(join(dataDir, "chepiao.db"));
  await using log = await openFileLog(join(dataDir, "log"), createSystemClock());
  const accept = createOrderWriter(database);
  const finished = log.consume({
    group: "order-consumer-group",
    topics: ["order-create-topic"],
    batchMax: batchSize,
    handle: async (records) => {
      await accept(
        records.map((record) => record.value as OrderAccepted),
        epochMs(Date.now()),
      );
    },
  });
  // The other groups have nothing to do, but have seen everything, as on a platform that has run for a while.
  const idle = Object.entries(otherGroups).map(([group, topic]) =>
    log.consume({ group, topics: [topic], batchMax: batchSize, handle: async () => {} }),
  );
  let batch: OrderAccepted[] = [];
  let made = 0;
  for (const order of drawSold()) {
    batch.push(order);
    if (batch.length < batchSize) continue;
    await log.append(batch.map((value) => ({ topic: "order-create-topic", key: firstRunOf(value), value })));
    await finished.caughtUp();
    made += batch.length;
    batch = [];
    if (made % 200_000 === 0) say(`  ${made} orders made`);
    if (made >= orderCount) break;
  }
  for (const consumption of idle) await consumption.caughtUp();
  say(`recovery: ${made} orders in ${((performance.now() - started) / 1_000).toFixed(0)} s`);
}

if (import.meta.main) {
  console.log(JSON.stringify((await run({ rounds: 3, seconds: 0, connections: 0, say: console.log }))[0], null, 2));
}
