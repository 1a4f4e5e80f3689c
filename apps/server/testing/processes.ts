/**
 * The platform on real engines, each role in processes of its own that can be killed. Its keys, topics, queues and indexes bear a
 * name that nobody else has, so that it shares the engines with the other tests that use them, and takes them away when it is over.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createMysqlStores, openMysql } from "@chepiao/adapters/mysql";
import { createRedisSessionStore, openRedis } from "@chepiao/adapters/redis";
import { createSystemClock } from "@chepiao/adapters/system";
import { readConfig } from "../config.ts";
import { takeAway } from "../rehearsal/takeAway.ts";
import { createRoleProcesses, type RoleProcesses, type Settings } from "../roleProcesses.ts";
import type { RoleName } from "../roles.ts";
import { policySetting } from "./policy.ts";
import { settle, type World, type WorldOptions } from "./world.ts";

export type { RoleProcess, Settings } from "../roleProcesses.ts";

/** Its end kills what still runs, and takes away what it left in the engines; the database belongs to the test that made it. */
export type RolePlatform = RoleProcesses & {
  readonly namespace: string;
  /** The keys, and the books of the bank. */
  readonly dataDir: string;
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

let platformCount = 0;

export async function createRolePlatform(options: PlatformOptions): Promise<RolePlatform> {
  const { mysql, settings: more, replicas, files = {} } = options;
  const dataDir = mkdtempSync(join(tmpdir(), "chepiao-roles-"));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dataDir, name), bytes, { mode: 0o600 });
  const namespace = `test-${process.pid}-${Date.now().toString(36)}-${platformCount++}`;
  const processes = await createRoleProcesses({
    dataDir,
    environment: process.env,
    ...(replicas ? { replicas } : {}),
    settings: {
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
      LOG_LEVEL: "warn",
      SHED_AFTER_MS: "0",
      ...policySetting(),
      ...more,
    },
  });
  return {
    ...processes,
    namespace,
    dataDir,
    async [Symbol.asyncDispose]() {
      await processes[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true, force: true });
      await takeAway(readConfig(processes.settings));
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

function engine(variable: string): string {
  const address = process.env[variable];
  if (!address) throw new Error(`${variable} is not set: start the engines with \`npm run engines -- up\``);
  return address;
}
