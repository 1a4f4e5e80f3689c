/**
 * Every setting of the platform: one table of names, defaults and meanings, read from the environment and nowhere else. What may not stand
 * there, such as an address with a password, is in a file that `NAME_FILE` names.
 */
import { readFileSync } from "node:fs";
import { addressForms, type TlsIdentity } from "@chepiao/adapters/engine-address";
import { assert, requestsPerAccountSecondDefault, requestsPerAddressSecondDefault, secondMs } from "@chepiao/kernel";
import type { NoVerifier } from "@chepiao/ports/identity-verifier";
import {
  BadSetting,
  ifSaid,
  oneOf,
  practice,
  publicUrl,
  type RoomSpec,
  type Setting,
  setting,
  text,
  wholeNumber,
  yesOrNo,
} from "@chepiao/room";
import { profileNames } from "@chepiao/services/policy";
import {
  addresses,
  engineNodes,
  engineUrl,
  engineUrls,
  logLevel,
  mailSender,
  pem,
  sharedKey,
  verifierUrl,
  withoutPassword,
} from "./readers.ts";
import { addressSetting, parseRoles, type RoleName, roles, rolesOf } from "./roles.ts";
import { rooms } from "./rooms/index.ts";

const address = (role: RoleName) =>
  setting(addressSetting(role), "", `Where ${role} listens for other roles; several replicas by commas.`, addresses);

/** An operator who would let more through is not in want of a limit. */
const orWithoutEnd = (value: string) => wholeNumber(0, 1_000)(value) || null;

const settings = {
  // The public listener
  port: setting("PORT", "8080", "Port to serve on; 0 takes any free one.", wholeNumber(0, 65_535)),
  host: setting(
    "HOST",
    "",
    "Address to listen on; empty: this machine alone with a login that everybody knows, else every address (0.0.0.0).",
    text,
  ),
  publicUrl,
  practice,
  trustProxy: setting("TRUST_PROXY", "0", "1 behind a proxy whose X-Forwarded headers can be believed.", yesOrNo),

  requestsPerAddressSecond: setting(
    "REQUESTS_PER_ADDRESS_SECOND",
    String(requestsPerAddressSecondDefault),
    "Requests of one address (of IPv6 one /64) without a log-in, ten times as many at once; 0: without end.",
    orWithoutEnd,
  ),
  requestsPerAccountSecond: setting(
    "REQUESTS_PER_ACCOUNT_SECOND",
    String(requestsPerAccountSecondDefault),
    "The same of an account that is logged in, wherever it is.",
    orWithoutEnd,
  ),

  shedAfterMs: setting(
    "SHED_AFTER_MS",
    "500",
    "What comes in waits longer than this before anybody looks at it: then the least needed is not answered; 0: never.",
    (value) => wholeNumber(0, 60_000)(value) || null,
  ),

  metricsPort: setting(
    "METRICS_PORT",
    "",
    "Port for /metrics and the long /readyz of an embedded platform; empty: none. On a cluster: INTERNAL_PORT.",
    ifSaid(wholeNumber(0, 65_535)),
  ),
  metricsHost: setting(
    "METRICS_HOST",
    "127.0.0.1",
    "Address for METRICS_PORT; one that the public does not reach.",
    text,
  ),

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
  keysFile: setting(
    "KEYS_FILE",
    "",
    "The platform's keys, or the part of them that these roles need; empty: in DATA_DIR.",
    ifSaid(text),
  ),
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
  demo: setting(
    "CHEPIAO_DEMO",
    "",
    "1 for a login that everybody knows, 0 for none; empty: embedded and without PUBLIC_URL.",
    ifSaid(yesOrNo),
  ),
  practiceBank: setting(
    "PRACTICE_BANK",
    "0",
    "1 where PUBLIC_URL is set and play money is to be taken nevertheless; there is no other bank yet.",
    yesOrNo,
  ),
  identityVerifierUrl: setting(
    "IDENTITY_VERIFIER_URL",
    "",
    "Who says whether a name belongs to a document: https://verifier.example/verify (docs/operations/identity.md).",
    ifSaid(verifierUrl),
  ),
  identityVerifierKey: setting(
    "IDENTITY_VERIFIER_KEY",
    "",
    "The key shared with it, by which questions and answers are signed, 32 characters or more (IDENTITY_VERIFIER_KEY_FILE).",
    ifSaid(sharedKey),
    { secret: true },
  ),
  identityVerifier: setting(
    "IDENTITY_VERIFIER",
    "",
    "Where nobody can be asked: believe-everybody takes people for who they say they are; empty: no document is proved.",
    ifSaid(oneOf("believe-everybody")),
  ),
  demoSeed: setting(
    "DEMO_SEED",
    "1",
    "Seed of the demo network made where no timetable was imported.",
    wholeNumber(0, 2 ** 31),
  ),

  smtpUrl: setting(
    "SMTP_URL",
    "",
    "Who takes our mails: smtp://user:password@mail.example:587, TLS by STARTTLS, or smtps:// (docs/operations/notifications.md).",
    ifSaid(engineUrl(addressForms.smtp)),
  ),
  mailFrom: setting(
    "MAIL_FROM",
    "",
    "Whom mails are from: noreply@tickets.example, or Tickets <noreply@tickets.example>.",
    ifSaid(mailSender),
  ),

  // Engines of a cluster
  engineCa: setting(
    "ENGINE_CA",
    "",
    "Who is trusted at engines spoken to over TLS, as PEM (ENGINE_CA_FILE); empty: whom the system trusts.",
    ifSaid(pem("CERTIFICATE")),
  ),
  engineCert: setting(
    "ENGINE_CERT",
    "",
    "Who we are to engines that ask for a certificate, as PEM (ENGINE_CERT_FILE).",
    ifSaid(pem("CERTIFICATE")),
  ),
  engineKey: setting("ENGINE_KEY", "", "Its key (ENGINE_KEY_FILE).", ifSaid(pem("PRIVATE KEY")), { secret: true }),
  mysqlUrl: setting(
    "MYSQL_URL",
    "",
    "mysql://user:password@host:port/database; mysqls:// over TLS.",
    ifSaid(engineUrl(addressForms.mysql)),
  ),
  mysqlBinlogs: setting(
    "MYSQL_BINLOGS",
    "",
    "Every primary behind a proxy, as MYSQL_URL, by commas; empty: MYSQL_URL is the only one.",
    engineUrls(addressForms.mysql),
  ),
  mysqlPrimaries: setting(
    "MYSQL_PRIMARIES",
    "",
    "For rehearse --engines: primaries behind the proxy at MYSQL_URL, as MYSQL_URL, by commas; empty: MYSQL_URL is no proxy.",
    engineUrls(addressForms.mysql),
  ),
  mysqlReplicas: setting(
    "MYSQL_REPLICAS",
    "",
    "For rehearse --engines: a replica of each of MYSQL_PRIMARIES, by commas.",
    engineUrls(addressForms.mysql),
  ),
  mysqlJdbcOptions: setting(
    "MYSQL_JDBC_OPTIONS",
    "",
    "For rehearse --engines: what the proxy adds to the addresses of its servers, as for TLS.",
    ifSaid(text),
  ),
  redisNodes: setting(
    "REDIS_NODES",
    "",
    "Some nodes of the Redis Cluster: host:port,host:port; rediss://host:port over TLS.",
    engineNodes(addressForms.redis),
  ),
  redisUsername: setting("REDIS_USERNAME", "", "Who we are to Redis, where it asks.", ifSaid(text)),
  redisPassword: { ...setting("REDIS_PASSWORD", "", "And our password.", ifSaid(text)), secret: true as const },
  redisTls: setting("REDIS_TLS", "0", "1 to speak to Redis over TLS, as with rediss://.", yesOrNo),
  kafkaBrokers: setting(
    "KAFKA_BROKERS",
    "",
    "Some brokers of Kafka: host:port,host:port; kafkas://user:password@host:port?sasl=SCRAM-SHA-512 over TLS.",
    engineNodes(addressForms.kafka),
  ),
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
  rabbitmqUrl: setting(
    "RABBITMQ_URL",
    "",
    "amqp://user:password@host:port; amqps:// over TLS.",
    ifSaid(engineUrl(addressForms.rabbitmq)),
  ),
  elasticsearchUrl: setting(
    "ELASTICSEARCH_URL",
    "",
    "http://user:password@host:port of Elasticsearch; https:// over TLS.",
    ifSaid(engineUrl(addressForms.search)),
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
    "Port for other roles of a cluster, /metrics and the long /readyz; not for the public.",
    wholeNumber(0, 65_535),
  ),
  innerHost: setting(
    "INTERNAL_HOST",
    "127.0.0.1",
    "Address for other roles; one that the public does not reach.",
    text,
  ),
  nodeId: setting(
    "NODE_ID",
    "",
    "0 to 63, no two processes alike; empty: any that is free. It is leased; a start waits up to a minute for one that has just been another's.",
    ifSaid(wholeNumber(0, 63)),
  ),
  gatewayUrl: address("gateway"),
} as const;

type Settings = typeof settings;
export type Config = {
  readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer T> ? T : never;
} & {
  /** All of them, those of rooms and the addresses of roles, too, by their names in the environment. */
  readonly byEnv: Readonly<Record<string, unknown>>;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** What was a setting before the railway had a policy, and where it is there. */
const movedToPolicy: Readonly<Record<string, string>> = {
  SALE_WINDOW_DAYS: "/sale/windowDays",
  SALE_OPENING_TIME: "/sale/opensAt",
  SALE_CLOSES_MINUTES: "/sale/closesMinutes",
  PAYMENT_TIMEOUT_SECONDS: "/payment/seconds",
  REFUND_GRADES: "/refund/grades",
  UNPAID_ORDERS_MAX: "/order/unpaidMax",
  CANCELS_PER_DAY: "/order/cancelsPerDay",
  STANDING_CANCELS_PER_ONE: "/order/standingCancelsPerOne",
  WAITLIST_PENDING_MAX: "/waitlist/pendingMax",
  WAITLIST_PREPAY_MINUTES: "/waitlist/prepayMinutes",
  WAITLIST_CROWDING_RATIO: "/waitlist/crowdingRatio",
};

/** @throws BadSetting where something is set that nothing reads any more: a rule that silently is another one costs money */
function assertNoneMoved(environment: Environment): void {
  const moved = Object.entries(movedToPolicy).filter(([env]) => environment[env] !== undefined);
  if (moved.length === 0) return;
  const lines = moved.map(([env, path]) => `  ${env.padEnd(26)} ${path}`);
  throw new BadSetting(
    `These are in the railway's policy now, and no settings any more:\n\n${lines.join("\n")}\n\nTake them out of the environment, and see docs/operations/policy.md.`,
  );
}

/** A policy may be named by its file. */
function withPolicyFile({ CHEPIAO_POLICY: said, ...others }: Environment): Environment {
  if (said === undefined) return others;
  const isFile = !said.trim().startsWith("{") && !(profileNames as readonly string[]).includes(said.trim());
  return { ...others, [isFile ? "CHEPIAO_POLICY_FILE" : "CHEPIAO_POLICY"]: said };
}

export function readConfig(given: Environment, declared: readonly RoomSpec[] = rooms): Config {
  assertNoneMoved(given);
  const environment = withPolicyFile(given);
  const byEnv = Object.fromEntries(allSettings(declared).map((each) => [each.env, valueOf(each, environment)]));
  const entries = Object.entries(settings).map(([name, { env }]) => [name, byEnv[env]]);
  const config = { ...Object.fromEntries(entries), byEnv } as Config;
  void engineIdentity(config);
  void identitySource(config);
  void mailServer(config);
  return { ...config, host: config.host || (hasDemoLogin(config) ? "127.0.0.1" : "0.0.0.0") };
}

/** Is there a login that everybody knows? Where the operator asked for it, and where a newcomer tries the platform at home. */
export const hasDemoLogin = ({
  demo,
  engines,
  publicUrl: url,
}: Pick<Config, "demo" | "engines" | "publicUrl">): boolean => demo ?? (engines === "embedded" && url === "");

/** Nobody else hears what is said between this machine and itself. */
export const isHere = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);

/** A platform that was given a name is for real people, and does not show their messages to everybody. */
export const isPractice = ({ practice: said, publicUrl: url }: Pick<Config, "practice" | "publicUrl">): boolean =>
  said ?? url === "";

/** Whom the platform asks who belongs to a document; or what it believes. */
export type IdentitySource = "service" | "practice" | NoVerifier;

export function identitySource(config: Config): IdentitySource {
  const { identityVerifierUrl: url, identityVerifierKey: key, identityVerifier: believes } = config;
  if (url !== null && believes !== null)
    throw new BadSetting(
      "IDENTITY_VERIFIER_URL says whom to ask, and IDENTITY_VERIFIER to ask nobody: one is too many.",
    );
  if (url !== null && key === null)
    throw new BadSetting("IDENTITY_VERIFIER_URL needs IDENTITY_VERIFIER_KEY, the key that is shared with it.");
  if (url !== null) return "service";
  if (believes !== null) return "believeEverybody";
  return isPractice(config) ? "practice" : "believeNobody";
}

/** Who takes mails, and from whom they are; null where nobody does. */
export function mailServer({ smtpUrl: url, mailFrom: from }: Pick<Config, "smtpUrl" | "mailFrom">) {
  if ((url === null) !== (from === null))
    throw new BadSetting(
      "SMTP_URL and MAIL_FROM go together: who takes mails, and whom they are from. One is missing.",
    );
  return url === null || from === null ? null : { url, from };
}

/** Who is trusted at engines over TLS, and who we are there. */
export function engineIdentity({ engineCa: ca, engineCert: cert, engineKey: key }: EngineSettings): TlsIdentity {
  if ((cert === null) !== (key === null))
    throw new BadSetting("ENGINE_CERT and ENGINE_KEY go together: one is missing.");
  return { ...(ca === null ? {} : { ca }), ...(cert === null ? {} : { cert, key: key! }) };
}
type EngineSettings = Pick<Config, "engineCa" | "engineCert" | "engineKey">;

/** The value of a setting, as a room asks for it. */
export const settingIn =
  ({ byEnv }: Pick<Config, "byEnv">) =>
  <T>({ env }: Setting<T>): T => {
    assert(env in byEnv, `the setting ${env} was read`);
    return byEnv[env] as T;
  };

/** What was said of a setting, itself or in the file that `NAME_FILE` names. */
function givenFor(
  env: string,
  environment: Environment,
): { readonly said?: string; readonly source: ShownSetting["source"] } {
  const said = environment[env];
  const path = environment[`${env}_FILE`];
  if (path === undefined) return said === undefined ? { source: "default" } : { said, source: "environment" };
  if (said !== undefined) throw new BadSetting(`${env} and ${env}_FILE are both set: one of them is too many.`);
  try {
    return { said: readFileSync(path, "utf8").trim(), source: "file" };
  } catch (error) {
    throw new BadSetting(`${env}_FILE="${path}" cannot be read: ${(error as Error).message}`);
  }
}

function valueOf({ env, byDefault, read }: Setting<unknown>, environment: Environment): unknown {
  const { said: given } = givenFor(env, environment);
  try {
    return read(given ?? byDefault);
  } catch (error) {
    if (!(error instanceof BadSetting)) throw error;
    throw new BadSetting(
      `${env}="${shortened(withoutPassword(given ?? ""))}" cannot be used: it takes ${error.message}.`,
    );
  }
}

const addressesFor = (declared: readonly RoomSpec[]) => {
  const { names, isAsked } = rolesOf(declared);
  return names.filter(isAsked).map(address);
};

/** Those of the program, then those of rooms and where roles listen; each once. */
function allSettings(declared: readonly RoomSpec[]): readonly Setting<unknown>[] {
  const ofRooms = declared.flatMap((room) => Object.values(room.settings));
  const all: readonly Setting<unknown>[] = [...Object.values(settings), ...ofRooms, ...addressesFor(declared)];
  return [...new Map(all.map((each) => [each.env, each])).values()];
}

/** A file may be long. */
const shortened = (shown: string): string => (shown.length > 200 ? `${shown.slice(0, 197)}…` : shown);

export type ShownSetting = {
  readonly env: string;
  /** Without passwords. */
  readonly value: string;
  readonly source: "default" | "environment" | "file";
  readonly about: string;
};

/** Every setting with its value and where it came from. */
export const showConfig = (environment: Environment, declared: readonly RoomSpec[] = rooms): ShownSetting[] =>
  allSettings(declared).map(({ env, byDefault, about, secret }) => {
    const { said: given, source } = givenFor(env, environment);
    const value = secret && given ? "***" : shortened(withoutPassword(given ?? byDefault));
    return { env, value, source, about };
  });
