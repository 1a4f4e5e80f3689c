/**
 * Case `workers`: what a second serving thread costs. Two platforms on copies of one world, the one with a single serving thread,
 * the other with two that share the seats, take turns under the same load; what counts is requests by processor time of the whole
 * process. Throughput says little here: where the generator needs a core of two, a second thread has none of its own.
 *
 * `bun bench/workers.ts [queries|orders] [--profile=DIR]`; profiles are of each platform's main thread.
 */
import { createPrng } from "@chepiao/kernel";
import { auditRound } from "./lib/audit.ts";
import { createZipf, drawJourneys, lastDay, pathOf } from "./lib/journeys.ts";
import { load, type LoadResult, prepareRequests } from "./lib/load.ts";
import { drawOrders, warmUpPurchases } from "./lib/orders.ts";
import { type BenchSettings, type CaseResult, type Figures, median, type Round, settle } from "./lib/rounds.ts";
import { createSales, readPages, startSales } from "./lib/sales.ts";
import { type BenchServer, measured, startBenchServer } from "./lib/server.ts";
import { type BenchWorld, createBenchWorld } from "./lib/world.ts";

/** Of each platform in a round: short ones in turn, so that whatever else the machine does falls on both. */
const turnsPerRound = 5;
const secondsOfTurn = ({ seconds }: BenchSettings): number => Math.max(1, Math.round(seconds / turnsPerRound));

export async function run(settings: BenchSettings, flags: readonly string[] = []): Promise<CaseResult[]> {
  return [await queries(settings, flags), await orders(settings, flags)];
}

// Queries ----------------------------------------------------------------------------------------------------------------

const journeyCount = 12_000;
const queryCount = 200_000;
const ordersPerSecond = 2_000;
const warmUpSeconds = 10;

/** As in the case `query`: popular journeys more often, while seats are sold out of the same trains. */
async function queries(settings: BenchSettings, flags: readonly string[]): Promise<CaseResult> {
  const { rounds, connections, say } = settings;
  const seconds = secondsOfTurn(settings);
  const sold = ordersPerSecond * (warmUpSeconds + rounds * turnsPerRound * (seconds + 1));
  using world = await createBenchWorld(Math.ceil(sold / lastDay), say);
  await using one = await open(world, 1, flags);
  await using two = await open(world, 2, flags);
  const journeys = drawJourneys(one.dataDir, journeyCount, createPrng(1));
  const draw = createZipf(journeys.length, 3);
  using file = prepareRequests(
    Array.from({ length: queryCount }, () => ({ method: "GET" as const, path: pathOf(journeys[draw()]!) })),
  );

  async function warmUp({ server }: Platform): Promise<Measured> {
    const next = createSales(world.buyers, await readPages(server.url, journeys), () => false, createPrng(2));
    const ask = async (forSeconds: number) => {
      const sales = await startSales(server.url, next, ordersPerSecond);
      const done = await load(server.url, file.path, { connections, seconds: forSeconds });
      await sales.stop();
      return done;
    };
    await ask(warmUpSeconds);
    return { server, turn: () => ask(seconds) };
  }
  const both = [await warmUp(one), await warmUp(two)] as const;
  const done: Round[] = [];
  for (let n = 0; n < rounds; n++) done.push(await playRound("queries", n, both, settings));
  return settle("workers-queries", { seconds, connections, journeys: journeyCount, ordersPerSecond }, done);
}

// Orders -----------------------------------------------------------------------------------------------------------------

const buyerCount = 30_000;
const orderConnections = 256;
/** Tries before the first turn: by then every thread knows nearly every session. */
const triesPerBuyer = 6;
/** Of what can be bought, the share that is bought before the first turn: compilers have then seen everything. */
const warmUpShare = 0.25;

/** As in the case `order`, with an audit of both platforms after every round. */
async function orders(settings: BenchSettings, flags: readonly string[]): Promise<CaseResult> {
  const { rounds, say } = settings;
  const options = { connections: orderConnections, seconds: secondsOfTurn(settings) };
  using world = await createBenchWorld(buyerCount, say);
  await using one = await open(world, 1, flags);
  await using two = await open(world, 2, flags);
  const all = [...drawOrders(world.buyers, createPrng(7))];
  const share = Math.floor((all.length * (1 - warmUpShare)) / (rounds * turnsPerRound));
  using files = new DisposableStack();
  const prepare = (from: number, to: number): Prepared => ({
    path: files.use(prepareRequests(all.slice(from, to))).path,
    lines: to - from,
  });
  const first = prepare(rounds * turnsPerRound * share, all.length);
  const ofTurns = Array.from({ length: rounds * turnsPerRound }, (_, n) => prepare(n * share, (n + 1) * share));
  const tries = files.use(prepareRequests(warmUpPurchases(world.buyers)));
  const accepted = new Map<BenchServer, number>();

  async function warmUp({ server }: Platform): Promise<Measured> {
    const buy = async ({ path, lines }: Prepared, seconds: number) => {
      const bought = await load(server.url, path, { ...options, seconds });
      if (bought.requests > lines) say(`orders: ${bought.requests - lines} repeated, because there were only ${lines}`);
      accepted.set(server, (accepted.get(server) ?? 0) + Math.min(bought.requests, lines) - bought.refused);
      // Rows are part of what an order costs. Looked for seldom, because a look counts free seats and costs what many orders do.
      while ((await server.metrics())("log_consumer_lag_records") > 0) await Bun.sleep(100);
      return bought;
    };
    for (let tried = 0; tried < triesPerBuyer * buyerCount;)
      tried += (await load(server.url, tries.path, { ...options, seconds: 4 })).requests;
    await buy(first, warmUpSeconds);
    return { server, turn: (n) => buy(ofTurns[n]!, options.seconds) };
  }
  const both = [await warmUp(one), await warmUp(two)] as const;
  const done: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    done.push(await playRound("orders", n, both, settings));
    for (const { server, dataDir } of [one, two]) {
      const wrong = auditRound(dataDir, accepted.get(server)!);
      if (wrong.length > 0) throw new Error(`the audit after a round found:\n${wrong.join("\n")}`);
    }
    say(`orders ${n + 1}/${rounds}: ${[...accepted.values()].join(" and ")} purchases so far, audited`);
  }
  return settle("workers-orders", { ...options, buyers: buyerCount }, done);
}

type Prepared = { readonly path: string; readonly lines: number };

// Both -------------------------------------------------------------------------------------------------------------------

type Platform = AsyncDisposable & { readonly server: BenchServer; readonly dataDir: string };
/** What is loaded in the nth turn of all. */
type Measured = { readonly server: BenchServer; readonly turn: (n: number) => Promise<LoadResult> };
type Turn = Awaited<ReturnType<typeof measured>>;

async function open(world: BenchWorld, workers: number, flags: readonly string[]): Promise<Platform> {
  const { dataDir, remove } = world.copy();
  const server = await startBenchServer(dataDir, flags, { WORKERS: String(workers) });
  return {
    server,
    dataDir,
    async [Symbol.asyncDispose]() {
      await server.stop();
      remove();
    },
  };
}

/** The figure of a round is that of two threads, its reference that of one: requests by second of processor time. */
async function playRound(
  what: string,
  round: number,
  [one, two]: readonly [Measured, Measured],
  { rounds, say }: BenchSettings,
): Promise<Round> {
  const [ofOne, ofTwo]: [Turn[], Turn[]] = [[], []];
  for (let n = round * turnsPerRound; n < (round + 1) * turnsPerRound; n++) {
    const goes = [
      async () => ofOne.push(await measured(one.server, () => one.turn(n))),
      async () => ofTwo.push(await measured(two.server, () => two.turn(n))),
    ];
    // Who begins alternates: what comes second finds a warmer or a wearier machine.
    for (const go of n % 2 === 0 ? goes : goes.toReversed()) await go();
  }
  const [figures, reference] = [figuresOf(ofTwo), figuresOf(ofOne)];
  const throughput = (turns: readonly Turn[]) => median(turns.map((turn) => turn.load.perSecond));
  say(
    `${what} ${round + 1}/${rounds}: ${Math.round(figures.perSecond)} by second of processor time (one thread ` +
      `${Math.round(reference.perSecond)}), ratio ${(figures.perSecond / reference.perSecond).toFixed(2)}; ` +
      `${Math.round(throughput(ofTwo))}/s (one thread ${Math.round(throughput(ofOne))})`,
  );
  return { ...figures, reference, more: { throughput: throughput(ofTwo), throughputOfOne: throughput(ofOne) } };
}

const figuresOf = (turns: readonly Turn[]): Figures => ({
  perSecond: median(turns.map((turn) => 1e6 / turn.cpuUs)),
  p50Ms: median(turns.map((turn) => turn.load.p50Ms)),
  p99Ms: median(turns.map((turn) => turn.load.p99Ms)),
});

if (import.meta.main) {
  const profile = process.argv.find((arg) => arg.startsWith("--profile="))?.slice("--profile=".length);
  const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const settings = { rounds: 3, seconds: 5, connections: 64, say: console.log };
  const wanted = process.argv.includes("orders") ? orders : process.argv.includes("queries") ? queries : null;
  const results = wanted ? [await wanted(settings, flags)] : await run(settings, flags);
  console.log(JSON.stringify(results, null, 2));
}
