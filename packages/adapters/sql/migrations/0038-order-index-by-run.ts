/**
 * The index of orders by run has a row for each run of an order (docs/decisions/0045). Done again it changes nothing. Only several
 * processes on MySQL have it filled.
 */
import { sql } from "kysely";
import type { Migration } from "kysely/migration";
import { isMysql } from "./table.ts";

export const orderIndexByRun: Migration = {
  async up(db) {
    if (!isMysql(db)) return;
    await sql`alter table t_user_order_index drop primary key, add primary key (order_id, run_id)`.execute(db);
  },
};
