/**
 * Case `query`: searches for trains while tickets are sold. Readers ask for at least 10,000 distinct journeys, popular ones more
 * often (Zipf); buyers take 2,000 seats a second out of the same trains; a probe buys on trains of its own and reads its
 * purchases back. Reference: a static body of the pages' mean size from the same process, with the same buyers around.
 *
 * `bun bench/query.ts --profile=DIR` leaves a processor profile in DIR.
 */
import { createPrng } from "@chepiao/kernel";
import { watchFreshness } from "./lib/freshness.ts";
import { createZipf, drawJourneys, type Journey, lastDay, pathOf } from "./lib/journeys.ts";
import { figuresOf, load, prepareRequests } from "./lib/load.ts";
import { type BenchSettings, type CaseResult, type Round, settle } from "./lib/rounds.ts";
import { type BenchServer, measured, startBenchServer } from "./lib/server.ts";
import { createSales, isForSale, readPages, startSales } from "./lib/sales.ts";
import { createBenchWorld } from "./lib/world.ts";

const journeyCount = 12_000;
const ordersPerSecond = 2_000;
const requestCount = 200_000;
/** On popular pages, so that the probe reads what everybody reads. */
const probedPages = 8;
const warmUpSeconds = 3;

export async function run(settings: BenchSettings, flags: readonly string[] = []): Promise<CaseResult[]> {
  const { rounds, seconds, connections, say } = settings;
  const orderCount = ordersPerSecond * (warmUpSeconds + rounds * 2 * (seconds + 1));
  const probeCount = rounds * seconds * 8;
  using world = await createBenchWorld(Math.ceil(orderCount / lastDay) + probeCount, say);
  const copy = world.copy();
  const server = await startBenchServer(copy.dataDir, flags);
  try {
    const journeys = drawJourneys(copy.dataDir, journeyCount, createPrng(1));
    const pages = await readPages(server.url, journeys);
    const probes = pages.slice(0, 500).flatMap((page, n) => {
      const train = page.trains.find(isForSale);
      return train ? [{ path: pathOf(journeys[n]!), train }] : [];
    });
    probes.length = Math.min(probes.length, probedPages);
    const probed = new Set(probes.map(({ train }) => `${train.trainNumber}/${train.originDate}`));
    const next = createSales(
      world.buyers.slice(probeCount),
      pages,
      ({ trainNumber, originDate }) => probed.has(`${trainNumber}/${originDate}`),
      createPrng(2),
    );
    using requests = prepareRequests(drawRequests(journeys));
    const bytes = await meanBytes(server, journeys);
    await server.setReferenceBytes(bytes);

    const sales = await startSales(server.url, next, ordersPerSecond);
    await load(server.url, requests.path, { connections, seconds: warmUpSeconds });
    const done: Round[] = [];
    for (let n = 0; n < rounds; n++) {
      const buyers = world.buyers.slice((probeCount / rounds) * n, (probeCount / rounds) * (n + 1));
      const reference = await measured(server, () =>
        load(server.referenceUrl, requests.path, { connections, seconds }),
      );
      sales.take();
      const fresh = watchFreshness(server.url, probes, buyers);
      const query = await measured(server, () => load(server.url, requests.path, { connections, seconds }));
      const sold = sales.take();
      await fresh.stop();
      if (query.load.refused + query.load.broken > 0)
        say(`query: ${query.load.refused} refused, ${query.load.broken} broken`);
      done.push({
        ...figuresOf(query.load),
        reference: figuresOf(reference.load),
        more: {
          cpuUsPerRequest: query.cpuUs,
          referenceCpuUsPerRequest: reference.cpuUs,
          ordersPerSecond: sold.accepted / sold.seconds,
          ordersRefused: sold.refused,
          staleMsMax: Math.max(...fresh.delaysMs),
          probes: fresh.delaysMs.length,
          maxMs: query.load.maxMs,
        },
      });
      const { perSecond, p99Ms } = query.load;
      say(
        `query ${n + 1}/${rounds}: ${Math.round(perSecond)}/s, p99 ${p99Ms.toFixed(1)} ms, ` +
          `ratio ${(perSecond / reference.load.perSecond).toFixed(2)}, cpu ${query.cpuUs.toFixed(1)} µs ` +
          `(reference ${reference.cpuUs.toFixed(1)}), ${Math.round(sold.accepted / sold.seconds)} orders/s, ` +
          `p99 of the reference ${reference.load.p99Ms.toFixed(1)}, stale ${Math.round(Math.max(...fresh.delaysMs))} ms`,
      );
    }
    await sales.stop();
    return [settle("query", { seconds, connections, journeys: journeyCount, ordersPerSecond, bytes }, done)];
  } finally {
    await server.stop();
    copy.remove();
  }
}

function* drawRequests(journeys: readonly Journey[]) {
  const draw = createZipf(journeys.length, 3);
  for (let n = 0; n < requestCount; n++) yield { method: "GET" as const, path: pathOf(journeys[draw()]!) };
}

/** Of an answer as it is drawn. */
async function meanBytes(server: BenchServer, journeys: readonly Journey[]): Promise<number> {
  const draw = createZipf(journeys.length, 4);
  const count = 2_000;
  let sum = 0;
  for (let n = 0; n < count; n++) {
    sum += (await (await fetch(server.url + pathOf(journeys[draw()]!))).bytes()).length;
  }
  return Math.round(sum / count);
}

if (import.meta.main) {
  const profile = process.argv.find((arg) => arg.startsWith("--profile="))?.slice("--profile=".length);
  const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const settings = { rounds: 3, seconds: 4, connections: 64, say: console.log };
  console.log(JSON.stringify((await run(settings, flags))[0], null, 2));
}
