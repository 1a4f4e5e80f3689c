/**
 * Case `opening`: a sale opens. A hundred thousand submits, as fast as they come, want the same train and class over the whole
 * way. How long until it is sold out, how quickly everybody else hears so, and is it exact?
 */
import type { TicketsAnswer } from "@chepiao/contracts";
import { addDays, dateIn, epochMs, parseZone } from "@chepiao/kernel";
import { auditRound, sellingMs } from "./lib/audit.ts";
import { load, type LoadResult, prepareRequests } from "./lib/load.ts";
import { drawRush, warmUp } from "./lib/orders.ts";
import { type BenchSettings, type CaseResult, type Round, settle } from "./lib/rounds.ts";
import { startBenchServer } from "./lib/server.ts";
import { createBenchWorld } from "./lib/world.ts";

const buyerCount = 20_000;
/** At least; more are prepared, because one that is sent twice hears its first answer again. */
const submits = 100_000;
const warmUpSeconds = 8;
const connections = 256;

export async function run({ rounds, seconds, say }: BenchSettings): Promise<CaseResult[]> {
  using world = await createBenchWorld(buyerCount, say);
  using probes = prepareRequests(warmUp(world.buyers));
  const done: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    const copy = world.copy();
    const server = await startBenchServer(copy.dataDir);
    try {
      await load(server.url, probes.path, { connections, seconds: warmUpSeconds });
      const hot = await findHotTrain(server.url);
      using rush = prepareRequests(drawRush(world.buyers, 4 * submits, hot.journey));
      const reference = await load(server.referenceUrl, rush.path, { connections, seconds, path: "/echo" });
      const rushed = await storm(server.url, rush.path, seconds);
      await server.stop();
      // Seat maps are kept for half a second: the orders know better.
      const soldOutMs = sellingMs(copy.dataDir);
      const sold = rushed.requests - rushed.refused;
      const wrong = auditRound(copy.dataDir, sold);
      if (sold !== hot.seatCount) wrong.push(`${hot.seatCount} seats, ${sold} purchases accepted`);
      if (wrong.length > 0) throw new Error(`the audit after a round found:\n${wrong.join("\n")}`);
      const { perSecond, p50Ms, p99Ms } = rushed;
      done.push({
        perSecond,
        p50Ms,
        p99Ms,
        reference,
        more: { seats: hot.seatCount, soldOutMs, submits: rushed.requests },
      });
      say(
        `opening ${n + 1}/${rounds}: ${hot.seatCount} seats sold out in ${soldOutMs} ms, ${rushed.requests} submits, ` +
          `${Math.round(perSecond)}/s, ` +
          `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, exact`,
      );
    } finally {
      await server.stop();
      copy.remove();
    }
  }
  return [settle("opening", { seconds, connections, buyers: buyerCount, submits }, done)];
}

/** Until all have been sent, in stretches of some seconds; latencies are those of the worst stretch. */
async function storm(url: string, requestsPath: string, seconds: number): Promise<LoadResult> {
  const stretches: LoadResult[] = [];
  const sum = (of: (stretch: LoadResult) => number) => stretches.reduce((total, each) => total + of(each), 0);
  const worst = (of: (stretch: LoadResult) => number) => Math.max(...stretches.map(of));
  while (sum(({ requests }) => requests) < submits) {
    const skip = sum(({ requests }) => requests);
    stretches.push(await load(url, requestsPath, { connections, seconds, skip }));
  }
  return {
    perSecond: sum(({ perSecond }) => perSecond) / stretches.length,
    requests: sum(({ requests }) => requests),
    p50Ms: worst(({ p50Ms }) => p50Ms),
    p99Ms: worst(({ p99Ms }) => p99Ms),
    maxMs: worst(({ maxMs }) => maxMs),
    refused: sum(({ refused }) => refused),
    broken: sum(({ broken }) => broken),
  };
}

/** The train of tomorrow with the most second-class seats from its first to its last stop. */
async function findHotTrain(url: string) {
  const tomorrow = addDays(dateIn(parseZone("Asia/Shanghai")!, epochMs(Date.now())), 1);
  const query = new URLSearchParams({ from: "北京", to: "上海", date: tomorrow });
  const { trains } = (await (await fetch(`${url}/api/search/tickets?${query.toString()}`)).json()) as TicketsAnswer;
  const free = (train: (typeof trains)[number]) =>
    train.classes.find(({ seatClass }) => seatClass === "second")?.free ?? 0;
  const train = trains.filter(({ from, to }) => from.first && to.last).toSorted((a, b) => free(b) - free(a))[0]!;
  const journey = {
    trainNumber: train.trainNumber,
    originDate: train.originDate,
    from: train.from.stationId,
    to: train.to.stationId,
    seatClass: "second",
  };
  return { journey, seatCount: free(train) };
}

if (import.meta.main) {
  const settings = { rounds: 3, seconds: 5, connections, say: console.log };
  console.log(JSON.stringify((await run(settings))[0], null, 2));
}
