/**
 * A process with some of the roles on the engines of a cluster: MySQL, Redis Cluster, Kafka, RabbitMQ and Elasticsearch. This is
 * the only place that knows which adapter stands behind which port there.
 *
 * Everything is opened at once and connects by itself when its engine comes; only what the roles need is opened, and the drivers
 * of engines that not every role needs are only then loaded: Kafka's alone takes as long as all the rest.
 */
import { binlogsReadable, type BinlogSettings, createBinlogFeed } from "@chepiao/adapters/binlog";
import { openVault } from "@chepiao/adapters/crypto";
import type { ElasticOrderSearch } from "@chepiao/adapters/elasticsearch";
import type { KafkaLog } from "@chepiao/adapters/kafka";
import {
  createMysqlOrderIndex,
  createMysqlOrderList,
  createMysqlCheckpoints,
  createMysqlStores,
  createOrderReader,
  migrateMysql,
  type MysqlDatabase,
  mysqlReady,
  openMysql,
} from "@chepiao/adapters/mysql";
import {
  createRedisLeases,
  createRedisOrderFeed,
  createRedisPurchaseLoad,
  createRedisQueueCounters,
  createRedisRateLimiter,
  createRedisReservations,
  createRedisRiskCounters,
  createRedisSeats,
  createRedisSessionFeed,
  createRedisSessionStore,
  createRedisSubmissions,
} from "@chepiao/adapters/redis";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { holdGraceMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Logger, Probe } from "@chepiao/runtime";
import { firstPolicy } from "@chepiao/services/policy";
import { type Config, engineIdentity, settingIn } from "../config.ts";
import { demoAccountFor } from "../data/demo/account.ts";
import { addressesOf } from "../requirements.ts";
import { keyNeeds } from "../roleKeys.ts";
import { type EngineName, type RoleName, roleTable } from "../roles.ts";
import type { Counters } from "./gauges.ts";
import { openRedisOf } from "./redis.ts";
import { type Engines, type RunningProcess, startProcess } from "./process.ts";
import type { Ports } from "./ports.ts";
import type { ReadModels } from "../rooms/readModels.ts";
import { keyFileReporter, reporter } from "./world.ts";
import { timeToPayMs } from "./timeToPay.ts";

export type ClusterOptions = {
  /** Everything its roles need was said (`assertSaid`). */
  readonly config: Config;
  readonly logger: Logger;
  /** Where the practice bank keeps its books, for the process that is the bank. */
  readonly bankLedger: string;
};

export async function startCluster({ config, logger, bankLedger }: ClusterOptions): Promise<RunningProcess> {
  const clock = createSystemClock();
  const vault = await openVault({
    path: config.keysFile!,
    clock,
    report: keyFileReporter(logger),
    needs: keyNeeds(config.roles),
  });
  return startProcess({
    roles: config.roles,
    config,
    logger,
    clock,
    random: createSystemRandom(),
    vault,
    engines: await openEngines(config, clock, logger),
    addressesOf: (role) => addressesOf(config, role),
    bankLedger,
    demo: config.demo ? demoAccountFor(settingIn(config)(firstPolicy)) : null,
  });
}

type Opening = {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanUp: AsyncDisposableStack;
};
type Opened = { readonly ports: Partial<Ports>; readonly probe: Probe; readonly counters?: Counters };

const openers: Readonly<Record<EngineName, (opening: Opening) => Opened | null | Promise<Opened | null>>> = {
  mysql: openMysqlPorts,
  redis: openRedisPorts,
  kafka: openKafkaPorts,
  rabbitmq: openRabbitPorts,
  elasticsearch: openSearchPorts,
};

function enginesOf(role: RoleName): readonly EngineName[] {
  const { needs, wants = [] } = roleTable.spec(role);
  return [...needs, ...wants];
}

export async function openEngines(config: Config, clock: Clock, logger: Logger): Promise<Engines> {
  const cleanUp = new AsyncDisposableStack();
  const used = new Set(config.roles.flatMap(enginesOf));
  const probes: Partial<Record<EngineName, Probe>> = {};
  const counters: Partial<Record<EngineName, Counters>> = {};
  const ports: Partial<Ports> = { delay: null, orderSearch: null };
  for (const engine of used) {
    const opened = await openers[engine]({ config, clock, logger, cleanUp });
    if (!opened) continue;
    probes[engine] = opened.probe;
    if (opened.counters) counters[engine] = opened.counters;
    Object.assign(ports, opened.ports);
  }
  const binlogs = config.roles.includes("cdc") ? () => binlogsReadable(binlogsOf(config), clock) : null;
  return { ports, probes, counters, binlogs, [Symbol.asyncDispose]: () => cleanUp.disposeAsync() };
}

function openMysqlPorts(opening: Opening): Opened {
  const { config, clock, logger, cleanUp } = opening;
  const database = cleanUp.use(openMysql(config.mysqlUrl!, { identity: engineIdentity(config) }));
  const stores = cleanUp.use(createMysqlStores({ database, clock, report: reporter(logger)("mysql") }));
  let migrating: Promise<void> | null = null;
  const isReady = () =>
    mysqlReady(database).then(
      () => true,
      () => false,
    );
  // Processes take turns at it. One look may be given up before it is through; the next one waits for the same.
  const migrate = () =>
    (migrating ??= migrateMysql(database).finally(() => {
      migrating = null;
    }));
  return {
    ports: { stores, readModels: openReadModels(database, opening) },
    async probe() {
      // Only where something is missing: a proxy takes seconds over each statement about tables.
      if (await isReady()) return;
      await migrate();
      await mysqlReady(database);
    },
  };
}

function openRedisPorts({ config, logger, cleanUp }: Opening): Opened {
  const redis = cleanUp.use(openRedisOf(config));
  const unansweredMs = timeToPayMs(config) + holdGraceMs;
  return {
    probe: redis.check,
    counters: redis.counters,
    ports: {
      sessions: createRedisSessionStore(redis),
      sessionFeed: cleanUp.use(createRedisSessionFeed(redis)),
      limiter: createRedisRateLimiter(redis),
      seats: createRedisSeats(redis, { report: reporter(logger)("seats") }),
      reservations: createRedisReservations(redis, { unwrittenMs: unansweredMs }),
      submissions: cleanUp.use(createRedisSubmissions(redis, { undecidedMs: unansweredMs })),
      feed: cleanUp.use(createRedisOrderFeed(redis)),
      queueCounters: createRedisQueueCounters(redis),
      purchaseLoad: createRedisPurchaseLoad(redis),
      riskCounters: createRedisRiskCounters(redis),
      leases: createRedisLeases(redis),
    },
  };
}

export async function openLog({ config, clock, logger, cleanUp }: Opening): Promise<KafkaLog> {
  const { openKafkaLog } = await import("@chepiao/adapters/kafka");
  const { kafkaBrokers: brokers, kafkaReplicas: replicas, kafkaPartitions: partitions } = config;
  const settings = {
    brokers,
    identity: engineIdentity(config),
    replicas,
    partitions,
    minInSyncReplicas: Math.min(2, replicas),
    prefix: prefixOf(config),
  };
  return cleanUp.use(openKafkaLog(settings, { clock, report: reporter(logger)("log-service") }));
}

/** Where it is only wanted, it is there where the operator said where. */
async function openKafkaPorts(opening: Opening): Promise<Opened | null> {
  if (opening.config.kafkaBrokers.length === 0) return null;
  const log = await openLog(opening);
  return { probe: log.ready, ports: { log } };
}

/** Only a hint, so it is there where the operator said where. */
async function openRabbitPorts({ config, clock, logger, cleanUp }: Opening): Promise<Opened | null> {
  if (config.rabbitmqUrl === null) return null;
  const { openRabbitDelay } = await import("@chepiao/adapters/rabbitmq");
  const settings = {
    url: config.rabbitmqUrl,
    identity: engineIdentity(config),
    delayMs: timeToPayMs(config),
    prefix: prefixOf(config),
  };
  const delay = cleanUp.use(openRabbitDelay(settings, { clock, report: reporter(logger)("delay-service") }));
  return { probe: delay.ready, counters: delay.counters, ports: { delay } };
}

const binlogsOf = (config: Config): BinlogSettings => ({
  primaries: config.mysqlBinlogs.length > 0 ? config.mysqlBinlogs : [config.mysqlUrl!],
  identity: engineIdentity(config),
});

/** Opens nothing until a follower begins. */
export function openReadModels(database: MysqlDatabase, { config, clock, logger }: Opening): ReadModels {
  const feed = createBinlogFeed(binlogsOf(config), {
    checkpoints: createMysqlCheckpoints(database),
    clock,
    report: reporter(logger)("cdc-service"),
  });
  return {
    feed,
    orders: createOrderReader(database),
    index: createMysqlOrderIndex(database, clock),
    list: createMysqlOrderList(database),
  };
}

/** An operator's convenience, so it is there where the operator said where. */
export async function openElasticSearch({ config, cleanUp }: Opening): Promise<ElasticOrderSearch | null> {
  const { elasticsearchUrl: url, elasticsearchReplicas: replicas, namespace } = config;
  if (url === null) return null;
  const { openOrderSearch } = await import("@chepiao/adapters/elasticsearch");
  const index = `${namespace === "" ? "" : `${namespace}-`}chepiao-orders`;
  const search = openOrderSearch({ url, identity: engineIdentity(config), replicas, index });
  cleanUp.defer(() => search.close());
  return search;
}

async function openSearchPorts(opening: Opening): Promise<Opened | null> {
  const orderSearch = await openElasticSearch(opening);
  return orderSearch && { probe: orderSearch.ready, ports: { orderSearch } };
}

const prefixOf = ({ namespace }: Config): string => (namespace === "" ? "" : `${namespace}.`);
