/**
 * The waitlist (docs/decisions/0036): entries with the trains that they name, releases of seats for their stories, and runs that take no
 * entries. An entry lives where the order lies that it becomes, whose id it has. A payment says what it is for, and an order by which line
 * its seats are held: orders and payments that are there are what they were.
 */
import type { Migration } from "kysely/migration";
import { addColumn, createTable } from "./table.ts";

export const waitlist: Migration = {
  async up(db) {
    await addColumn(db, "t_payment", "purpose", "integer not null default 0");
    await addColumn(db, "t_order", "hold_line", "integer not null default 0");
    await createTable(
      db,
      "t_waitlist_order",
      {
        id: "bigint",
        waitlist_no: "varchar(32)",
        slot: "integer",
        user_id: "bigint",
        status: "integer",
        pending_no: "integer null",
        version: "integer",
        passengers: "text",
        accepts_standing: "integer",
        deadline_minutes: "integer",
        prepay_fen: "bigint",
        prepay_by: "bigint",
        payment_no: "varchar(32) null",
        captured_at: "bigint null",
        captured_mac: "varchar(64) null",
        place: "bigint null",
        granted_choice: "integer null",
        granted_type: "integer null",
        grant_count: "integer",
        idempotency_key: "varchar(64)",
        request_hash: "varchar(64)",
        ended_because: "varchar(40) null",
        end_time: "bigint null",
        next_time: "bigint null",
        create_time: "bigint",
        update_time: "bigint",
      },
      {
        primary: ["id"],
        unique: {
          uq_waitlist_key: ["user_id", "idempotency_key", "slot"],
          uq_waitlist_pending: ["user_id", "pending_no", "slot"],
        },
        indexes: { idx_waitlist_next: ["next_time"] },
      },
    );
    await createTable(
      db,
      "t_waitlist_item",
      {
        entry_id: "bigint",
        choice: "integer",
        slot: "integer",
        run_id: "varchar(64)",
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
        seat_types: "varchar(40)",
        ended_because: "varchar(40) null",
        end_time: "bigint null",
        waits: "integer",
      },
      { primary: ["entry_id", "choice"], indexes: { idx_waitlist_item_run: ["waits", "run_id"] } },
    );
    await createTable(
      db,
      "t_waitlist_release",
      {
        run_id: "varchar(64)",
        release_time: "bigint",
        seat_type: "integer",
        from_stop: "integer",
        to_stop: "integer",
        first_seat: "integer",
        slot: "integer",
        seat_count: "integer",
        grants: "text",
      },
      { primary: ["run_id", "release_time", "seat_type", "from_stop", "to_stop", "first_seat"] },
    );
    await createTable(
      db,
      "t_waitlist_stop",
      { run_id: "varchar(64)", slot: "integer", create_time: "bigint" },
      { primary: ["run_id"] },
    );
  },
};
