/**
 * The platform on real engines, each role in processes of its own that can be killed. Its keys, topics, queues and indexes bear a
 * name that nobody else has, so that it shares the engines with the other tests that use them, and takes them away when it is over.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createVault, loadOrCreateKeys, partOf, replaceKeys } from "@chepiao/adapters/crypto";
import { createMysqlStores, openMysql } from "@chepiao/adapters/mysql";
import { createRedisSessionStore, openRedis } from "@chepiao/adapters/redis";
import { createSystemClock } from "@chepiao/adapters/system";
import { readConfig } from "../config.ts";
import { keyNeeds } from "../roleKeys.ts";
import { addressSetting, type RoleName, roles } from "../roles.ts";
import { takeAway } from "./leftovers.ts";
import { freePort, settle, type World, type WorldOptions } from "./world.ts";
import { policySetting } from "./policy.ts";

export type Settings = Readonly<Record<string, string>>;

export type RoleProcess = {
  readonly role: RoleName;
  /** Where the public or other roles reach it. */
  readonly url: string;
  /** Where it says what it waits for. */
  readonly innerUrl: string;
  /** SIGKILL: nothing is finished, nothing is closed. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
  /** It does nothing any more, and says nothing, until it is resumed. */
  pause(): void;
  resume(): void;
  hasEnded(): boolean;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<unknown>;
  /** On its standard input. */
  tell(text: string): void;
  /** Everything it printed so far. */
  output(): string;
};

/** Its end kills what still runs, and takes away what it left in the engines; the database belongs to the test that made it. */
export type RolePlatform = AsyncDisposable & {
  readonly gatewayUrl: string;
  readonly namespace: string;
  /** The keys, and the books of the bank. */
  readonly dataDir: string;
  /** The settings that all processes share, for commands that work on the platform. */
  readonly settings: Settings;
  /** One more process, which may still be waiting when this returns; `more` is for it alone, and `program` is run instead of the platform's own. */
  start(role: RoleName, more?: Settings, program?: string): RoleProcess;
  /** Resolves when no process that runs waits for anything. */
  ready(withinMs: number): Promise<void>;
};

export type PlatformOptions = {
  /** A database of its own, with its tables. */
  readonly mysql: { readonly url: string; readonly behind: readonly string[] };
  readonly settings?: Settings;
  /** Files of an older platform, by their names: its keys, and the books of the bank. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** How many processes of a role the others know of; one where nothing is said. */
  readonly replicas?: Readonly<Partial<Record<RoleName, number>>>;
};

const main = resolve(import.meta.dir, "../main.ts");
const pollEveryMs = 50;
let platformCount = 0;

export async function createRolePlatform(options: PlatformOptions): Promise<RolePlatform> {
  const { mysql, settings: more, replicas, files = {} } = options;
  const dataDir = mkdtempSync(join(tmpdir(), "chepiao-roles-"));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dataDir, name), bytes, { mode: 0o600 });
  const namespace = `test-${process.pid}-${Date.now().toString(36)}-${platformCount++}`;
  const addresses = new Map(roles.map((role) => [role, freeUrls(replicas?.[role] ?? 1)]));
  const settings: Settings = {
    CHEPIAO_ENGINES: "cluster",
    KEYS_FILE: join(dataDir, "keys.json"),
    NAMESPACE: namespace,
    MYSQL_URL: mysql.url,
    MYSQL_BINLOGS: mysql.behind.join(","),
    REDIS_NODES: engine("REDIS_NODES"),
    KAFKA_BROKERS: engine("KAFKA_BROKERS"),
    RABBITMQ_URL: engine("RABBITMQ_URL"),
    ELASTICSEARCH_URL: engine("ELASTICSEARCH_URL"),
    ELASTICSEARCH_REPLICAS: "0",
    KAFKA_REPLICAS: "1",
    KAFKA_PARTITIONS: "4",
    DATA_DIR: dataDir,
    LOG_LEVEL: "warn",
    SHED_AFTER_MS: "0",
    HOST: "127.0.0.1",
    ...policySetting(),
    ...Object.fromEntries([...addresses].map(([role, urls]) => [addressSetting(role), urls.join(",")])),
    ...more,
  };
  const keys = await loadOrCreateKeys(settings["KEYS_FILE"]!);
  const keysFileOf = (role: RoleName) => join(dataDir, `keys.${role}.json`);
  for (const role of roles) await replaceKeys(keysFileOf(role), partOf(keys, [role], keyNeeds([role])));

  const running = new Map<string, RoleProcess>();
  function start(role: RoleName, extraSettings: Settings = {}, program = main): RoleProcess {
    const url = addresses.get(role)!.find((each) => running.get(each)?.hasEnded() ?? true);
    if (url === undefined)
      throw new Error(`all processes of ${role} that the others know of run already: see \`replicas\``);
    const { port } = new URL(url);
    const innerPort = role === "gateway" ? String(freePort()) : port;
    // A file that was built runs by itself.
    const command = program.endsWith(".ts") ? [process.execPath, program] : [program];
    const child = Bun.spawn([...command, "serve", `--roles=${role}`], {
      env: {
        ...process.env,
        ...settings,
        KEYS_FILE: keysFileOf(role),
        ...(role === "gateway" ? { PORT: port } : {}),
        INTERNAL_PORT: innerPort,
        ...extraSettings,
      },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    const output = gather(child.stdout, child.stderr);
    const end = async (signal: "SIGKILL" | "SIGTERM") => {
      child.kill(signal);
      const code = await child.exited;
      if (running.get(url) === started) running.delete(url);
      return code;
    };
    const started: RoleProcess = {
      role,
      url,
      innerUrl: `http://127.0.0.1:${innerPort}`,
      kill: async () => void (await end("SIGKILL")),
      stop: () => end("SIGTERM"),
      pause: () => child.kill("SIGSTOP"),
      resume: () => child.kill("SIGCONT"),
      hasEnded: () => child.exitCode !== null || child.signalCode !== null,
      ended: child.exited,
      tell(text) {
        void child.stdin.write(text);
        void child.stdin.flush();
      },
      output,
    };
    running.set(url, started);
    return started;
  }

  return {
    gatewayUrl: addresses.get("gateway")![0]!,
    namespace,
    dataDir,
    settings,
    start,
    ready: async (withinMs) => void (await Promise.all([...running.values()].map((each) => isReady(each, withinMs)))),
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.values()].map((each) => each.kill()));
      rmSync(dataDir, { recursive: true, force: true });
      await takeAway(readConfig(settings));
    },
  };
}

/** People and trains for tests of the whole, on the platform's engines: a timetable is what most roles wait for. */
export async function settleOn({ settings, dataDir }: RolePlatform, options: WorldOptions): Promise<World> {
  const { mysqlUrl, redisNodes, namespace, keysFile } = readConfig(settings);
  await using database = openMysql(mysqlUrl!);
  await using redis = openRedis({ nodes: redisNodes, prefix: `${namespace}:` });
  const report = (message: string, error: unknown) => console.error(message, error);
  await using stores = createMysqlStores({ database, clock: createSystemClock(), report });
  return await settle(dataDir, options, {
    timetable: stores.timetable,
    users: stores.users,
    sessions: createRedisSessionStore(redis),
    vault: createVault(await loadOrCreateKeys(keysFile!)),
  });
}

async function isReady({ role, innerUrl, hasEnded, output }: RoleProcess, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await fetch(`${innerUrl}/readyz`).catch(() => null);
    const { waitingFor } = ((await answer?.json()) as { waitingFor?: string[] }) ?? {};
    if (waitingFor?.length === 0) return;
    if (hasEnded()) throw new Error(`${role} ended. It said:\n${output()}`);
    if (Date.now() > until) {
      const why = waitingFor ? `waits for ${waitingFor.join(", ")}` : "does not answer";
      throw new Error(`${role} ${why} after ${withinMs} ms. It said:\n${output()}`);
    }
    await Bun.sleep(pollEveryMs);
  }
}

/** Reads all that a process says, so that it never waits for us. */
function gather(...streams: readonly ReadableStream<Uint8Array>[]): () => string {
  let printed = "";
  for (const stream of streams) {
    void (async () => {
      for await (const chunk of stream) printed += Buffer.from(chunk).toString();
    })();
  }
  return () => printed;
}

const freeUrls = (count: number) => Array.from({ length: count }, () => `http://127.0.0.1:${freePort()}`);

function engine(variable: string): string {
  const address = process.env[variable];
  if (!address) throw new Error(`${variable} is not set: start the engines with \`npm run engines -- up\``);
  return address;
}
