/**
 * One SQLite file, one connection. Kysely queries and the raw batch writers share it and take turns through Kysely's own
 * connection lock, so a transaction of one never contains statements of another.
 */
import { Database } from "bun:sqlite";
import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { migrate, type Tables } from "@chepiao/adapters/sql";

export type ReadableSqlite = AsyncDisposable & {
  readonly sql: Kysely<Tables>;
  /** Runs raw queries while nobody else has the connection. */
  read<T>(work: (raw: Database) => T): Promise<T>;
};

export type SqliteDatabase = ReadableSqlite & {
  /** Runs raw prepared statements while nobody else has the connection, in one transaction that is durable on return. */
  batch<T>(work: (raw: Database) => T): Promise<T>;
};

/** Opens (or creates) the file and brings its tables up to date. `":memory:"` for tests. */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  const raw = new Database(path, { create: true, strict: true });
  // FULL: a transaction that was acknowledged survives a power cut, not only a killed process.
  raw.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;",
  );
  // What is erased of people is written over, and not only forgotten where it lay.
  raw.exec("PRAGMA secure_delete = ON;");
  const database = on(raw);
  await migrate(database.sql);
  return {
    ...database,
    batch: (work) => database.read(() => raw.transaction(() => work(raw)).immediate()),
  };
}

/** Beside the process that writes: nothing is made, brought up to date or locked. The file must be there. */
export function openSqliteToRead(path: string): ReadableSqlite {
  const raw = new Database(path, { readonly: true, strict: true });
  raw.exec("PRAGMA busy_timeout = 5000;");
  return on(raw);
}

function on(raw: Database): ReadableSqlite {
  const sql = new Kysely<Tables>({ dialect: bunSqliteDialect(raw) });
  return {
    sql,
    read: (work) => sql.connection().execute(async () => work(raw)),
    async [Symbol.asyncDispose]() {
      await sql.destroy();
      raw.close();
    },
  };
}

function bunSqliteDialect(raw: Database): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(raw),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely's driver over `bun:sqlite`: a single connection handed out to one taker at a time. */
function createDriver(raw: Database): Driver {
  let queue: Promise<void> = Promise.resolve();
  let passOn: () => void = () => {};
  const connection: DatabaseConnection = {
    async executeQuery<R>({
      sql,
      parameters,
    }: {
      sql: string;
      parameters: readonly unknown[];
    }): Promise<QueryResult<R>> {
      const statement = raw.query(sql);
      const bound = parameters as never[];
      if (statement.columnNames.length > 0) return { rows: statement.all(...bound) as R[] };
      const { changes, lastInsertRowid } = statement.run(...bound);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    },
    async *streamQuery<R>({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) {
      for (const row of raw.query(sql).iterate(...(parameters as never[]))) yield { rows: [row as R] };
    },
  };
  return {
    init: async () => {},
    async acquireConnection() {
      const turn = queue;
      let done: () => void = () => {};
      queue = new Promise((resolve) => {
        done = resolve;
      });
      await turn;
      passOn = done;
      return connection;
    },
    releaseConnection: async () => passOn(),
    beginTransaction: async () => void raw.run("begin immediate"),
    commitTransaction: async () => void raw.run("commit"),
    rollbackTransaction: async () => void raw.run("rollback"),
    destroy: async () => {},
  };
}
