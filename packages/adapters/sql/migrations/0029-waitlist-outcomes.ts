/** What became of those who waited, a row a run: kept for longer than the releases it is counted from. */
import type { Migration } from "kysely/migration";
import { addIndex, createTable } from "./table.ts";

export const waitlistOutcomes: Migration = {
  async up(db) {
    await addIndex(db, "t_waitlist_item", "idx_waitlist_item_date", ["origin_date", "run_id"]);
    await createTable(
      db,
      "t_waitlist_outcome",
      {
        run_id: "varchar(64)",
        slot: "integer",
        origin_date: "varchar(10)",
        counts: "mediumtext",
        create_time: "bigint",
      },
      { primary: ["run_id"], indexes: { idx_waitlist_outcome_date: ["origin_date"] } },
    );
  },
};
