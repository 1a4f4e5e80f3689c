/** What accounts say against a block, and what was answered. Nobody could before. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const riskAppeals: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_risk_appeal",
      {
        block_id: "varchar(24)",
        user_id: "bigint",
        text: "varchar(500)",
        create_time: "bigint",
        outcome: "integer",
        answer: "varchar(200) null",
        end_time: "bigint null",
      },
      {
        primary: ["block_id", "user_id"],
        indexes: { idx_risk_appeal_user: ["user_id"], idx_risk_appeal_open: ["outcome", "create_time"] },
      },
    );
  },
};
