/** Who may not buy, and what was decided of whose purchases (docs/decisions/0058). Nobody was judged before. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const risk: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_risk_block",
      {
        subject: "varchar(80)",
        block_id: "varchar(24)",
        reason: "varchar(200)",
        start_time: "bigint",
        end_time: "bigint null",
      },
      { primary: ["subject"] },
    );
    await createTable(
      db,
      "t_risk_decision",
      {
        user_id: "bigint",
        decision_time: "bigint",
        mode: "varchar(8)",
        decided: "varchar(16)",
        points: "integer",
        reasons: "text",
      },
      { primary: ["user_id", "decision_time"], indexes: { idx_risk_decision_time: ["decision_time"] } },
    );
  },
};
