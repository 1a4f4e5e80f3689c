/**
 * What several databases need that one does not (docs/decisions/0012). On SQLite an order, its seats in the ledger and the word of
 * both are one transaction; there only the column that says where a message lies is added.
 */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { createTable, isMysql } from "./table.ts";

export const shards: Migration = {
  async up(db) {
    if (isMysql(db)) return createTables(db);
    await db.schema
      .alterTable("t_local_message")
      .addColumn("slot", "integer", (column) => column.notNull().defaultTo(0))
      .execute();
  },
};

async function createTables(db: Kysely<any>): Promise<void> {
  // Orders that time will change, so that one look a database finds those whose time has come.
  await createTable(
    db,
    "t_order_due",
    { order_id: "bigint", slot: "integer", run_id: "varchar(32)", order_status: "integer", due_time: "bigint" },
    { primary: ["order_id"], indexes: { idx_order_due: ["order_status", "due_time"] } },
  );
  // Who took a seat in the ledger, for how far, and whether it was given back: makes claims and releases repeatable.
  await createTable(
    db,
    "t_seat_claim",
    {
      slot: "integer",
      run_id: "varchar(32)",
      order_id: "bigint",
      seat_index: "integer",
      seat_type: "integer",
      from_stop: "integer",
      to_stop: "integer",
      claim_status: "integer",
    },
    { primary: ["slot", "run_id", "order_id", "seat_index"] },
  );
  // Seats that a committed change has freed and the ledger may not know about yet.
  await createTable(
    db,
    "t_seat_release",
    { order_id: "bigint", seat_index: "integer", slot: "integer", run_id: "varchar(32)", create_time: "bigint" },
    { primary: ["order_id", "seat_index"] },
  );
  // The primary key of `t_payment_trade` holds for one shard; this one holds everywhere.
  await createTable(
    db,
    "t_trade_owner",
    {
      channel: "varchar(20)",
      trade_no: "varchar(64)",
      slot: "integer",
      payment_no: "varchar(32)",
      create_time: "bigint",
    },
    { primary: ["channel", "trade_no"] },
  );
}
