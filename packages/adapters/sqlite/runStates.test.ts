/** The SQL store on SQLite keeps the rules of the port. */
import { expect, test } from "bun:test";
import { createSqlRunStateStore, migrate } from "@chepiao/adapters/sql";
import { runStateStoreSuite } from "@chepiao/ports/run-states/run-states.suite.ts";
import { sql } from "kysely";
import { openSqlite } from "./index.ts";

runStateStoreSuite("SQLite", async () => createSqlRunStateStore((await openSqlite(":memory:")).sql));

test("a migration that comes into use after one of a higher number is done all the same", async () => {
  const database = await openSqlite(":memory:");
  for (const table of ["t_run_source", "t_run_state", "t_run_notice"])
    await sql`drop table ${sql.table(table)}`.execute(database.sql);
  await sql`delete from kysely_migration where name = '0023-run-states'`.execute(database.sql);
  await migrate(database.sql);
  const done = await sql<{ name: string }>`select name from kysely_migration`.execute(database.sql);
  expect(done.rows.map(({ name }) => name)).toContain("0023-run-states");
});
