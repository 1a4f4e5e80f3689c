/** What commands beside `serve` work on: the data folder, which then nobody else may run on, or the database of a cluster. */
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import type { Stores } from "@chepiao/adapters/sql";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import type { Vault } from "@chepiao/ports/vault";
import type { Config } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { assertSaid } from "../requirements.ts";

export type CommandStores = AsyncDisposable & { readonly stores: Stores; readonly vault: Vault };

export function openCommandStores(config: Config): Promise<CommandStores> {
  return config.engines === "embedded" ? openFolder(config) : openCluster(config);
}

async function openFolder({ dataDir, keysFile }: Config): Promise<CommandStores> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(openDataFolder(dataDir, keysFile));
  // A folder that begins with a command needs its keys as one that begins with a start does.
  const vault = createVault(await loadOrCreateKeys(folder.keys));
  const database = cleanUp.use(await openSqlite(folder.database));
  return owning(cleanUp, { stores: createStores(database), vault });
}

async function openCluster(config: Config): Promise<CommandStores> {
  // The bank is a role that needs nothing but the database and the keys.
  assertSaid({ ...config, roles: ["bank"] }, "this command");
  // Loaded only where it is used: a command on a folder should be quick.
  const { createMysqlStores, migrateMysql, openMysql } = await import("@chepiao/adapters/mysql");
  await using cleanUp = new AsyncDisposableStack();
  const vault = createVault(await loadOrCreateKeys(config.keysFile!));
  const database = cleanUp.use(openMysql(config.mysqlUrl!));
  await migrateMysql(database);
  const report = (message: string, error: unknown) => console.error(message, error);
  const stores = cleanUp.use(createMysqlStores({ database, clock: createSystemClock(), report }));
  return owning(cleanUp, { stores, vault });
}

/** What was opened stays open until the command is through. */
function owning(cleanUp: AsyncDisposableStack, opened: Omit<CommandStores, typeof Symbol.asyncDispose>): CommandStores {
  const kept = cleanUp.move();
  return { ...opened, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
