/** What was asked for, what arrived, what goes back. */
import type { Migration } from "kysely/migration";

export const payment: Migration = {
  async up(db) {
    await db.schema
      .createTable("t_payment")
      .addColumn("payment_no", "varchar(32)", (col) => col.primaryKey())
      .addColumn("order_no", "varchar(32)", (col) => col.notNull())
      .addColumn("slot", "integer", (col) => col.notNull())
      .addColumn("run_id", "varchar(64)", (col) => col.notNull())
      .addColumn("user_id", "bigint", (col) => col.notNull())
      .addColumn("channel", "varchar(20)", (col) => col.notNull())
      .addColumn("amount_fen", "bigint", (col) => col.notNull())
      .addColumn("state", "integer", (col) => col.notNull())
      .addColumn("pay_by", "bigint", (col) => col.notNull())
      .addColumn("pay_url", "varchar(1000)")
      .addColumn("next_look", "bigint")
      .addColumn("create_time", "bigint", (col) => col.notNull())
      .addColumn("update_time", "bigint", (col) => col.notNull())
      .addUniqueConstraint("uk_payment_order", ["order_no", "channel"])
      .execute();
    await db.schema.createIndex("idx_payment_look").on("t_payment").columns(["next_look"]).execute();
    // The primary key is the rule: a trade of a provider is money once, whoever tells of it and however often.
    await db.schema
      .createTable("t_payment_trade")
      .addColumn("channel", "varchar(20)", (col) => col.notNull())
      .addColumn("trade_no", "varchar(64)", (col) => col.notNull())
      .addColumn("payment_no", "varchar(32)", (col) => col.notNull())
      .addColumn("order_no", "varchar(32)", (col) => col.notNull())
      .addColumn("slot", "integer", (col) => col.notNull())
      .addColumn("amount_fen", "bigint", (col) => col.notNull())
      .addColumn("pays_order", "integer", (col) => col.notNull())
      .addColumn("paid_at", "bigint", (col) => col.notNull())
      .addColumn("create_time", "bigint", (col) => col.notNull())
      .addPrimaryKeyConstraint("pk_payment_trade", ["channel", "trade_no"])
      .execute();
    await db.schema.createIndex("idx_trade_order").on("t_payment_trade").columns(["order_no"]).execute();
    await db.schema
      .createTable("t_payment_refund")
      .addColumn("refund_no", "varchar(128)", (col) => col.primaryKey())
      .addColumn("payment_no", "varchar(32)", (col) => col.notNull())
      .addColumn("order_no", "varchar(32)", (col) => col.notNull())
      .addColumn("slot", "integer", (col) => col.notNull())
      .addColumn("run_id", "varchar(64)", (col) => col.notNull())
      .addColumn("channel", "varchar(20)", (col) => col.notNull())
      .addColumn("trade_no", "varchar(64)", (col) => col.notNull())
      .addColumn("ticket_no", "varchar(32)")
      .addColumn("amount_fen", "bigint", (col) => col.notNull())
      .addColumn("fee_fen", "bigint", (col) => col.notNull())
      .addColumn("reason", "integer", (col) => col.notNull())
      .addColumn("state", "integer", (col) => col.notNull())
      .addColumn("attempts", "integer", (col) => col.notNull())
      .addColumn("next_try", "bigint", (col) => col.notNull())
      .addColumn("create_time", "bigint", (col) => col.notNull())
      .addColumn("update_time", "bigint", (col) => col.notNull())
      .execute();
    await db.schema.createIndex("idx_refund_due").on("t_payment_refund").columns(["state", "next_try"]).execute();
    await db.schema.createIndex("idx_refund_order").on("t_payment_refund").columns(["order_no"]).execute();
  },
};
