/**
 * The versions of the railway's policy, and under which of them an order was bought. What was bought before versions were counted is of the
 * first.
 */
import type { Migration } from "kysely/migration";
import { addColumn, createTable } from "./table.ts";

export const policy: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_policy",
      { version: "integer", effective_time: "bigint", body: "mediumtext" },
      { primary: ["version"] },
    );
    await addColumn(db, "t_order", "policy_version", "integer not null default 1");
  },
};
