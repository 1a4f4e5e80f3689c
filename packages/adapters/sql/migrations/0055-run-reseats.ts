/** Which orders had tickets in lost coaches of a run, and why they could not be given other seats. Of runs before it nothing is known. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const runReseats: Migration = {
  up: (db) =>
    createTable(
      db,
      "t_run_reseat",
      {
        run_id: "varchar(64)",
        order_id: "bigint",
        origin_date: "varchar(10)",
        tickets: "text",
        why: "varchar(500) null",
        update_time: "bigint",
      },
      { primary: ["run_id", "order_id"], indexes: { idx_run_reseat_date: ["origin_date"] } },
    ),
};
