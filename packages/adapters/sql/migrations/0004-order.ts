import type { Migration } from "kysely/migration";
import { createTable, isMysql } from "./table.ts";

/**
 * Orders and tickets as in section 3.1.3 of the design document, corrected: ids are the application's, money is whole fen,
 * instants are milliseconds, state, coach and seat are per ticket, `slot` routes to the shard. The ledger replaces the stock
 * per origin–destination pair: one row a seat, its bits the segments on which it is taken.
 */
export const order: Migration = {
  async up(db) {
    // InnoDB keeps rows in the order of their primary key: one slot's orders lie together, as they do on a shard of their own.
    const slot = isMysql(db) ? ["slot"] : [];
    await createTable(
      db,
      "t_order",
      {
        id: "bigint",
        order_no: "varchar(32)",
        slot: "integer",
        user_id: "bigint",
        run_id: "varchar(32)",
        train_number: "varchar(20)",
        origin_date: "varchar(10)",
        boarding_date: "varchar(10)",
        from_stop: "integer",
        to_stop: "integer",
        departure_station: "varchar(64)",
        arrival_station: "varchar(64)",
        departure_name: "varchar(200)",
        arrival_name: "varchar(200)",
        departure_time: "bigint",
        arrival_time: "bigint",
        seat_type: "integer",
        passenger_count: "integer",
        together: "integer",
        preferences_unmet: "integer",
        total_price: "bigint",
        order_status: "integer",
        ended_because: "varchar(40) null",
        payment_no: "varchar(64) null",
        pay_time: "bigint null",
        expire_time: "bigint",
        idempotency_key: "varchar(64)",
        request_hash: "varchar(64)",
        create_time: "bigint",
        update_time: "bigint",
        version: "integer",
      },
      {
        primary: [...slot, "id"],
        indexes: {
          idx_order_user: ["user_id", "id"],
          // On MySQL `t_order_due` says which orders time will change.
          ...(isMysql(db) ? {} : { idx_order_expiry: ["order_status", "expire_time"] }),
        },
      },
    );

    await createTable(
      db,
      "t_order_detail",
      {
        order_id: "bigint",
        ticket_index: "integer",
        slot: "integer",
        ticket_no: "varchar(32)",
        passenger_id: "bigint",
        passenger_name: "varchar(50)",
        document_type: "integer",
        document_sealed: "varchar(255)",
        document_hash: "varchar(64)",
        document_masked: "varchar(40)",
        passenger_type: "integer",
        coach_no: "integer",
        seat_index: "integer",
        seat_number: "varchar(20)",
        ticket_price: "bigint",
        ticket_status: "integer",
        refund_fee: "bigint null",
        refund_amount: "bigint null",
      },
      { primary: [...slot, "order_id", "ticket_index"] },
    );

    await createTable(
      db,
      "t_seat_ledger",
      {
        ...(isMysql(db) ? ({ slot: "integer" } as const) : {}),
        run_id: "varchar(32)",
        seat_type: "integer",
        seat_index: "integer",
        taken0: "bigint",
        taken1: "bigint",
        taken2: "bigint",
        taken3: "bigint",
      },
      { primary: [...slot, "run_id", "seat_type", "seat_index"] },
    );
  },
};
