import type { Migration } from "kysely/migration";

/**
 * Orders and tickets as in section 3.1.3 of the design document, corrected: ids are the application's, money is whole fen,
 * instants are milliseconds, state, coach and seat are per ticket, `slot` routes to the shard. The ledger replaces the stock
 * per origin–destination pair: one row a seat, its bits the segments on which it is taken.
 */
export const order: Migration = {
  async up(db) {
    await db.schema
      .createTable("t_order")
      .addColumn("id", "bigint", (col) => col.primaryKey())
      .addColumn("order_no", "varchar(32)", (col) => col.notNull())
      .addColumn("slot", "integer", (col) => col.notNull())
      .addColumn("user_id", "bigint", (col) => col.notNull())
      .addColumn("run_id", "varchar(32)", (col) => col.notNull())
      .addColumn("train_number", "varchar(20)", (col) => col.notNull())
      .addColumn("origin_date", "varchar(10)", (col) => col.notNull())
      .addColumn("boarding_date", "varchar(10)", (col) => col.notNull())
      .addColumn("from_stop", "integer", (col) => col.notNull())
      .addColumn("to_stop", "integer", (col) => col.notNull())
      .addColumn("departure_station", "varchar(64)", (col) => col.notNull())
      .addColumn("arrival_station", "varchar(64)", (col) => col.notNull())
      .addColumn("departure_name", "varchar(50)", (col) => col.notNull())
      .addColumn("arrival_name", "varchar(50)", (col) => col.notNull())
      .addColumn("departure_time", "bigint", (col) => col.notNull())
      .addColumn("arrival_time", "bigint", (col) => col.notNull())
      .addColumn("seat_type", "integer", (col) => col.notNull())
      .addColumn("passenger_count", "integer", (col) => col.notNull())
      .addColumn("together", "integer", (col) => col.notNull())
      .addColumn("preferences_unmet", "integer", (col) => col.notNull())
      .addColumn("total_price", "bigint", (col) => col.notNull())
      .addColumn("order_status", "integer", (col) => col.notNull())
      .addColumn("ended_because", "varchar(40)")
      .addColumn("payment_no", "varchar(64)")
      .addColumn("pay_time", "bigint")
      .addColumn("expire_time", "bigint", (col) => col.notNull())
      .addColumn("idempotency_key", "varchar(64)", (col) => col.notNull())
      .addColumn("request_hash", "varchar(64)", (col) => col.notNull())
      .addColumn("create_time", "bigint", (col) => col.notNull())
      .addColumn("update_time", "bigint", (col) => col.notNull())
      .addColumn("version", "integer", (col) => col.notNull())
      .execute();
    await db.schema.createIndex("idx_order_user").on("t_order").columns(["user_id", "id"]).execute();
    await db.schema.createIndex("idx_order_expiry").on("t_order").columns(["order_status", "expire_time"]).execute();

    await db.schema
      .createTable("t_order_detail")
      .addColumn("order_id", "bigint", (col) => col.notNull())
      .addColumn("ticket_index", "integer", (col) => col.notNull())
      .addColumn("slot", "integer", (col) => col.notNull())
      .addColumn("ticket_no", "varchar(32)", (col) => col.notNull())
      .addColumn("passenger_id", "bigint", (col) => col.notNull())
      .addColumn("passenger_name", "varchar(50)", (col) => col.notNull())
      .addColumn("document_type", "integer", (col) => col.notNull())
      .addColumn("document_sealed", "varchar(255)", (col) => col.notNull())
      .addColumn("document_hash", "varchar(64)", (col) => col.notNull())
      .addColumn("document_masked", "varchar(32)", (col) => col.notNull())
      .addColumn("passenger_type", "integer", (col) => col.notNull())
      .addColumn("coach_no", "integer", (col) => col.notNull())
      .addColumn("seat_index", "integer", (col) => col.notNull())
      .addColumn("seat_number", "varchar(20)", (col) => col.notNull())
      .addColumn("ticket_price", "bigint", (col) => col.notNull())
      .addColumn("ticket_status", "integer", (col) => col.notNull())
      .addColumn("refund_fee", "bigint")
      .addColumn("refund_amount", "bigint")
      .addPrimaryKeyConstraint("pk_order_detail", ["order_id", "ticket_index"])
      .execute();

    await db.schema
      .createTable("t_seat_ledger")
      .addColumn("run_id", "varchar(32)", (col) => col.notNull())
      .addColumn("seat_type", "integer", (col) => col.notNull())
      .addColumn("seat_index", "integer", (col) => col.notNull())
      .addColumn("taken0", "bigint", (col) => col.notNull())
      .addColumn("taken1", "bigint", (col) => col.notNull())
      .addColumn("taken2", "bigint", (col) => col.notNull())
      .addColumn("taken3", "bigint", (col) => col.notNull())
      .addPrimaryKeyConstraint("pk_seat_ledger", ["run_id", "seat_type", "seat_index"])
      .execute();
  },
};
