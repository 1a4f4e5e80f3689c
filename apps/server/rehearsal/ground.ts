/** What a rehearsal needs of the platform's own stores: the timetable, a queue, accounts by the hundred thousand, and the books for the end. */
import { insertAccounts, insertSessions } from "@chepiao/adapters/sql";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createSecurityLog } from "@chepiao/adapters/security-log";
import { createSystemClock } from "@chepiao/adapters/system";
import type { Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { QueueStore } from "@chepiao/ports/queue-store";
import type { SecurityEvents } from "@chepiao/ports/security-events";
import type { Vault } from "@chepiao/ports/vault";
import type { InventedAccount } from "@chepiao/services/user";
import { sql } from "kysely";
import { type Records, recordsOfFolder } from "../audit/records.ts";
import { type Config, readConfig } from "../config.ts";
import { filesIn } from "../dataFolder.ts";
import { openTimetable } from "../wiring/timetable.ts";

export type Ground = AsyncDisposable & {
  readonly clock: Clock;
  readonly vault: Vault;
  readonly timetable: Timetable;
  readonly queues: Pick<QueueStore, "announce">;
  readonly securityEvents: Pick<SecurityEvents, "append">;
  putAccounts(accounts: readonly InventedAccount[]): Promise<void>;
  records(): Promise<Records>;
};

/** A data folder, before the platform runs on it or beside it. */
export async function openFolderGround(dataDir: string): Promise<Ground> {
  await using cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const config: Config = readConfig({ DATA_DIR: dataDir });
  const files = filesIn(dataDir, null);
  const database = cleanUp.use(await openSqlite(files.database));
  // What is made up need not survive a power cut.
  await sql`pragma synchronous = off`.execute(database.sql);
  const stores = createStores(database);
  const { timetable } = await openTimetable({ config, clock }, stores);
  const vault = createVault(await loadOrCreateKeys(files.keys));
  const kept = cleanUp.move();
  return {
    clock,
    vault,
    timetable,
    queues: stores.queues,
    securityEvents: createSecurityLog(files.securityLog),
    async putAccounts(accounts) {
      await insertAccounts(database.sql, accounts);
      await insertSessions(
        database.sql,
        accounts.map(({ session }) => session),
      );
    },
    records: async () => recordsOfFolder(dataDir),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
