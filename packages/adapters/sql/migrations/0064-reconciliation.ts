/** Differences between what is sold, what was paid and what providers say (docs/decisions/0068), and how a day's money is found. */
import type { Migration } from "kysely/migration";
import { addIndex, createTable } from "./table.ts";

export const reconciliation: Migration = {
  async up(db) {
    await addIndex(db, "t_payment_trade", "idx_trade_paid", ["paid_at", "trade_no"]);
    await addIndex(db, "t_payment_refund", "idx_refund_changed", ["update_time", "refund_no"]);
    await createTable(
      db,
      "t_reconciliation_case",
      {
        case_id: "varchar(16)",
        kind: "integer",
        scope: "varchar(10)",
        subject: "varchar(160)",
        facts: "text",
        state: "integer",
        version: "integer",
        first_seen: "bigint",
        last_seen: "bigint",
        end_time: "bigint null",
        reason: "varchar(200) null",
      },
      {
        primary: ["case_id"],
        indexes: { idx_reconciliation_scope: ["scope"], idx_reconciliation_state: ["state", "first_seen"] },
      },
    );
    await createTable(
      db,
      "t_reconciliation_run",
      { run_no: "varchar(64)", scope: "varchar(10)", end_time: "bigint", report: "mediumtext" },
      { primary: ["run_no"], indexes: { idx_reconciliation_run_scope: ["scope", "end_time"] } },
    );
  },
};
