/**
 * Orders of several lines (docs/decisions/0030). An order that was there has one, line 0, and its rows stay as they are: `t_order` says
 * what its only line is. Of an order with more, `t_order` says its first line, but for `arrival_time`, when the last of its trips is
 * over; all of its lines are in `t_order_line`.
 */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { addColumn, createTable, isMysql } from "./table.ts";

export const orderLines: Migration = {
  async up(db) {
    await addColumn(db, "t_order", "line_count", "integer not null default 1");
    await addColumn(db, "t_order_detail", "line_index", "integer not null default 0");
    await createTable(
      db,
      "t_order_line",
      {
        order_id: "bigint",
        line_index: "integer",
        slot: "integer",
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
        together: "integer",
        preferences_unmet: "integer",
      },
      { primary: ["order_id", "line_index"] },
    );
    if (isMysql(db)) await nameClaimsByLine(db);
  },
};

/** Two lines may have seats of one number: in two classes, or one seat over two ways. */
async function nameClaimsByLine(db: Kysely<any>) {
  await addColumn(db, "t_order_due", "line_count", "integer not null default 1");
  await withLineInKey(db, "t_seat_claim", ["slot", "run_id", "order_id", "line_index", "seat_index"]);
  await withLineInKey(db, "t_seat_release", ["order_id", "line_index", "seat_index"]);
}

/** Column and key are one statement: a migration that died is told by the column that both are there. */
async function withLineInKey(db: Kysely<any>, table: string, key: readonly string[]) {
  await addColumn(
    db,
    table,
    "line_index",
    `integer not null default 0, drop primary key, add primary key (${key.join(", ")})`,
  );
}
