/**
 * A database as it was at one moment, for a copy, while others go on writing to it: a transaction that reads keeps that moment for as long
 * as it is open. It holds nobody up; the write-ahead log grows meanwhile.
 */
import { backup, DatabaseSync } from "node:sqlite";

export type PinnedSqlite = Disposable & {
  /** From here on nothing that others write is seen. */
  pin(): void;
  unpin(): void;
  /** Steps by which its tables were made, by name. */
  migrations(): readonly string[];
  /** Writes it to a file that is not there yet. */
  copyTo(path: string): Promise<void>;
};

/** Between two steps others of this thread have their turn. */
const pagesPerStep = 1_000;

/** Opened beforehand, so that pinning takes no time. */
export function openToPin(path: string): PinnedSqlite {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec("PRAGMA busy_timeout = 5000;");
  const first = database.prepare("select name from sqlite_master limit 1");
  return {
    pin() {
      database.exec("BEGIN");
      // A transaction begins with the first row that it reads.
      first.all();
    },
    unpin: () => database.exec("ROLLBACK"),
    migrations() {
      const rows = database.prepare("select name from kysely_migration order by name").all();
      return rows.map((row) => row["name"] as string);
    },
    copyTo: async (copy) => void (await backup(database, copy, { rate: pagesPerStep })),
    [Symbol.dispose]: () => void (database.isOpen && database.close()),
  };
}

/** Says whether anything was committed since it was last asked, or made. */
export function watchSqlite(path: string): Disposable & { hasChanged(): boolean } {
  const database = new DatabaseSync(path, { readOnly: true });
  const version = () => database.prepare("PRAGMA data_version").get()!["data_version"];
  let last = version();
  return {
    hasChanged() {
      const before = last;
      last = version();
      return last !== before;
    },
    [Symbol.dispose]: () => database.close(),
  };
}

/** Is every page of it as it should be? What is wrong, in SQLite's words; nothing when all is well. */
export function damageOf(path: string): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const found = database.prepare("PRAGMA integrity_check").all();
    return found.map((row) => String(row["integrity_check"])).filter((text) => text !== "ok");
  } catch (error) {
    // Too damaged to be looked at.
    return [(error as Error).message];
  } finally {
    database.close();
  }
}
