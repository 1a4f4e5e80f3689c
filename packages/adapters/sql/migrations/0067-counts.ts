/**
 * What the first page of operations counts stands in the indexes by which it is found: how many travel with an order, and amounts
 * of money. None of it changes once it is written, or only with what was there before, so that no further index has to be kept.
 */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { isMysql } from "./table.ts";

export const counts: Migration = {
  async up(db) {
    // On MySQL orders lie in thousands of tables and are counted by the search; a day's money is read from its rows, beside those who sell.
    if (isMysql(db)) return;
    await widen(db, "t_order", "idx_order_expiry", ["order_status", "expire_time", "passenger_count"]);
    await widen(db, "t_payment_trade", "idx_trade_paid", ["paid_at", "trade_no", "amount_fen"]);
    await widen(db, "t_payment_refund", "idx_refund_changed", ["update_time", "refund_no", "state", "amount_fen"]);
  },
};

/** Done again it makes the same. */
async function widen(db: Kysely<any>, table: string, index: string, on: readonly string[]): Promise<void> {
  const columns = sql.join(on.map((column) => sql.ref(column)));
  await sql`drop index if exists ${sql.ref(index)}`.execute(db);
  await sql`create index ${sql.ref(index)} on ${sql.table(table)} (${columns})`.execute(db);
}
