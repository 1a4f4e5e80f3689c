/**
 * Every driver over TLS, on a fleet of its own in a folder of its own, an engine at a time: who has the right certificate is believed, and
 * nobody else. There is no way back to clear text, and what is wrong is said in words.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binlogsReadable, createBinlogFeed } from "@chepiao/adapters/binlog";
import { loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { openOrderSearch } from "@chepiao/adapters/elasticsearch";
import type { TlsIdentity } from "@chepiao/adapters/engine-address";
import { openKafkaLog } from "@chepiao/adapters/kafka";
import { mysqlReady, openMysql } from "@chepiao/adapters/mysql";
import { openRabbitDelay } from "@chepiao/adapters/rabbitmq";
import { openRedis } from "@chepiao/adapters/redis";
import { createSystemClock } from "@chepiao/adapters/system";
import { createMemoryCheckpoints } from "@chepiao/ports/change-feed";
import { folder as shared, host, root } from "./settings.ts";

// Engines that are started one by one, and RabbitMQ for the first time: minutes, where others use the machine.
setDefaultTimeout(400_000);

const folder = mkdtempSync(join(tmpdir(), "chepiao-tls-"));
const cleanUp = new AsyncDisposableStack();
afterAll(async () => {
  await cleanUp.disposeAsync();
  await command("wipe");
  rmSync(folder, { recursive: true, force: true });
});

async function command(...args: string[]): Promise<string> {
  const main = join(import.meta.dir, "main.ts");
  const env = { ...process.env, CHEPIAO_ENGINES_FOLDER: folder };
  const child = Bun.spawn([process.execPath, main, ...args], { env, stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`engines ${args.join(" ")}: ${out}${err}`);
  return out;
}

/** Downloads are those of the clone. */
function shareDownloads(): void {
  for (const name of ["jars", "maven"]) {
    mkdirSync(join(shared, name), { recursive: true });
    if (!existsSync(join(folder, name))) symlinkSync(join(shared, name), join(folder, name));
  }
}

// Ways to a server ----------------------------------------------------------------------------------------------------------

/** Another address of this machine, which the server's certificate does not name. */
const elsewhere = "127.0.0.2";

/** What connects there reaches the server; what the server says first may be changed on the way. */
async function relay(address: string, change: (first: Buffer) => Buffer = (first) => first): Promise<string> {
  const { port } = new URL(address);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    for (const socket of [near, far]) sockets.add(socket.on("error", () => {}));
    far.once("data", (first: Buffer) => {
      near.write(change(first));
      far.pipe(near);
    });
    near.pipe(far);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, elsewhere, listening));
  cleanUp.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return Object.assign(new URL(address), { port: String((server.address() as { port: number }).port) }).href;
}

const at = (address: string, name: string) => Object.assign(new URL(address), { hostname: name }).href;

/** Speaks in clear, whatever it is told. */
async function plainServer(address: string): Promise<string> {
  const server = createServer((socket) => void socket.on("error", () => {}).write("hello\r\n"));
  await new Promise<void>((listening) => server.listen(0, host, listening));
  cleanUp.defer(() => void server.close());
  return Object.assign(new URL(address), { port: String((server.address() as { port: number }).port) }).href;
}

/** A MySQL server's greeting, from which somebody on the way has struck that it speaks TLS. */
function withoutTls(greeting: Buffer): Buffer {
  const capabilities = greeting.indexOf(0, 5) + 1 + 4 + 8 + 1;
  const changed = Buffer.from(greeting);
  changed[capabilities + 1]! &= ~0x08;
  return changed;
}

function inClear(address: string): string {
  const [rest] = address.replace(/^(\w+)s:/, "$1:").split("?");
  return rest!;
}
const nameless = (address: string) => address.replace(/&(cert|key)=[^&]*/g, "");

// Drivers -------------------------------------------------------------------------------------------------------------------

const clock = createSystemClock();
const report = () => {};
const prefix = `tls-${process.pid}.`;

/** Until it works, or says something other than that it has not asked yet. */
async function settled(probe: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      return void (await probe());
    } catch (error) {
      if (!/not (connected|asked) yet/.test(String(error))) throw error;
      await Bun.sleep(50);
    }
  }
}

async function follow(url: string, identity: TlsIdentity = {}) {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const feed = createBinlogFeed(
    { primaries: [url], identity },
    { checkpoints: createMemoryCheckpoints(), clock, report: (_, error) => failed.reject(error) },
  );
  const following = feed.follow({
    name: "tls",
    tables: ["t_order"],
    batchMax: 10,
    begin: async () => {},
    handle: async () => {},
  });
  return { ...following, caughtUp: () => Promise.race([following.caughtUp(), failed.promise]) };
}

async function followed(url: string): Promise<void> {
  await using following = await follow(url);
  await following.caughtUp();
}

type Driver = {
  readonly engine: string;
  readonly variable: string;
  /** Resolves once the engine has answered; rejects with what an operator reads. */
  readonly reach: (address: string) => Promise<unknown>;
  readonly inClear: RegExp;
  readonly asksForCertificate?: true;
};

const drivers: Readonly<Record<string, Driver>> = {
  "MySQL's": {
    engine: "mariadb",
    variable: "MYSQL_PRIMARIES",
    async reach(url) {
      await using database = openMysql(url);
      // An empty database answers that its migrations are missing.
      await mysqlReady(database).catch((error: unknown) => {
        if (!/migrations/.test(String(error))) throw error;
      });
    },
    inClear: /or asks for TLS \(mysqls:\/\/\)/,
  },
  "the binlog's": {
    engine: "mariadb",
    variable: "MYSQL_PRIMARIES",
    async reach(url) {
      await binlogsReadable({ primaries: [url] }, clock);
      await followed(url);
    },
    inClear: /Access denied/,
  },
  "Redis's": {
    engine: "redis",
    variable: "REDIS_NODES",
    async reach(node) {
      await using redis = openRedis({ nodes: [node] });
      await redis.check();
    },
    inClear: /if it speaks TLS, its address begins with rediss:/,
    asksForCertificate: true,
  },
  "RabbitMQ's": {
    engine: "rabbitmq",
    variable: "RABBITMQ_URL",
    async reach(url) {
      await using delay = openRabbitDelay({ url, delayMs: 100, prefix }, { clock, report });
      await settled(() => delay.ready());
    },
    inClear: /if it speaks TLS, its address begins with amqps:/,
  },
  "Kafka's": {
    engine: "kafka",
    variable: "KAFKA_BROKERS",
    async reach(broker) {
      const settings = { brokers: [broker], replicas: 1, minInSyncReplicas: 1, partitions: 1, prefix };
      await using log = openKafkaLog(settings, { clock, report });
      await settled(() => log.ready());
    },
    inClear: /speaks TLS alone|if it speaks TLS, its address begins with kafkas:/,
  },
  "Elasticsearch's": {
    engine: "search",
    variable: "ELASTICSEARCH_URL",
    async reach(url) {
      const search = openOrderSearch({ url });
      await search.ready().finally(() => search.close());
    },
    inClear: /if it speaks TLS, its address begins with https:/,
  },
};

type Check = { readonly name: string; readonly ready: boolean; readonly why?: string };

/** What the seats' role says of Redis, once it has looked; its database is not there. */
async function redisOnReadyz(settings: Readonly<Record<string, string>>): Promise<Check> {
  const keysFile = join(folder, "keys.json");
  await loadOrCreateKeys(keysFile);
  const child = Bun.spawn([process.execPath, join(root, "apps/server/main.ts"), "serve", "--roles=inventory"], {
    env: {
      ...process.env,
      CHEPIAO_ENGINES: "cluster",
      KEYS_FILE: keysFile,
      MYSQL_URL: "mysql://nobody:nothing@127.0.0.1:1/nowhere",
      INTERNAL_PORT: "0",
      ...settings,
    },
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    let said = "";
    let url: string | undefined;
    for await (const bytes of child.stdout) {
      said += new TextDecoder().decode(bytes);
      url = /Inside +(http:\S+)/.exec(said)?.[1];
      if (url !== undefined) break;
    }
    for (;;) {
      const { checks } = (await (await fetch(`${url!}/readyz`)).json()) as { readonly checks: readonly Check[] };
      const redis = checks.find(({ name }) => name === "redis");
      if (redis && (redis.ready || !/not (looked|seen|asked)/.test(redis.why ?? "not looked"))) return redis;
      await Bun.sleep(100);
    }
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "it was reached",
    (error: unknown) => String(error),
  );

const engines = [...new Set(Object.values(drivers).map(({ engine }) => engine))];
describe.each(engines)("%s, which speaks TLS alone", (engine) => {
  let environment = "";
  beforeAll(async () => {
    shareDownloads();
    environment = await command("up", "--tls", engine);
  });
  afterAll(() => command("down", engine));
  const addressOf = (variable: string) => new RegExp(`^export ${variable}='([^',]*)`, "m").exec(environment)![1]!;

  for (const [name, { reach, variable, inClear: saysInClear, asksForCertificate }] of Object.entries(drivers).filter(
    ([, driver]) => driver.engine === engine,
  )) {
    test(`is reached by ${name} driver, by its address and by its name`, async () => {
      const address = addressOf(variable);
      await reach(address);
      await reach(at(address, "localhost"));
    });
    test(`is not believed by ${name} driver with a certificate of an authority that it does not trust`, async () => {
      const stranger = addressOf(variable).replace(/ca=[^&]*/, `ca=${join(folder, "tls", "stranger.pem")}`);
      expect(await failureOf(reach(stranger))).toContain("not trusted here");
      const unsaid = addressOf(variable).replace(/ca=[^&]*&/, "");
      expect(await failureOf(reach(unsaid))).toContain("not trusted here");
    });
    test(`is not believed by ${name} driver under a name that its certificate does not have`, async () => {
      const address = at(await relay(addressOf(variable)), elsewhere);
      expect(await failureOf(reach(address))).toContain("for another name");
    });
    test(`lets ${name} driver hear that it asked in clear`, async () => {
      expect(await failureOf(reach(inClear(addressOf(variable))))).toMatch(saysInClear);
    });
    test(`is not spoken to in clear by ${name} driver because it, or somebody on the way, has no TLS`, async () => {
      const address = addressOf(variable);
      const plain = engine === "mariadb" ? at(await relay(address, withoutTls), elsewhere) : await plainServer(address);
      expect(await failureOf(reach(plain))).toMatch(/does not speak TLS|does not support secure/);
    });
    if (asksForCertificate) {
      test(`lets ${name} driver hear that it asks for a certificate`, async () => {
        expect(await failureOf(reach(nameless(addressOf(variable))))).toContain("asks for one: cert and key");
      });
    }
  }
  if (engine === "mariadb") {
    test("is believed by MySQL's and the binlog's drivers by what holds for all engines", async () => {
      const [bare] = addressOf("MYSQL_PRIMARIES").split("?") as [string];
      const identity = { ca: readFileSync(join(folder, "tls", "ca.pem"), "utf8") };
      await using database = openMysql(bare, { identity });
      expect(await failureOf(mysqlReady(database))).toMatch(/migrations/);
      await binlogsReadable({ primaries: [bare], identity }, clock);
      await using trusting = await follow(bare, identity);
      await trusting.caughtUp();
      expect(await failureOf(binlogsReadable({ primaries: [bare] }, clock))).toContain("not trusted here");
    });
  }
  if (engine === "redis") {
    test("is believed by a process of the platform by the settings for all engines, and named on /readyz where they are wrong", async () => {
      const [nodes] = addressOf("REDIS_NODES").split("?");
      const file = (name: string) => join(folder, "tls", name);
      const own = { REDIS_NODES: nodes!, ENGINE_CERT_FILE: file("client.pem"), ENGINE_KEY_FILE: file("client.key") };
      const trusting = await redisOnReadyz({ ...own, ENGINE_CA_FILE: file("ca.pem") });
      expect(trusting).toEqual({ name: "redis", ready: true });
      const wary = await redisOnReadyz({ ...own, ENGINE_CA_FILE: file("stranger.pem") });
      expect(wary).toMatchObject({ ready: false, why: expect.stringContaining("not trusted here") });
    });
  }
  if (engine === "kafka") {
    test.each(["PLAIN", "SCRAM-SHA-512"])("takes a password by %s, and no wrong one", async (mechanism) => {
      const address = addressOf("KAFKA_BROKERS").replace(/sasl=[^&]*/, `sasl=${mechanism}`);
      const { reach } = drivers["Kafka's"]!;
      await reach(address);
      expect(await failureOf(reach(address.replace("chepiao:chepiao", "chepiao:wrong")))).toContain(
        "does not know this user or password",
      );
    });
  }
});

test("a fleet is plain again when it is brought up without saying so", async () => {
  expect(await command("env")).toContain("rediss://");
  const plain = await command("up", "redis");
  expect(plain).toMatch(/REDIS_NODES='127\.0\.0\.1:\d+,/);
  expect(readFileSync(join(folder, "redis-1", "redis.conf"), "utf8")).not.toContain("tls-port");
  expect(await command("up", "--tls", "redis")).toMatch(/redis +answers after/);
});
