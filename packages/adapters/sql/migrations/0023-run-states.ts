/** What became of runs on the day, by who says it; nobody has said anything yet. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const runStates: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_run_source",
      { source: "varchar(64)", version: "bigint", said_at: "bigint", stale_at: "bigint" },
      { primary: ["source"] },
    );
    await createTable(
      db,
      "t_run_state",
      { source: "varchar(64)", run_id: "varchar(40)", is_cancelled: "integer", stops: "text" },
      { primary: ["source", "run_id"] },
    );
    await createTable(
      db,
      "t_run_notice",
      { source: "varchar(64)", notice_index: "integer", notice: "mediumtext" },
      { primary: ["source", "notice_index"] },
    );
  },
};
