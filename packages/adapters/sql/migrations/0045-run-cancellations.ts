/** That trains do not run is remembered beyond what is said at the moment; of those that are cancelled now, since it was said. */
import type { Migration } from "kysely/migration";
import { type Kysely, sql } from "kysely";
import { createTable, fromPrimary } from "./table.ts";

const rowsPerStatement = 500;

export const runCancellations: Migration = {
  async up(db: Kysely<any>) {
    await createTable(
      db,
      "t_run_cancellation",
      {
        source: "varchar(64)",
        run_id: "varchar(40)",
        said_since: "bigint",
        origin_date: "varchar(10)",
        ended_at: "bigint null",
        skipped: "text null",
      },
      {
        primary: ["run_id", "source", "said_since"],
        indexes: {
          idx_run_cancellation_source: ["source", "ended_at"],
          idx_run_cancellation_date: ["origin_date"],
        },
      },
    );
    // A migration that died behind it has copied them.
    await sql`delete from t_run_cancellation`.execute(db);
    // Read and written apart: a proxy takes no insert from another table.
    const { said, off } = await fromPrimary(db, async (primary) => ({
      said: await primary.selectFrom("t_run_source").select(["source", "said_at"]).execute(),
      off: await primary.selectFrom("t_run_state").select(["source", "run_id"]).where("is_cancelled", "=", 1).execute(),
    }));
    const saidAt = new Map(said.map(({ source, said_at }) => [source, said_at]));
    const rows = off.map(({ source, run_id }) => ({
      source,
      run_id,
      said_since: saidAt.get(source) ?? 0,
      origin_date: run_id.slice(-10),
      ended_at: null,
      skipped: null,
    }));
    for (let start = 0; start < rows.length; start += rowsPerStatement)
      await db
        .insertInto("t_run_cancellation")
        .values(rows.slice(start, start + rowsPerStatement))
        .execute();
  },
};
