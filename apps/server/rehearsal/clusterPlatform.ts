/**
 * A platform for one rehearsal on the engines that the settings name: databases, keys, topics, queues and an index that bear a name of its own, and each role
 * in a process on this machine. Nothing of another name is written or removed, so that the operator's own platform may be on the same engines.
 */
import { writeFileSync } from "node:fs";
import type { MysqlDatabase, OwnDatabase } from "@chepiao/adapters/mysql";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { insertAccounts } from "@chepiao/adapters/sql";
import { createSystemClock } from "@chepiao/adapters/system";
import { assert } from "@chepiao/kernel";
import { BadSetting } from "@chepiao/room";
import { sql } from "kysely";
import { recordsOfCluster } from "../audit/records.ts";
import { type Config, engineIdentity, readConfig } from "../config.ts";
import { createRoleProcesses, type Settings } from "../roleProcesses.ts";
import { roles } from "../roles.ts";
import { openTimetable } from "../wiring/timetable.ts";
import { cpuSecondsOf } from "./cpuSeconds.ts";
import { endingWith } from "./endingWith.ts";
import type { Ground } from "./ground.ts";
import { readKnown, takeOver } from "./known.ts";
import {
  brokenOff,
  environmentOf,
  firstPolicyIn,
  folderForAWhile,
  keptSettings,
  type OwnPlatform,
  said,
  silent,
} from "./ownPlatform.ts";
import { takeAway } from "./takeAway.ts";

/** Where the engines are, and how we are known there. */
const engineSettings = [
  "ENGINE_CA",
  "ENGINE_CERT",
  "ENGINE_KEY",
  "REDIS_NODES",
  "REDIS_USERNAME",
  "REDIS_PASSWORD",
  "REDIS_TLS",
  "KAFKA_BROKERS",
  "KAFKA_REPLICAS",
  "KAFKA_PARTITIONS",
  "RABBITMQ_URL",
  "ELASTICSEARCH_URL",
  "ELASTICSEARCH_REPLICAS",
];

const readyWithinMs = 180_000;
const sessionsAtOnce = 200;
const report = (message: string, error: unknown) => console.error(message, error);

export async function createClusterPlatform(config: Config, say: (line: string) => void): Promise<OwnPlatform> {
  assertEngines(config);
  return await endingWith(async ({ cleanUp, isEnding, end }) => {
    const dataDir = folderForAWhile(cleanUp);
    const name = `rehearsal-${process.pid}-${Date.now().toString(36)}`;
    const known = await readKnown(config);
    const made = await makeOwnDatabase(config, `chepiao_${name.replaceAll("-", "_")}`);
    cleanUp.defer(() => made.drop());
    say(`on the engines, everything of this rehearsal bears the name ${name}`);
    await settle(
      made,
      async (stores) => {
        writeFileSync(firstPolicyIn(dataDir), JSON.stringify(await takeOver(stores, known, config)));
      },
      config,
    );
    const settings: Settings = {
      ...said(engineSettings),
      ...said(keptSettings.filter((each) => each !== "WORKERS")),
      NAMESPACE: name,
      MYSQL_URL: made.url,
      MYSQL_BINLOGS: made.behind.join(","),
      CHEPIAO_POLICY: firstPolicyIn(dataDir),
      // The crowd says by which address each of it comes.
      TRUST_PROXY: "1",
      CHEPIAO_DEMO: "0",
      CHEPIAO_PRACTICE: "1",
      LOG_LEVEL: "error",
    };
    const processes = await createRoleProcesses({ settings, dataDir, environment: environmentOf(), cwd: dataDir });
    const own = readConfig(processes.settings);
    cleanUp.defer(() => takeAway(own));
    cleanUp.use(processes);
    return {
      dataDir,
      openGround: () => openClusterGround(own),
      async start() {
        if (isEnding()) throw brokenOff();
        for (const role of roles) processes.start(role);
        await processes.ready(readyWithinMs);
        const metrics = () => processes.running().map(({ innerUrl }) => `${innerUrl}/metrics`);
        return {
          url: processes.gatewayUrl,
          cpuSeconds: () => cpuSecondsOf(metrics()),
          async fail({ how, role }) {
            const failing = processes.running().find((each) => each.role === role);
            assert(failing !== undefined, `a process of ${role} runs`);
            if (how === "kill") {
              await failing.kill();
              if (isEnding()) throw brokenOff();
              processes.start(failing.role);
            } else await silent({ kill: (signal) => (signal === "SIGSTOP" ? failing.pause() : failing.resume()) });
            await processes.ready(readyWithinMs);
          },
        };
      },
      [Symbol.asyncDispose]: end,
    };
  });
}

/** @throws BadSetting with all that is missing */
function assertEngines({ mysqlUrl, mysqlPrimaries, mysqlReplicas, redisNodes, kafkaBrokers }: Config): void {
  const missing = [
    ...(mysqlUrl === null ? ["MYSQL_URL"] : []),
    ...(redisNodes.length === 0 ? ["REDIS_NODES"] : []),
    ...(kafkaBrokers.length === 0 ? ["KAFKA_BROKERS"] : []),
    ...(mysqlPrimaries.length === mysqlReplicas.length ? [] : ["MYSQL_REPLICAS, one for each of MYSQL_PRIMARIES"]),
  ];
  if (missing.length > 0)
    throw new BadSetting(`A rehearsal on engines needs to know where they are: ${missing.join(", ")}.`);
}

/** The account in the address has to be one that may make databases. */
async function makeOwnDatabase(
  { mysqlUrl, mysqlPrimaries, mysqlReplicas, mysqlJdbcOptions }: Config,
  name: string,
): Promise<OwnDatabase> {
  // Loaded only where it is used.
  const { makeDatabase, makeDatabaseBehindProxy } = await import("@chepiao/adapters/mysql");
  if (mysqlPrimaries.length === 0) return await makeDatabase(mysqlUrl!, name);
  return await makeDatabaseBehindProxy(
    { proxy: mysqlUrl!, primaries: mysqlPrimaries, replicas: mysqlReplicas, jdbcOptions: mysqlJdbcOptions },
    name,
  );
}

async function settle(
  { url }: OwnDatabase,
  fill: (stores: Awaited<ReturnType<typeof storesIn>>) => Promise<void>,
  config: Config,
): Promise<void> {
  const { migrateMysql, openMysql } = await import("@chepiao/adapters/mysql");
  await using database = openMysql(url, { identity: engineIdentity(config) });
  await migrateMysql(database);
  await using stores = await storesIn(database);
  await fill(stores);
}

async function storesIn(database: MysqlDatabase) {
  const { createMysqlStores } = await import("@chepiao/adapters/mysql");
  return createMysqlStores({ database, clock: createSystemClock(), report });
}

async function openClusterGround(config: Config): Promise<Ground> {
  const { openMysql } = await import("@chepiao/adapters/mysql");
  const { createRedisSessionStore } = await import("@chepiao/adapters/redis");
  const { openRedisOf } = await import("../wiring/redis.ts");
  await using cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const database = cleanUp.use(openMysql(config.mysqlUrl!, { identity: engineIdentity(config) }));
  const stores = cleanUp.use(await storesIn(database));
  const sessions = createRedisSessionStore(cleanUp.use(openRedisOf(config)));
  const { timetable } = await openTimetable({ config, clock }, stores);
  const vault = createVault(await loadOrCreateKeys(config.keysFile!));
  const kept = cleanUp.move();
  const read = async (statement: string) => (await sql.raw<object>(statement).execute(database.sql)).rows;
  return {
    clock,
    vault,
    timetable,
    queues: stores.queues,
    securityEvents: stores.securityEvents,
    async putAccounts(accounts) {
      await insertAccounts(database.sql, accounts);
      for (let first = 0; first < accounts.length; first += sessionsAtOnce)
        await Promise.all(accounts.slice(first, first + sessionsAtOnce).map(({ session }) => sessions.create(session)));
    },
    records: () => recordsOfCluster(read, config.dataDir),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
