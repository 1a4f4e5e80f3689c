/**
 * The platform on real engines, each role a process of its own that can be killed. Its keys, topics, queues and database bear a name
 * that nobody else has, so that it shares the engines with whoever uses them.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createMysqlStores, openMysql } from "@chepiao/adapters/mysql";
import { createRedisSessionStore, openRedis } from "@chepiao/adapters/redis";
import { createSystemClock } from "@chepiao/adapters/system";
import { addressSetting, type RoleName, roles } from "../roles.ts";
import { freePort, settle, type World, type WorldOptions } from "./world.ts";

export type RoleProcess = {
  readonly role: RoleName;
  /** SIGKILL: nothing is finished, nothing is closed. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
  /** Everything it printed so far. */
  output(): string;
};

export type RolePlatform = {
  readonly world: World;
  readonly gatewayUrl: string;
  readonly namespace: string;
  start(role: RoleName): RoleProcess;
};

const main = resolve(import.meta.dir, "../main.ts");

/** @param mysqlUrl a database of its own, with its tables */
export async function createRolePlatform(
  mysqlUrl: string,
  options: WorldOptions,
  settings: Readonly<Record<string, string>> = {},
): Promise<RolePlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), "chepiao-roles-"));
  const keysFile = join(dataDir, "keys.json");
  const namespace = `test-${process.pid}-${Date.now().toString(36)}`;
  const environment: Record<string, string> = {
    CHEPIAO_ENGINES: "cluster",
    KEYS_FILE: keysFile,
    NAMESPACE: namespace,
    MYSQL_URL: mysqlUrl,
    REDIS_NODES: engine("REDIS_NODES"),
    KAFKA_BROKERS: engine("KAFKA_BROKERS"),
    RABBITMQ_URL: engine("RABBITMQ_URL"),
    KAFKA_REPLICAS: "1",
    KAFKA_PARTITIONS: "4",
    DATA_DIR: dataDir,
    LOG_LEVEL: "warn",
    HOST: "127.0.0.1",
    ...settings,
  };
  const ports = new Map(roles.map((role) => [role, freePort()]));
  for (const [role, port] of ports) environment[addressSetting(role)] = `http://127.0.0.1:${port}`;
  const world = await prepare(dataDir, environment, options);

  return {
    world,
    namespace,
    gatewayUrl: environment[addressSetting("gateway")]!,
    start(role) {
      const port = String(ports.get(role));
      const child = Bun.spawn([process.execPath, main, "serve", `--roles=${role}`], {
        env: { ...process.env, ...environment, ...(role === "gateway" ? { PORT: port } : { INTERNAL_PORT: port }) },
        stdout: "pipe",
        stderr: "pipe",
      });
      let printed = "";
      const gather = async (stream: ReadableStream<Uint8Array>) => {
        for await (const chunk of stream) printed += Buffer.from(chunk).toString();
      };
      void gather(child.stdout);
      void gather(child.stderr);
      const end = (signal: "SIGKILL" | "SIGTERM") => {
        child.kill(signal);
        return child.exited;
      };
      return { role, kill: async () => void (await end("SIGKILL")), stop: () => end("SIGTERM"), output: () => printed };
    },
  };
}

async function prepare(
  dataDir: string,
  environment: Readonly<Record<string, string>>,
  options: WorldOptions,
): Promise<World> {
  await using database = openMysql(environment["MYSQL_URL"]!);
  await using redis = openRedis({
    nodes: environment["REDIS_NODES"]!.split(","),
    prefix: `${environment["NAMESPACE"]}:`,
  });
  const report = (message: string, error: unknown) => console.error(message, error);
  await using stores = createMysqlStores({ database, clock: createSystemClock(), report });
  return await settle(dataDir, options, {
    timetable: stores.timetable,
    users: stores.users,
    sessions: createRedisSessionStore(redis),
    vault: createVault(await loadOrCreateKeys(environment["KEYS_FILE"]!)),
  });
}

function engine(variable: string): string {
  const address = process.env[variable];
  if (!address) throw new Error(`${variable} is not set: start the engines with \`npm run engines -- up\``);
  return address;
}
