/**
 * Read models of orders, as in section 3.1.4 of the design document: the index for lookups by train and date (lies where its run
 * does), and each account's own list (lies where its user does). Dropped and rebuilt at will (I8); a row older than the one that is
 * there is recognised by its version.
 */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const orderIndex: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_user_order_index",
      {
        order_id: "bigint",
        order_no: "varchar(32)",
        slot: "integer",
        user_id: "bigint",
        run_id: "varchar(32)",
        train_number: "varchar(20)",
        origin_date: "varchar(10)",
        train_date: "varchar(10)",
        order_status: "integer",
        total_price: "bigint",
        create_time: "bigint",
        update_time: "bigint",
        version: "integer",
      },
      {
        primary: ["order_id"],
        indexes: {
          idx_index_run: ["run_id", "order_id"],
          idx_index_train_date: ["train_number", "train_date"],
          idx_index_user: ["user_id", "order_id"],
          idx_index_status: ["order_status", "create_time"],
        },
      },
    );
    await createTable(
      db,
      "t_user_order_list",
      {
        user_id: "bigint",
        order_id: "bigint",
        order_no: "varchar(32)",
        slot: "integer",
        train_number: "varchar(20)",
        train_date: "varchar(10)",
        departure_name: "varchar(200)",
        arrival_name: "varchar(200)",
        departure_time: "bigint",
        order_status: "integer",
        total_price: "bigint",
        expire_time: "bigint",
        create_time: "bigint",
        version: "integer",
      },
      // Order ids begin with the time: an account's newest orders are the last of its rows.
      { primary: ["user_id", "order_id"] },
    );
  },
};
