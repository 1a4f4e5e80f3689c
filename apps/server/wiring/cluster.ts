/**
 * A process with some of the roles on the engines of a cluster: MySQL, Redis Cluster, Kafka, RabbitMQ and Elasticsearch. This is
 * the only place that knows which adapter stands behind which port there.
 *
 * Everything is opened at once and connects by itself when its engine comes; only what the roles need is opened, and the drivers
 * of engines that not every role needs are only then loaded: Kafka's alone takes as long as all the rest.
 */
import { createBinlogFeed } from "@chepiao/adapters/binlog";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import type { ElasticOrderSearch } from "@chepiao/adapters/elasticsearch";
import type { KafkaLog } from "@chepiao/adapters/kafka";
import {
  createMysqlOrderIndex,
  createMysqlOrderList,
  createMysqlPlaces,
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
  createRedisReservations,
  createRedisSeats,
  createRedisSessionStore,
  createRedisSubmissions,
  openRedis,
} from "@chepiao/adapters/redis";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { holdGraceMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Logger, Look } from "@chepiao/runtime";
import type { Config } from "../config.ts";
import { demoAccount } from "../data/demo/account.ts";
import { addressesOf } from "../requirements.ts";
import { type EngineName, roleTable } from "../roles.ts";
import type { Counters } from "./gauges.ts";
import { type Engines, type RunningProcess, startProcess } from "./process.ts";
import type { Ports } from "./processRooms.ts";
import type { ReadModels } from "./readModels.ts";
import { reporter } from "./rooms.ts";

export type ClusterOptions = {
  /** Everything its roles need was said (`assertSaid`). */
  readonly config: Config;
  readonly logger: Logger;
  /** Where the practice bank keeps its books, for whoever is the bank. */
  readonly bankBooks: string;
};

export async function startCluster({ config, logger, bankBooks }: ClusterOptions): Promise<RunningProcess> {
  const clock = createSystemClock();
  return startProcess({
    roles: config.roles,
    config,
    logger,
    clock,
    random: createSystemRandom(),
    vault: createVault(await loadOrCreateKeys(config.keysFile!)),
    engines: await openEngines(config, clock, logger),
    addressesOf: (role) => addressesOf(config, role),
    bankBooks,
    demo: config.demo ? demoAccount : null,
  });
}

type Opening = {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanUp: AsyncDisposableStack;
};
type Opened = { readonly ports: Partial<Ports>; readonly look: Look; readonly counters?: Counters };

const openers: Readonly<Record<EngineName, (opening: Opening) => Opened | null | Promise<Opened | null>>> = {
  mysql: openMysqlPorts,
  redis: openRedisPorts,
  kafka: openKafkaPorts,
  rabbitmq: openRabbitPorts,
  elasticsearch: openSearchPorts,
};

export async function openEngines(config: Config, clock: Clock, logger: Logger): Promise<Engines> {
  const cleanUp = new AsyncDisposableStack();
  const used = new Set(config.roles.flatMap((role) => [...roleTable[role].needs, ...(roleTable[role].wants ?? [])]));
  const looks: Partial<Record<EngineName, Look>> = {};
  const counters: Partial<Record<EngineName, Counters>> = {};
  const ports: Partial<Ports> = { delay: null, orderSearch: null };
  for (const engine of used) {
    const opened = await openers[engine]({ config, clock, logger, cleanUp });
    if (!opened) continue;
    looks[engine] = opened.look;
    if (opened.counters) counters[engine] = opened.counters;
    Object.assign(ports, opened.ports);
  }
  return { ports: orNone(ports), looks, counters, [Symbol.asyncDispose]: () => cleanUp.disposeAsync() };
}

function openMysqlPorts(opening: Opening): Opened {
  const { config, clock, logger, cleanUp } = opening;
  const database = cleanUp.use(openMysql(config.mysqlUrl!));
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
    async look() {
      // Only where something is missing: a proxy takes seconds over each statement about tables.
      if (await isReady()) return;
      await migrate();
      await mysqlReady(database);
    },
  };
}

function openRedisPorts({ config, cleanUp }: Opening): Opened {
  const { redisNodes: nodes, redisUsername, redisPassword, redisTls: tls, namespace } = config;
  const redis = cleanUp.use(
    openRedis({
      nodes,
      tls,
      ...(redisUsername === null ? {} : { username: redisUsername }),
      ...(redisPassword === null ? {} : { password: redisPassword }),
      ...(namespace === "" ? {} : { prefix: `${namespace}:` }),
    }),
  );
  const unansweredMs = config.paymentTimeoutMs + holdGraceMs;
  return {
    look: redis.check,
    counters: redis.counters,
    ports: {
      sessions: createRedisSessionStore(redis),
      seats: createRedisSeats(redis),
      reservations: createRedisReservations(redis, { unwrittenMs: unansweredMs }),
      submissions: cleanUp.use(createRedisSubmissions(redis, { undecidedMs: unansweredMs })),
      feed: cleanUp.use(createRedisOrderFeed(redis)),
      leases: createRedisLeases(redis),
    },
  };
}

export async function openLog({ config, clock, logger, cleanUp }: Opening): Promise<KafkaLog> {
  const { openKafkaLog } = await import("@chepiao/adapters/kafka");
  const { kafkaBrokers: brokers, kafkaReplicas: replicas, kafkaPartitions: partitions } = config;
  const settings = {
    brokers,
    replicas,
    partitions,
    minInSyncReplicas: Math.min(2, replicas),
    prefix: prefixOf(config),
  };
  return cleanUp.use(openKafkaLog(settings, { clock, report: reporter(logger)("log-service") }));
}

async function openKafkaPorts(opening: Opening): Promise<Opened> {
  const log = await openLog(opening);
  return { look: log.ready, ports: { log } };
}

/** Only a hint, so it is there where somebody said where. */
async function openRabbitPorts({ config, clock, logger, cleanUp }: Opening): Promise<Opened | null> {
  if (config.rabbitmqUrl === null) return null;
  const { openRabbitDelay } = await import("@chepiao/adapters/rabbitmq");
  const settings = { url: config.rabbitmqUrl, delayMs: config.paymentTimeoutMs, prefix: prefixOf(config) };
  const delay = cleanUp.use(openRabbitDelay(settings, { clock, report: reporter(logger)("delay-service") }));
  return { look: delay.ready, counters: delay.counters, ports: { delay } };
}

/** Opens nothing until somebody follows. */
export function openReadModels(database: MysqlDatabase, { config, clock, logger }: Opening): ReadModels {
  const { mysqlUrl, mysqlBinlogs } = config;
  const feed = createBinlogFeed(
    { primaries: mysqlBinlogs.length > 0 ? mysqlBinlogs : [mysqlUrl!] },
    { places: createMysqlPlaces(database), clock, report: reporter(logger)("cdc-service") },
  );
  return {
    feed,
    orders: createOrderReader(database),
    index: createMysqlOrderIndex(database, clock),
    list: createMysqlOrderList(database),
  };
}

/** An operator's convenience, so it is there where somebody said where. */
export async function openElasticSearch({ config, cleanUp }: Opening): Promise<ElasticOrderSearch | null> {
  const { elasticsearchUrl: url, elasticsearchReplicas: replicas, namespace } = config;
  if (url === null) return null;
  const { openOrderSearch } = await import("@chepiao/adapters/elasticsearch");
  const search = openOrderSearch({ url, replicas, index: `${namespace === "" ? "" : `${namespace}-`}chepiao-orders` });
  cleanUp.defer(() => search.close());
  return search;
}

async function openSearchPorts(opening: Opening): Promise<Opened | null> {
  const orderSearch = await openElasticSearch(opening);
  return orderSearch && { look: orderSearch.ready, ports: { orderSearch } };
}

const prefixOf = ({ namespace }: Config): string => (namespace === "" ? "" : `${namespace}.`);

/** What was not opened cannot be used by mistake. */
const orNone = (ports: Partial<Ports>): Ports =>
  new Proxy(ports, {
    get(target, name: keyof Ports) {
      const port = target[name];
      if (port === undefined) throw new Error(`no role of this process needs ${name}, but it was asked for`);
      return port;
    },
  }) as Ports;
