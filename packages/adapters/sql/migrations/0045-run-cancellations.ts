/** That trains do not run is remembered beyond what is said at the moment; of those that are cancelled now, since it was said. */
import type { Migration } from "kysely/migration";
import { sql } from "kysely";
import { createTable } from "./table.ts";

export const runCancellations: Migration = {
  async up(db) {
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
    await sql`
      insert into t_run_cancellation (source, run_id, said_since, origin_date, ended_at, skipped)
      select t_run_state.source, run_id, said_at, substr(run_id, -10), null, null
      from t_run_state join t_run_source on t_run_source.source = t_run_state.source where is_cancelled = 1
    `.execute(db);
  },
};
