/** The SQL store on SQLite keeps the rules of the port. */
import { expect, test } from "bun:test";
import { createSqlRunStateStore, migrate } from "@chepiao/adapters/sql";
import { runStateStoreSuite } from "@chepiao/ports/run-states/run-states.suite.ts";
import type { RunId } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { sql } from "kysely";
import { openSqlite } from "./index.ts";
import { asBefore } from "./older.suite.ts";

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

test("what was cancelled when the remembering began is remembered since it was said", async () => {
  const database = await openSqlite(":memory:");
  const run = "G1/2026-12-01" as RunId;
  const said = { at: epochMs(7), staleAt: epochMs(7), notices: [] };
  const runs = [
    { runId: run, isCancelled: true, stops: [] },
    { runId: "G2/2026-12-01" as RunId, isCancelled: false, stops: [] },
  ];
  await createSqlRunStateStore(database.sql).replace("a", { ...said, runs }, epochMs(9));
  await asBefore(database, "0045-run-cancellations");
  await migrate(database.sql);
  const found = await createSqlRunStateStore(database.sql).cancellationsOf(runs.map(({ runId }) => runId));
  expect(found).toEqual([{ source: "a", runId: run, since: epochMs(7), endedAt: null, skipped: null }]);
});
