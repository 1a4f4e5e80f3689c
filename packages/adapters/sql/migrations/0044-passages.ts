/**
 * Which gates let the passenger of a ticket in and out (docs/decisions/0049). Nobody knows it of tickets that are there. Orders of several trips
 * are few among those that were not travelled yet, and each is looked for by the end of its first trip.
 */
import { sql } from "kysely";
import type { Migration } from "kysely/migration";
import { addColumn, isMysql } from "./table.ts";

export const passages: Migration = {
  async up(db) {
    await addColumn(db, "t_order_detail", "passages", "text null");
    if (isMysql(db)) return;
    await sql`create index idx_order_several on t_order (order_status) where line_count > 1`.execute(db);
  },
};
