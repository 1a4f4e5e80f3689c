/**
 * Real role processes behind the gateway, each asked over HTTP as on a platform of many machines: what one purchase, and one search,
 * costs each of them in processor time. Costs, unlike rates, are nearly the same where everybody shares two cores. Asked by few at a
 * time and by many: what comes together is done together, and costs less.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createMysqlStores, migrateMysql, openMysql, type MysqlDatabase } from "@chepiao/adapters/mysql";
import { createRedisSessionStore, openRedis } from "@chepiao/adapters/redis";
import { createSystemClock } from "@chepiao/adapters/system";
import type { TicketsAnswer } from "@chepiao/contracts";
import { addDays, createPrng, dateIn, epochMs, parseZone, type Prng } from "@chepiao/kernel";
import { demoDays, generateDemoNetwork } from "../../apps/server/data/demo/generate.ts";
import { addressSetting, type RoleName, roles as allRoles } from "../../apps/server/roles.ts";
import { freePort } from "../../apps/server/testing/world.ts";
import { type Probe, watchFreshness } from "../lib/freshness.ts";
import { type BenchRequest, type LoadResult, load, prepareRequests } from "../lib/load.ts";
import { drawOrders } from "../lib/orders.ts";
import { isForSale } from "../lib/sales.ts";
import { settle } from "../lib/world.ts";
import {
  type Addresses,
  benchName,
  cpuSecondsOf,
  engineCpuSeconds,
  freshDatabase,
  portOf,
  removeKeys,
  removeTopics,
} from "./engines.ts";
import { policySetting } from "../../apps/server/testing/policy.ts";

/** What a purchase or a search touches. */
export const measuredRoles = [
  "gateway",
  "user",
  "search",
  "inventory",
  "order",
  "writer",
] as const satisfies RoleName[];
type MeasuredRole = (typeof measuredRoles)[number];
type Engine = "redis" | "kafka" | "mysql";
/** Processor time of one request, by who spent it. */
type CostUs = Readonly<Record<MeasuredRole | Engine, number>>;

export type RoleFigures = {
  readonly order: LoadResult;
  readonly query: LoadResult;
  readonly orderUs: CostUs;
  readonly queryUs: CostUs;
};
/** How many ask at a time: those who wait for an answer at a busy moment, and at that of one gateway which is fully used. */
const crowds = { few: 64, many: 512 } as const;
type Crowd = keyof typeof crowds;
export type RoleBench = AsyncDisposable & {
  measure(crowd: Crowd, seconds: number): Promise<RoleFigures>;
  /** How long after some purchases were answered searches still showed their seats as free. */
  staleMs(): Promise<readonly number[]>;
};

/** Each buys once on each of twelve days. */
const buyerCount = 4_000;
const journeyCount = 2_000;
/** Purchases of a round whose seats are looked for in searches, of the first trains that have some. */
const probesARound = 10;
const roundsMax = 10;
const probedTrains = 3;
/** Code that is run often is compiled anew, and better: the first thousands of purchases cost twice as much as those that follow. */
const warmUpSeconds = 8;
/** What was busy a moment ago still compiles and collects garbage. */
const settleSeconds = 2;
const idleSeconds = 2;
const withinMs = 60_000;
const main = resolve(import.meta.dir, "../../apps/server/main.ts");

export async function startRoles(
  { mysql, redis: nodes, kafka }: Addresses,
  say: (line: string) => void,
): Promise<RoleBench> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "chepiao-bench-roles-"));
  cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
  const namespace = benchName();
  cleanUp.defer(() => removeTopics(kafka, `${namespace}.`));
  const mysqlUrl = await freshDatabase(mysql, cleanUp);
  const database = cleanUp.use(openMysql(mysqlUrl));
  await migrateMysql(database);
  const redis = cleanUp.use(openRedis({ nodes, prefix: `${namespace}:` }));
  cleanUp.defer(() => removeKeys(redis));
  const clock = createSystemClock();
  const stores = cleanUp.use(createMysqlStores({ database, clock, report: console.error }));
  const keysFile = join(folder, "keys.json");
  const accounts = { ...stores, sessions: createRedisSessionStore(redis) };
  const buyers = await settle(accounts, keysFile, buyerCount + roundsMax * probesARound);
  const probers = buyers.splice(buyerCount);
  say(`roles: ${buyerCount} accounts are there`);

  const ports = new Map(allRoles.map((role) => [role, freePort()]));
  const urlOf = (role: RoleName) => `http://127.0.0.1:${ports.get(role)}`;
  const environment = {
    ...process.env,
    ...Object.fromEntries(allRoles.map((role) => [addressSetting(role), urlOf(role)])),
    CHEPIAO_ENGINES: "cluster",
    NAMESPACE: namespace,
    KEYS_FILE: keysFile,
    MYSQL_URL: mysqlUrl,
    REDIS_NODES: nodes.join(","),
    KAFKA_BROKERS: kafka.join(","),
    KAFKA_REPLICAS: "1",
    KAFKA_PARTITIONS: "4",
    RABBITMQ_URL: "",
    // An account stands for many people here.
    ...policySetting(),
    LOG_LEVEL: "warn",
    HOST: "127.0.0.1",
  };
  const processes = measuredRoles.map((role) => {
    const port = String(ports.get(role));
    const child = Bun.spawn([process.execPath, main, "serve", `--roles=${role}`], {
      env: {
        ...environment,
        ...(role === "gateway" ? { PORT: port, INTERNAL_PORT: String(freePort()) } : { INTERNAL_PORT: port }),
      },
      stdout: "ignore",
      stderr: "inherit",
    });
    cleanUp.defer(async () => {
      child.kill("SIGTERM");
      await child.exited;
    });
    return { role, child };
  });
  const died = Promise.race(
    processes.map(async ({ role, child }) => {
      const code = await child.exited;
      throw new Error(`the role ${role} ended with ${code}`);
    }),
  );
  died.catch(() => {});
  const inner = processes.filter(({ role }) => role !== "gateway");
  await Promise.race([died, Promise.all(inner.map(({ role }) => answers(`${urlOf(role)}/readyz`)))]);
  await Promise.race([died, answers(`${urlOf("gateway")}/api/search/calendar`)]);

  const purchases = [...drawOrders(buyers, createPrng(7))];
  const orders = cleanUp.use(prepareRequests(purchases));
  const searches = cleanUp.use(prepareRequests(drawSearches(createPrng(11))));
  let sent = 0;
  let accepted = 0;
  const redisPorts = redis.cluster.nodes("master").map(({ options }) => options.port!);
  const cpu = (): CostUs => ({
    ...(Object.fromEntries(processes.map(({ role, child }) => [role, cpuSecondsOf(child.pid)])) as Record<
      MeasuredRole,
      number
    >),
    redis: redisPorts.reduce((sum, port) => sum + engineCpuSeconds(port), 0),
    kafka: engineCpuSeconds(portOf(kafka[0]!)),
    mysql: engineCpuSeconds(portOf(mysql)),
  });
  const buy = async (connections: number, seconds: number) => {
    const bought = await load(urlOf("gateway"), orders.path, { connections, seconds, skip: sent });
    // Those under way when time was up were sent, too.
    sent += bought.requests + connections;
    // What comes a second time is answered from memory.
    if (sent > purchases.length) throw new Error(`more than ${purchases.length} purchases were sent: prepare more`);
    accepted += bought.requests - bought.refused;
    await rowsWritten(database, accepted);
    return bought;
  };
  const search = (connections: number, seconds: number) =>
    load(urlOf("gateway"), searches.path, { connections, seconds });
  const costed = async (idle: CostUs, work: () => Promise<LoadResult>) => {
    const [before, startedMs] = [cpu(), performance.now()];
    const done = await work();
    const after = cpu();
    const passedS = (performance.now() - startedMs) / 1_000;
    const each = (who: keyof CostUs) =>
      Math.max(0, ((after[who] - before[who] - idle[who] * passedS) * 1e6) / done.requests);
    return { done, costUs: forEach(after, each) };
  };
  await buy(crowds.many, warmUpSeconds);
  await search(crowds.many, warmUpSeconds);

  const kept = cleanUp.move();
  return {
    async measure(crowd, seconds) {
      await Bun.sleep(settleSeconds * 1_000);
      // Leases, heartbeats and looks into the log go on whether there are buyers or not: they are not the price of a purchase.
      const before = cpu();
      await Bun.sleep(idleSeconds * 1_000);
      const after = cpu();
      const idle = forEach(after, (who) => (after[who] - before[who]) / idleSeconds);
      const bought = await costed(idle, () => buy(crowds[crowd], seconds));
      if (bought.done.refused > bought.done.requests / 10) {
        throw new Error(`${bought.done.refused} of ${bought.done.requests} purchases of the bench were refused`);
      }
      const found = await costed(idle, () => search(crowds[crowd], seconds));
      return { order: bought.done, orderUs: bought.costUs, query: found.done, queryUs: found.costUs };
    },
    async staleMs() {
      const probes = await findProbes(urlOf("gateway"));
      const watched = watchFreshness(urlOf("gateway"), probes, probers.splice(0, probesARound));
      await watched.through;
      return watched.delaysMs;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function findProbes(url: string): Promise<Probe[]> {
  const probes: Probe[] = [];
  for (const { path } of drawSearches(createPrng(13))) {
    const { trains } = (await (await fetch(url + path)).json()) as TicketsAnswer;
    const train = trains.find(isForSale);
    if (train) probes.push({ path, train });
    if (probes.length === probedTrains) return probes;
  }
  throw new Error("nothing is left to buy");
}

const forEach = (costs: CostUs, read: (who: keyof CostUs) => number): CostUs =>
  Object.fromEntries((Object.keys(costs) as (keyof CostUs)[]).map((who) => [who, read(who)])) as CostUs;

async function answers(url: string): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await fetch(url).catch(() => null))?.ok) {
    if (performance.now() > until) throw new Error(`${url} does not answer that it is ready`);
    await Bun.sleep(50);
  }
}

/** Until every accepted order is a row: only then has each role paid for it (I2). */
async function rowsWritten({ sql }: MysqlDatabase, accepted: number): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    const { rows } = await sql
      .selectFrom("t_order")
      .select((the) => the.fn.countAll<number>().as("rows"))
      .executeTakeFirstOrThrow();
    if (Number(rows) >= accepted) return;
    if (performance.now() > until) throw new Error(`I2: ${accepted} purchases were accepted, ${rows} are rows`);
    await Bun.sleep(50);
  }
}

/** Ways of the demo network's own trains, on the days on sale. */
function* drawSearches(prng: Prng): Generator<BenchRequest> {
  const today = dateIn(parseZone("Asia/Shanghai")!, epochMs(Date.now()));
  const { trains } = generateDemoNetwork(1, today, demoDays);
  for (let n = 0; n < journeyCount; n++) {
    const { stops } = prng.pick(trains);
    const from = prng.below(stops.length - 1);
    const to = from + 1 + prng.below(stops.length - 1 - from);
    const date = addDays(today, 1 + prng.below(12));
    const asked = new URLSearchParams({ from: stops[from]!.stationId, to: stops[to]!.stationId, date });
    yield { method: "GET", path: `/api/search/tickets?${asked.toString()}` };
  }
}
