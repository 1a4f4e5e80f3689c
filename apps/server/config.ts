/** Every setting of the platform: one table of names, defaults and meanings, read from the environment and nowhere else. */
import {
  minuteMs,
  paymentTimeoutMsDefault,
  saleClosesBeforeDepartureMs,
  saleWindowDaysDefault,
  secondMs,
} from "@chepiao/kernel";
import { refundGradesDefault } from "@chepiao/services/order";
import {
  addresses,
  BadSetting,
  engineUrl,
  engineUrls,
  hostPorts,
  ifSaid,
  logLevel,
  oneOf,
  printGrades,
  refundGrades,
  text,
  timeOfDay,
  wholeNumber,
  withoutPassword,
  yesOrNo,
} from "./readers.ts";
import { addressSetting, parseRoles, type RoleName, roles } from "./roles.ts";

type Setting<T> = {
  readonly env: string;
  readonly about: string;
  readonly byDefault: string;
  /** Throws with what would be right. */
  readonly read: (text: string) => T;
  /** Never shown. */
  readonly secret?: true;
};

const setting = <T>(env: string, byDefault: string, about: string, read: (text: string) => T): Setting<T> => ({
  env,
  byDefault,
  about,
  read,
});
const address = (role: RoleName) =>
  setting(addressSetting(role), "", `Where ${role} listens for other roles; several copies by commas.`, addresses);

const settings = {
  // The street
  port: setting("PORT", "8080", "Port to serve on; 0 takes any free one.", wholeNumber(0, 65_535)),
  host: setting("HOST", "0.0.0.0", "Address to listen on.", text),
  publicUrl: setting("PUBLIC_URL", "", "How passengers reach this site; empty for http://localhost:PORT.", text),
  trustProxy: setting("TRUST_PROXY", "0", "1 behind a proxy whose X-Forwarded headers can be believed.", yesOrNo),

  // This process
  engines: setting(
    "CHEPIAO_ENGINES",
    "embedded",
    "embedded: all in one process and one folder; cluster: on the engines named below.",
    oneOf("embedded", "cluster"),
  ),
  roles: setting("CHEPIAO_ROLES", "all", `What this process is: all, or some of ${roles.join(", ")}.`, parseRoles),
  workers: setting(
    "WORKERS",
    "1",
    "Threads that serve an embedded platform, at most one a core; above 1 on Linux only.",
    wholeNumber(1, 64),
  ),
  dataDir: setting("DATA_DIR", "data", "Folder for everything that must survive: database, log, keys.", text),
  keysFile: setting("KEYS_FILE", "", "The platform's keys, the same for every role; empty: in DATA_DIR.", ifSaid(text)),
  logLevel: setting(
    "LOG_LEVEL",
    "",
    "debug, info, warn, error or silent; empty: warn on a terminal, else info.",
    ifSaid(logLevel),
  ),
  drainNoticeMs: setting(
    "DRAIN_NOTICE_SECONDS",
    "0",
    "Told to stop, /readyz says so for this long before the doors close.",
    (value) => wholeNumber(0, 600)(value) * secondMs,
  ),

  // Selling
  saleWindowDays: setting(
    "SALE_WINDOW_DAYS",
    String(saleWindowDaysDefault),
    "Days on sale, today included.",
    wholeNumber(1, 60),
  ),
  openingTime: setting("SALE_OPENING_TIME", "08:00", "Local time at which a new day opens for sale.", timeOfDay),
  saleClosesBeforeMs: setting(
    "SALE_CLOSES_MINUTES",
    String(saleClosesBeforeDepartureMs / minuteMs),
    "Sale ends this many minutes before departure.",
    (value) => wholeNumber(0, 1_440)(value) * minuteMs,
  ),
  paymentTimeoutMs: setting(
    "PAYMENT_TIMEOUT_SECONDS",
    String(paymentTimeoutMsDefault / secondMs),
    "An order that is not paid within this time expires.",
    (value) => wholeNumber(1, 86_400)(value) * secondMs,
  ),
  refundGrades: setting(
    "REFUND_GRADES",
    printGrades(refundGradesDefault),
    "Refund fees: time before departure : percent, longest first.",
    refundGrades,
  ),
  demo: setting(
    "CHEPIAO_DEMO",
    "",
    "1 for a login that everybody knows, 0 for none; empty: embedded and without PUBLIC_URL.",
    ifSaid(yesOrNo),
  ),
  demoSeed: setting(
    "DEMO_SEED",
    "1",
    "Seed of the demo network made where no timetable was imported.",
    wholeNumber(0, 2 ** 31),
  ),

  // Engines of a cluster
  mysqlUrl: setting("MYSQL_URL", "", "mysql://user:password@host:port/database.", ifSaid(engineUrl("mysql"))),
  mysqlBinlogs: setting(
    "MYSQL_BINLOGS",
    "",
    "Every primary behind a proxy, as MYSQL_URL, by commas; empty: MYSQL_URL is the only one.",
    engineUrls("mysql"),
  ),
  redisNodes: setting("REDIS_NODES", "", "Some nodes of the Redis Cluster: host:port,host:port.", hostPorts),
  redisUsername: setting("REDIS_USERNAME", "", "Who we are to Redis, where it asks.", ifSaid(text)),
  redisPassword: { ...setting("REDIS_PASSWORD", "", "And our password.", ifSaid(text)), secret: true as const },
  redisTls: setting("REDIS_TLS", "0", "1 to speak to Redis over TLS.", yesOrNo),
  kafkaBrokers: setting("KAFKA_BROKERS", "", "Some brokers of Kafka: host:port,host:port.", hostPorts),
  kafkaReplicas: setting(
    "KAFKA_REPLICAS",
    "3",
    "Copies of each record; an append is answered once two have it, or the only one.",
    wholeNumber(1, 9),
  ),
  kafkaPartitions: setting(
    "KAFKA_PARTITIONS",
    "16",
    "Parts of each topic when it is made: as many writers can share the work.",
    wholeNumber(1, 1_000),
  ),
  rabbitmqUrl: setting("RABBITMQ_URL", "", "amqp://user:password@host:port.", ifSaid(engineUrl("amqp", "amqps"))),
  elasticsearchUrl: setting(
    "ELASTICSEARCH_URL",
    "",
    "http://host:port of Elasticsearch.",
    ifSaid(engineUrl("http", "https")),
  ),
  elasticsearchReplicas: setting(
    "ELASTICSEARCH_REPLICAS",
    "1",
    "Copies of the index beside the first; 0 for a single node.",
    wholeNumber(0, 5),
  ),

  namespace: setting(
    "NAMESPACE",
    "",
    "In front of the names of keys, topics and queues, so that platforms can share engines.",
    (value) => {
      if (!/^[a-z0-9-]{0,32}$/.test(value)) throw new BadSetting("up to 32 of a-z, 0-9 and -");
      return value;
    },
  ),

  // Between processes
  innerPort: setting(
    "INTERNAL_PORT",
    "8081",
    "Port for other roles of a cluster; not for the street.",
    wholeNumber(0, 65_535),
  ),
  innerHost: setting(
    "INTERNAL_HOST",
    "127.0.0.1",
    "Address for other roles; one that the street does not reach.",
    text,
  ),
  nodeId: setting(
    "NODE_ID",
    "",
    "0 to 63, no two processes alike; empty: leased while the process lives.",
    ifSaid(wholeNumber(0, 63)),
  ),
  gatewayUrl: address("gateway"),
  userUrl: address("user"),
  searchUrl: address("search"),
  orderUrl: address("order"),
  inventoryUrl: address("inventory"),
  paymentUrl: address("payment"),
  bankUrl: address("bank"),
} as const;

type Settings = typeof settings;
export type Config = { readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer T> ? T : never };

type Environment = Readonly<Record<string, string | undefined>>;

export function readConfig(environment: Environment): Config {
  const entries = Object.entries(settings).map(([name, each]) => {
    const given = environment[each.env];
    try {
      return [name, each.read(given ?? each.byDefault)];
    } catch (error) {
      if (!(error instanceof BadSetting)) throw error;
      throw new BadSetting(`${each.env}="${withoutPassword(given ?? "")}" cannot be used: it takes ${error.message}.`);
    }
  });
  return Object.fromEntries(entries) as Config;
}

export type ShownSetting = {
  readonly env: string;
  /** Without passwords. */
  readonly value: string;
  readonly source: "default" | "environment";
  readonly about: string;
};

/** Every setting with its value and where it came from. */
export const showConfig = (environment: Environment): ShownSetting[] =>
  Object.values<Setting<unknown>>(settings).map(({ env, byDefault, about, secret }) => {
    const given = environment[env];
    const value = secret && given ? "***" : withoutPassword(given ?? byDefault);
    return { env, value, source: given === undefined ? "default" : "environment", about };
  });
