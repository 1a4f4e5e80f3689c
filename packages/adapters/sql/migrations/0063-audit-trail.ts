/** What staff do and look at, and how it came out (docs/decisions/0078): rows are inserted, and deleted when they are old. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const auditTrail: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_audit_entry",
      {
        entry_id: "varchar(40)",
        create_time: "bigint",
        who: "varchar(100)",
        user_id: "bigint null",
        role: "integer null",
        door: "integer",
        action: "varchar(40)",
        subject: "varchar(100) null",
        what: "varchar(400)",
        reason: "varchar(400) null",
        before_text: "varchar(400) null",
        is_dry_run: "integer",
      },
      {
        primary: ["entry_id"],
        indexes: {
          idx_audit_who: ["who", "entry_id"],
          idx_audit_action: ["action", "entry_id"],
          idx_audit_subject: ["subject", "entry_id"],
          idx_audit_time: ["create_time"],
        },
      },
    );
    await createTable(
      db,
      "t_audit_end",
      { entry_id: "varchar(40)", end_time: "bigint", outcome: "integer", after_text: "varchar(400) null" },
      { primary: ["entry_id"] },
    );
  },
};
