/**
 * Brings the tables up to date, through the same connection as everything else. MySQL commits each statement about tables by itself:
 * a migration is noted when all of it is done, and one that died half-way is run again from its beginning.
 *
 * Processes take turns at a row: its lock ends with the connection of the process that held it. A named lock would do on one server, but
 * a proxy may ask another server each time.
 */
import type { Kysely } from "kysely";
import { inserted, migrations } from "@chepiao/adapters/sql";
import { minuteMs } from "@chepiao/kernel";
import type { MysqlDatabase } from "./database.ts";
import type { MysqlTables } from "./tables.ts";

const theOnlyRow = 1;
const touchMs = 1_000;
const waitMs = 200;
const waitMsMax = 5 * minuteMs;

export async function migrateMysql({ sql, name }: MysqlDatabase): Promise<void> {
  await createBookkeeping(sql);
  for (let waitedMs = 0; !(await inTurn(sql, () => migrateAll(sql))); waitedMs += waitMs) {
    if (waitedMs > waitMsMax)
      throw new Error(`${name}: another process is still migrating after ${waitMsMax / minuteMs} minutes`);
    await Bun.sleep(waitMs);
  }
}

/** Throws, and says what is wrong, while the database cannot serve: it is away, or its tables are older than this program. */
export async function mysqlReady({ sql, name }: MysqlDatabase): Promise<void> {
  const missing = await migrationsToDo(sql);
  if (missing.length > 0) throw new Error(`${name} lacks migrations: ${missing.join(", ")}`);
}

async function createBookkeeping(sql: Kysely<MysqlTables>): Promise<void> {
  const name = (table: "t_migration" | "t_migration_turn") => sql.schema.createTable(table).ifNotExists();
  await name("t_migration")
    .addColumn("name", "varchar(64)", (column) => column.primaryKey())
    .addColumn("done_time", "bigint", (column) => column.notNull())
    .execute();
  await name("t_migration_turn")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .execute();
  try {
    await inserted(sql.insertInto("t_migration_turn").values({ id: theOnlyRow }).execute());
  } catch (error) {
    // Whoever has its turn holds the row: it is there.
    if ((error as { code?: unknown }).code !== "ER_LOCK_WAIT_TIMEOUT") throw error;
  }
}

/** Does the work while no other process does; false where one is at it. */
const inTurn = (sql: Kysely<MysqlTables>, work: () => Promise<void>): Promise<boolean> =>
  sql.transaction().execute(async (turn) => {
    const row = turn.selectFrom("t_migration_turn").select("id").where("id", "=", theOnlyRow).forUpdate().skipLocked();
    if (!(await row.executeTakeFirst())) return false;
    // A server may end transactions in which nothing happens for seconds: they look like those of a dead process.
    const touching = setInterval(() => void row.execute().catch(() => {}), touchMs);
    try {
      await work();
    } finally {
      clearInterval(touching);
    }
    // Still ours: otherwise two may have been at it, and the error says so.
    await row.executeTakeFirstOrThrow();
    return true;
  });

async function migrateAll(sql: Kysely<MysqlTables>): Promise<void> {
  for (const name of await migrationsToDo(sql)) {
    await migrations[name]!.up(sql);
    await sql.insertInto("t_migration").values({ name, done_time: Date.now() }).execute();
  }
}

async function migrationsToDo(sql: Kysely<MysqlTables>): Promise<string[]> {
  const done = new Set((await sql.selectFrom("t_migration").select("name").execute()).map((row) => row.name));
  return Object.keys(migrations).filter((name) => !done.has(name));
}
