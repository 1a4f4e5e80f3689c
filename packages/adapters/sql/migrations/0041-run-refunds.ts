/** What became of each order on a run that an operator has cancelled (docs/decisions/0047). None was before. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const runRefunds: Migration = {
  up: (db) =>
    createTable(
      db,
      "t_run_refund",
      {
        run_id: "varchar(64)",
        order_id: "bigint",
        slot: "integer",
        ticket_count: "integer",
        amount: "bigint",
        why: "varchar(500) null",
        update_time: "bigint",
      },
      { primary: ["run_id", "order_id"] },
    ),
};
