/** Coaches that are withdrawn from sale, by run, and a row for each change of them (docs/decisions/0060). None was before. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const withdrawnCoaches: Migration = {
  async up(db) {
    await createTable(db, "t_withdrawn_coach_change", { version: "integer" }, { primary: ["version"] });
    await createTable(
      db,
      "t_withdrawn_coach",
      { run_id: "varchar(64)", origin_date: "varchar(10)", coaches: "text" },
      { primary: ["run_id"], indexes: { idx_withdrawn_coach_date: ["origin_date"] } },
    );
  },
};
