/**
 * Case `order`: purchases by distinct people over thousands of runs, each answered once it is on the disk, with everything that
 * is promised: session, validation, limits, best seats, rows in SQL. Reference: the same process echoing the same bodies.
 *
 * `bun bench/order.ts --profile=DIR` leaves a processor profile in DIR.
 */
import { createPrng } from "@chepiao/kernel";
import { auditRound } from "./lib/audit.ts";
import { figuresOf, load, prepareRequests } from "./lib/load.ts";
import { drawOrders, warmUp } from "./lib/orders.ts";
import { type BenchSettings, type CaseResult, type Round, settle } from "./lib/rounds.ts";
import { type BenchServer, measured, startBenchServer } from "./lib/server.ts";
import { createBenchWorld } from "./lib/world.ts";

const buyerCount = 20_000;
const warmUpSeconds = 8;
const connections = 256;
/** Of twelve days on which everybody buys, the last six are for the rehearsal, which takes longer than a round. */
const rehearsalFrom = 6 * buyerCount;

export async function run(
  { rounds, seconds, say }: BenchSettings,
  flags: readonly string[] = [],
): Promise<CaseResult[]> {
  using world = await createBenchWorld(buyerCount, say);
  const drawn = [...drawOrders(world.buyers, createPrng(7))];
  using orders = prepareRequests(drawn);
  using probes = prepareRequests(warmUp(world.buyers));
  const done: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    const copy = world.copy();
    const server = await startBenchServer(copy.dataDir, flags);
    try {
      await load(server.url, probes.path, { connections, seconds: warmUpSeconds });
      // A sale is not the first thing a platform does in its life: the road is compiled, on orders that are not counted.
      const rehearsed = await load(server.url, orders.path, {
        connections,
        seconds: warmUpSeconds,
        skip: rehearsalFrom,
      });
      expectEnough("rehearsal", rehearsed.requests, drawn.length - rehearsalFrom);
      const reference = await measured(server, () =>
        load(server.referenceUrl, orders.path, { connections, seconds, path: "/echo" }),
      );
      const lag = watchLag(server);
      const before = await server.metrics();
      const bought = await measured(server, () => load(server.url, orders.path, { connections, seconds }));
      const lagRecordsMax = lag.stop();
      const rowsBehindMs = await untilWritten(server);
      const after = await server.metrics();
      await server.stop();
      expectEnough("round", bought.load.requests, rehearsalFrom);
      const accepted = bought.load.requests - bought.load.refused;
      const wrong = auditRound(copy.dataDir, accepted + rehearsed.requests - rehearsed.refused);
      if (wrong.length > 0) throw new Error(`the audit after a round found:\n${wrong.join("\n")}`);
      done.push({
        ...figuresOf(bought.load),
        reference: figuresOf(reference.load),
        more: {
          acceptedShare: accepted / bought.load.requests,
          cpuUsPerRequest: bought.cpuUs,
          referenceCpuUsPerRequest: reference.cpuUs,
          syncsPerSecond: (after("log_syncs_total") - before("log_syncs_total")) / seconds,
          rowsBehindMax: lagRecordsMax,
          rowsBehindMs,
        },
      });
      const { perSecond, p50Ms, p99Ms } = bought.load;
      say(
        `order ${n + 1}/${rounds}: ${Math.round(perSecond)}/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ` +
          `ratio ${(perSecond / reference.load.perSecond).toFixed(2)} to ${Math.round(reference.load.perSecond)}/s, ` +
          `cpu ${bought.cpuUs.toFixed(1)} µs (reference ${reference.cpuUs.toFixed(1)}), rows behind ${lagRecordsMax}, ` +
          `${rowsBehindMs} ms; ${((100 * accepted) / bought.load.requests).toFixed(1)} % accepted, audited`,
      );
    } finally {
      await server.stop();
      copy.remove();
    }
  }
  return [settle("order", { seconds, connections, buyers: buyerCount }, done)];
}

/** A purchase that is sent a second time is answered as the first was, and would be counted twice. */
function expectEnough(phase: string, sent: number, drawn: number) {
  if (sent > drawn)
    throw new Error(`${sent} purchases in the ${phase}, but only ${drawn} were drawn: raise buyerCount`);
}

/** How many records SQL is behind the log, looked at while it happens. */
function watchLag(server: BenchServer) {
  let most = 0;
  const timer = setInterval(() => {
    void readLag();
  }, 250);
  async function readLag() {
    const read = await server.metrics();
    most = Math.max(most, read("log_consumer_lag_records"));
  }
  return {
    stop() {
      clearInterval(timer);
      return most;
    },
  };
}

/** How long after the last answer until every row is written. */
async function untilWritten(server: BenchServer): Promise<number> {
  const started = performance.now();
  while ((await server.metrics())("log_consumer_lag_records") > 0) await Bun.sleep(5);
  return Math.round(performance.now() - started);
}

if (import.meta.main) {
  const profile = process.argv.find((arg) => arg.startsWith("--profile="))?.slice("--profile=".length);
  const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const settings = { rounds: 3, seconds: 6, connections, say: console.log };
  console.log(JSON.stringify((await run(settings, flags))[0], null, 2));
}
