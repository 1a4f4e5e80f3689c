/** Rows of `t_document_trip`, which lie where the key of their document does. */
import type { Kysely, Transaction } from "kysely";
import { slotOfText, type tripRows } from "@chepiao/adapters/sql";
import type { OrderId } from "@chepiao/kernel";
import { padded, pagesOf } from "./batches.ts";
import type { MysqlTables } from "./tables.ts";
import { transactionsOn } from "./transaction.ts";

type Row = ReturnType<typeof tripRows>[number];
export type DocumentTrip = Row & { readonly slot: number };

export const withSlot = (row: Row): DocumentTrip => ({ ...row, slot: slotOfText(row.document_key) });

/**
 * As they are now, where it is the first read of its transaction: that is when its view of the database begins. One table a database, and
 * a list a database is no more than a look by the key for each.
 */
export async function documentTripsOf(trx: Transaction<MysqlTables>, keys: readonly string[]): Promise<DocumentTrip[]> {
  const rows: DocumentTrip[] = [];
  for (const page of pagesOf(keys)) {
    const asked = padded(page);
    const found = await trx
      .selectFrom("t_document_trip")
      .selectAll()
      .where("slot", "in", padded([...new Set(asked.map(slotOfText))]))
      .where("document_key", "in", asked)
      .execute();
    rows.push(...found);
  }
  return rows;
}

/** Orders that count, or have counted until just now, against one of those documents. */
export async function ordersOfDocuments(db: Kysely<MysqlTables>, keys: readonly string[]): Promise<OrderId[]> {
  const rows = await transactionsOn(db)((trx) => documentTripsOf(trx, keys));
  return [...new Set(rows.map(({ order_id }) => order_id as OrderId))];
}
