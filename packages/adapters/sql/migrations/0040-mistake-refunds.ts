/** Orders that were given back by mistake, free of charge: an account and day have so many places (docs/decisions/0047). None was before. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const mistakeRefunds: Migration = {
  up: (db) =>
    createTable(
      db,
      "t_mistake_refund",
      { slot: "integer", user_id: "bigint", refund_date: "varchar(10)", nth: "integer", order_id: "bigint" },
      { primary: ["slot", "user_id", "refund_date", "nth"], indexes: { idx_mistake_refund_date: ["refund_date"] } },
    ),
};
