/** What commands beside `serve` work on: the data folder, which then nobody else may run on, or the database of a cluster. */
import { existsSync } from "node:fs";
import { createVault, loadKeys, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { readDeadLetters, readUnfinished } from "@chepiao/adapters/file-log";
import { createSecurityLog } from "@chepiao/adapters/security-log";
import type { Stores } from "@chepiao/adapters/sql";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import type { OrderAccepted, RunId, Timetable } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { DeadLetter } from "@chepiao/ports/log";
import type { SecurityEvents } from "@chepiao/ports/security-events";
import type { Vault } from "@chepiao/ports/vault";
import { createLogger } from "@chepiao/runtime";
import { writing } from "@chepiao/services/order";
import { type Config, engineIdentity } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { assertSaidForCommand } from "../requirements.ts";
import { openTimetable } from "../wiring/timetable.ts";
import { CommandFailed } from "./command.ts";
import { inTime } from "./deadLetters/stuck.ts";
import { readFolder } from "./folder.ts";
import type { OperatorTrail } from "./operator.ts";
import { loadCommandVault } from "./vault.ts";

export type CommandStores = AsyncDisposable & {
  readonly stores: Stores;
  readonly vault: Vault;
  readonly securityEvents: SecurityEvents;
};

export function openCommandStores(config: Config): Promise<CommandStores> {
  return config.engines === "embedded" ? openFolder(config) : openCluster(config);
}

export type StoresBeside = AsyncDisposable &
  Pick<CommandStores, "stores"> & {
    readonly auditTrail: OperatorTrail;
    readonly vault: () => Promise<Vault>;
    readonly timetable: Timetable;
    readonly clock: Clock;
  };

/** Also a folder's database beside the platform that runs on it, for rows of their own in transactions of their own; and the timetable in it. */
export async function openStoresBeside(config: Config): Promise<StoresBeside> {
  await using cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const { stores, vault } =
    config.engines === "embedded" ? await openBeside(config, cleanUp) : await openClusterBeside(config, cleanUp);
  const { timetable } = await openTimetable({ config, clock }, stores);
  return owning(cleanUp, { stores, auditTrail: stores.auditTrail, vault, timetable, clock });
}

async function openClusterBeside(config: Config, cleanUp: AsyncDisposableStack) {
  const { vault, ...opened } = cleanUp.use(await openCommandStores(config));
  return { ...opened, vault: async () => vault };
}

async function openBeside(config: Config, cleanUp: AsyncDisposableStack) {
  const files = readFolder(config);
  const stores = createStores(cleanUp.use(await openSqlite(files.database)));
  return {
    stores,
    vault: async () => createVault(await loadKeys(files.keys)),
  };
}

async function openFolder({ dataDir, keysFile }: Config): Promise<CommandStores> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(openDataFolder(dataDir, keysFile));
  // A folder that begins with a command needs its keys as one that begins with a start does.
  const vault = createVault(await loadOrCreateKeys(folder.keys));
  const database = cleanUp.use(await openSqlite(folder.database));
  const securityEvents = createSecurityLog(folder.securityLog);
  const stores = createStores(database);
  const soldRuns = async () => new Set([...(await stores.orders.soldRuns()), ...runsAccepted(folder.log)]);
  return owning(cleanUp, { stores: { ...stores, orders: { ...stores.orders, soldRuns } }, vault, securityEvents });
}

/** A platform that was killed has accepted orders that are no rows yet, and some may wait as dead letters until somebody replays them. */
function runsAccepted(log: string): RunId[] {
  if (!existsSync(log)) return [];
  const waiting = readUnfinished(log, { group: writing.group, topics: [writing.topic] });
  return [
    ...waiting.flatMap(({ value }) => (value as OrderAccepted).lines.map(({ runId }) => runId)),
    ...runsOfDeadLetters(readDeadLetters(log)),
  ];
}

/** Of one that cannot be read nothing is known, and nobody can be given its seats. */
const runsOfDeadLetters = (letters: readonly DeadLetter[]): RunId[] =>
  letters.filter(({ topic }) => topic === writing.topic).flatMap(({ text }) => runsIn(text));

function runsIn(text: string): RunId[] {
  try {
    return (JSON.parse(text) as OrderAccepted).lines.map(({ runId }) => runId);
  } catch {
    return [];
  }
}

async function openCluster(config: Config): Promise<CommandStores> {
  // The bank is a role that needs nothing but the database and the keys.
  assertSaidForCommand({ ...config, roles: ["bank"] });
  // Loaded only where it is used: a command on a folder should be quick.
  const { createMysqlStores, migrateMysql, openMysql } = await import("@chepiao/adapters/mysql");
  await using cleanUp = new AsyncDisposableStack();
  const vault = await loadCommandVault(config.keysFile!);
  const database = cleanUp.use(openMysql(config.mysqlUrl!, { identity: engineIdentity(config) }));
  await migrateMysql(database);
  const report = (message: string, error: unknown) => console.error(message, error);
  const stores = cleanUp.use(createMysqlStores({ database, clock: createSystemClock(), report }));
  const soldRuns = async () => {
    const accepted = (await stores.timetable.version()) === 0 ? [] : await runsAcceptedByCluster(config);
    return new Set([...(await stores.orders.soldRuns()), ...accepted]);
  };
  const withAccepted = { ...stores, orders: { ...stores.orders, soldRuns } };
  return owning(cleanUp, { stores: withAccepted, vault, securityEvents: stores.securityEvents });
}

/** As long as a writer that was just started takes to come to its work. */
const writerWithinMs = 20 * secondMs;

/** Waits until the writer has made rows of what was accepted; what it put aside is no row and is sold all the same. */
async function runsAcceptedByCluster(config: Config): Promise<RunId[]> {
  if (config.kafkaBrokers.length === 0)
    throw new CommandFailed(
      "KAFKA_BROKERS is not set: orders may be accepted there that are no rows yet, and their runs are sold.",
    );
  await using cleanUp = new AsyncDisposableStack();
  const { openLog } = await import("../wiring/cluster.ts");
  const logger = createLogger({ level: "silent", write: () => {} });
  const log = await openLog({ config, clock: createSystemClock(), logger, cleanUp });
  await inTime(log.ready);
  const left = await log.unfinishedAfter({ group: writing.group, topic: writing.topic, withinMs: writerWithinMs });
  if (left > 0)
    throw new CommandFailed(`${left} accepted orders are no rows yet: is a process with the role writer running?`);
  return runsOfDeadLetters(await log.deadLetters.list());
}

/** What was opened stays open until the command is through. */
function owning<Opened extends object>(cleanUp: AsyncDisposableStack, opened: Opened): Opened & AsyncDisposable {
  const kept = cleanUp.move();
  return { ...opened, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
