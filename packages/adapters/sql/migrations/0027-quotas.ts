/** Quotas by origin and destination, by run and class, with the change that set them (docs/decisions/0037). None was set before. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const quotas: Migration = {
  async up(db) {
    await createTable(db, "t_quota_change", { version: "integer" }, { primary: ["version"] });
    await createTable(
      db,
      "t_quota",
      {
        run_id: "varchar(64)",
        seat_type: "integer",
        origin_date: "varchar(10)",
        version: "integer",
        quotas: "mediumtext",
      },
      {
        primary: ["run_id", "seat_type"],
        indexes: { idx_quota_version: ["version"], idx_quota_date: ["origin_date"] },
      },
    );
  },
};
