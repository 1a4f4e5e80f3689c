/** A platform with a public address is held against the written list; one that is tried out is left in peace. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hasDemoLogin, readConfig } from "./config.ts";
import { goingLiveItems, holdAgainstList, type Seen } from "./goingLive.ts";

const live = {
  PUBLIC_URL: "https://tickets.example",
  TRUST_PROXY: "1",
  PRACTICE_BANK: "1",
  IDENTITY_VERIFIER_URL: "https://register.example/verify",
  IDENTITY_VERIFIER_KEY: "0123456789abcdef0123456789abcdef",
  SMTP_URL: "smtp://mail.example",
  MAIL_FROM: "noreply@tickets.example",
  KEYS_FILE: "/etc/chepiao/keys.json",
  LOG_LEVEL: "info",
};
const cluster = {
  ...live,
  CHEPIAO_ENGINES: "cluster",
  MYSQL_URL: "mysql://app:x7Kq@127.0.0.1:3306/chepiao",
  REDIS_NODES: "127.0.0.1:6379",
  REDIS_PASSWORD: "x7Kq",
  KAFKA_BROKERS: "kafka://app:x7Kq@127.0.0.1:9092",
};
/** `item: verdict` of what is found. */
const found = (environment: Record<string, string>, more: Partial<Seen> = {}) =>
  holdAgainstList({ config: readConfig(environment), isRoot: false, hasForeignKeys: false, ...more }).map(
    ({ item, verdict }) => `${item}: ${verdict}`,
  );
const practised = "practice bank: warned";

test("nothing is asked of a platform without a public address", () => {
  expect(found({}, { isRoot: true, hasForeignKeys: true })).toEqual([]);
  expect(found({ ...cluster, PUBLIC_URL: "", MYSQL_URL: "mysql://chepiao:chepiao@db/chepiao" })).toEqual([]);
});

test("one that is set up as it should be is warned of play money alone", () => {
  expect(found(live)).toEqual([practised]);
  expect(found(cluster)).toEqual([practised]);
});

type Case = readonly [string, Record<string, string>, Partial<Seen>, readonly string[]];
const cases: readonly Case[] = [
  ["an address that is none", { PUBLIC_URL: "tickets.example" }, {}, ["public address: refused", practised]],
  ["an address with a path", { PUBLIC_URL: "https://tickets.example/app" }, {}, ["public address: refused", practised]],
  ["an address with a slash", { PUBLIC_URL: "https://tickets.example/" }, {}, [practised]],
  ["http on the public", { PUBLIC_URL: "http://tickets.example" }, {}, ["https: refused", practised]],
  ["http in a network of one's own", { PUBLIC_URL: "http://192.168.1.20:8080" }, {}, ["https: warned", practised]],
  ["http by a name of one's own", { PUBLIC_URL: "http://chepiao.internal" }, {}, ["https: warned", practised]],
  ["play money that nobody asked for", { PRACTICE_BANK: "0" }, {}, ["practice bank: refused"]],
  ["nobody who takes mails", { SMTP_URL: "", MAIL_FROM: "" }, {}, [practised, "mail: warned"]],
  ["no verifier of documents", { IDENTITY_VERIFIER_URL: "" }, {}, [practised, "identity: warned"]],
  [
    "documents believed because it was said so",
    { IDENTITY_VERIFIER_URL: "", IDENTITY_VERIFIER: "believe-everybody" },
    {},
    [practised, "identity: warned"],
  ],
  [
    "a register to practise with",
    { IDENTITY_VERIFIER_URL: "", CHEPIAO_PRACTICE: "1" },
    {},
    [practised, "identity: warned"],
  ],
  [
    "names sent in clear through networks of others",
    { IDENTITY_VERIFIER_URL: "http://register.example/verify" },
    {},
    [practised, "identity: refused"],
  ],
  [
    "names sent in clear through a network of one's own",
    { IDENTITY_VERIFIER_URL: "http://10.0.0.7/verify" },
    {},
    [practised, "identity: warned"],
  ],
  ["a verifier on this machine", { IDENTITY_VERIFIER_URL: "http://127.0.0.1:9000/verify" }, {}, [practised]],
  ["a demo login that was asked for", { CHEPIAO_DEMO: "1" }, {}, [practised, "demo login: warned"]],
  ["https without a proxy to believe", { TRUST_PROXY: "0" }, {}, [practised, "proxy: warned"]],
  ["keys beside the data", { KEYS_FILE: "" }, {}, [practised, "keys: warned"]],
  ["root", {}, { isRoot: true }, [practised, "account: warned"]],
  ["a log of everything", { LOG_LEVEL: "debug" }, {}, [practised, "log: warned"]],
  ["no log", { LOG_LEVEL: "silent" }, {}, [practised, "log: warned"]],
];
describe("a platform in one process", () => {
  test.each(cases)("%s", (_, change, more, expected) => {
    expect(found({ ...live, ...change }, more)).toEqual([...expected]);
  });
});

/** As much of it as the list looks at. */
const pem = (what: string) => `-----BEGIN ${what}-----\n-----END ${what}-----`;
const ofCluster: readonly Case[] = [
  [
    "a password of examples",
    { MYSQL_URL: "mysql://chepiao:chepiao@db/chepiao" },
    {},
    [practised, "passwords: refused", "encryption: warned"],
  ],
  [
    "a password of examples on this machine",
    { MYSQL_URL: "mysql://chepiao:chepiao@127.0.0.1/chepiao" },
    {},
    [practised, "passwords: warned"],
  ],
  [
    "the broker's own password",
    { RABBITMQ_URL: "amqp://guest:guest@broker" },
    {},
    [practised, "passwords: refused", "encryption: warned"],
  ],
  ["an engine without a password", { REDIS_PASSWORD: "" }, {}, [practised, "passwords: warned"]],
  [
    "a database elsewhere in clear",
    { MYSQL_URL: "mysql://app:x7Kq@db/chepiao" },
    {},
    [practised, "encryption: warned"],
  ],
  ["Redis elsewhere in clear", { REDIS_NODES: "redis-1:6379" }, {}, [practised, "encryption: warned"]],
  [
    "Kafka elsewhere in clear",
    { KAFKA_BROKERS: "kafka://app:x7Kq@10.0.0.5:9092" },
    {},
    [practised, "encryption: warned"],
  ],
  [
    "a database in a network of others in clear",
    { MYSQL_URL: "mysql://app:x7Kq@db.provider.example/chepiao" },
    {},
    [practised, "encryption: refused"],
  ],
  [
    "Redis by a public address in clear",
    { REDIS_NODES: "redis-1:6379,203.0.113.7:6379" },
    {},
    [practised, "encryption: refused"],
  ],
  [
    "engines elsewhere over TLS",
    {
      MYSQL_URL: "mysqls://app:x7Kq@db.provider.example/chepiao",
      REDIS_NODES: "rediss://redis.provider.example:6379",
      KAFKA_BROKERS: "kafkas://app:x7Kq@kafka.provider.example:9093?sasl=SCRAM-SHA-512",
      RABBITMQ_URL: "amqps://app:x7Kq@broker.provider.example",
      ELASTICSEARCH_URL: "https://app:x7Kq@search.provider.example",
    },
    {},
    [practised],
  ],
  ["a log that lets everybody in", { KAFKA_BROKERS: "127.0.0.1:9092" }, {}, [practised, "passwords: warned"]],
  [
    "an engine that knows us by a certificate",
    {
      REDIS_NODES: "redis-1:6379",
      REDIS_TLS: "1",
      REDIS_PASSWORD: "",
      KAFKA_BROKERS: "kafkas://kafka-1:9093",
      ENGINE_CERT: pem("CERTIFICATE"),
      ENGINE_KEY: pem("PRIVATE KEY"),
    },
    {},
    [practised],
  ],
  ["Redis elsewhere over TLS", { REDIS_NODES: "redis-1:6379", REDIS_TLS: "1" }, {}, [practised]],
  ["a log of one copy", { KAFKA_REPLICAS: "1" }, {}, [practised, "copies: warned"]],
  ["every key in one role", {}, { hasForeignKeys: true }, [practised, "keys: warned"]],
  ["an inner door on every address", { INTERNAL_HOST: "0.0.0.0" }, {}, [practised, "inner door: warned"]],
  ["an engine that this role does not use", { CHEPIAO_ROLES: "relay", REDIS_PASSWORD: "redis" }, {}, []],
  ["a role that proves nobody", { CHEPIAO_ROLES: "order", IDENTITY_VERIFIER_URL: "" }, {}, []],
  [
    "a gateway, which passes the bank's pages on",
    { CHEPIAO_ROLES: "gateway", PRACTICE_BANK: "0" },
    {},
    ["practice bank: refused"],
  ],
];
describe("a process of a cluster", () => {
  test.each(ofCluster)("%s", (_, change, more, expected) => {
    expect(found({ ...cluster, ...change }, more)).toEqual([...expected]);
  });
});

test("every item stands in the written list, and the list has no other", () => {
  const text = readFileSync(join(import.meta.dir, "../../docs/operations/going-live.md"), "utf8");
  const written = [...text.matchAll(/^\| \*\*([a-z ]+)\*\* \|/gm)].map(([, item]) => item);
  expect(written).toEqual([...goingLiveItems]);
});

test.each([
  ["without its key", { IDENTITY_VERIFIER_URL: "https://register.example/verify" }, "IDENTITY_VERIFIER_KEY"],
  ["and not to be asked", { ...live, IDENTITY_VERIFIER: "believe-everybody" }, "one is too many"],
  ["by a word of no meaning", { IDENTITY_VERIFIER: "none" }, "one of believe-everybody"],
  ["with a key to be guessed", { IDENTITY_VERIFIER_KEY: "too short" }, "32 to 512"],
  ["as somebody", { ...live, IDENTITY_VERIFIER_URL: "https://me:secret@register.example/verify" }, "without a user"],
  [
    "with what is not known",
    { ...live, IDENTITY_VERIFIER_URL: "https://register.example/verify?retries=3" },
    'no parameter "retries"',
  ],
] as const)("a verifier of documents that is said %s is refused", (_, environment, says) => {
  let refused = "";
  try {
    readConfig(environment);
  } catch (error) {
    refused = String(error);
  }
  expect(refused).toContain(says);
  expect(refused).not.toContain("secret");
});

test("with a login that everybody knows, the platform is open to this machine alone unless told otherwise", () => {
  expect([readConfig({}).host, hasDemoLogin(readConfig({}))]).toEqual(["127.0.0.1", true]);
  expect(readConfig({ HOST: "0.0.0.0" }).host).toBe("0.0.0.0");
  expect(readConfig({ CHEPIAO_DEMO: "0" }).host).toBe("0.0.0.0");
  expect(readConfig(live).host).toBe("0.0.0.0");
  expect(readConfig({ ...live, CHEPIAO_DEMO: "1" }).host).toBe("127.0.0.1");
  expect(readConfig(cluster).host).toBe("0.0.0.0");
});
