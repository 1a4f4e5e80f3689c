/** Orders for the process that keeps a read model of them beside a running platform. */
import { type DetailRow, linesOf, type OrderRow, recordOf } from "@chepiao/adapters/sql";
import type { OrderId } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { ReadableSqlite } from "./database.ts";

export type SqliteOrderReader = {
  /** Every order, page by page. */
  all(): AsyncIterable<readonly OrderRecord[]>;
  /**
   * Those that another keeps in another version, or not at all: what has changed since it looked last. Ids and versions of all
   * orders are walked over, half a second for each million, and nobody who writes an order has to remember that it changed.
   */
  unlike(known: Known): AsyncIterable<readonly OrderRecord[]>;
  /** Of those, only what another keeps. */
  changed(known: Known): AsyncIterable<readonly OrderRecord[]>;
};

/** Versions that another keeps, from one id to another. */
type Known = (from: OrderId, to: OrderId) => ReadonlyMap<OrderId, number>;

const pageSize = 5_000;
/** Bound to one statement. */
const readAtOnce = 500;
const versions = `select id, version from t_order where id > ?1 order by id limit ${pageSize}`;

export function createSqliteOrderReader(database: ReadableSqlite): SqliteOrderReader {
  async function* pages() {
    for (let last = -1; ;) {
      const page = await database.read((raw) => raw.query(versions).values(last) as [OrderId, number][]);
      if (page.length > 0) yield page;
      if (page.length < pageSize) return;
      last = page.at(-1)![0];
      // Beside a platform that serves, on its thread: everybody has his turn.
      await new Promise(setImmediate);
    }
  }

  async function* read(ids: readonly OrderId[]) {
    for (let first = 0; first < ids.length; first += readAtOnce)
      yield await ordersById(database, ids.slice(first, first + readAtOnce));
  }

  return {
    async *all() {
      for await (const page of pages()) yield* read(page.map(([id]) => id));
    },
    async *unlike(known) {
      for await (const page of pages()) {
        const have = known(page[0]![0], page.at(-1)![0]);
        yield* read(page.filter(([id, version]) => have.get(id) !== version).map(([id]) => id));
      }
    },
    async *changed(known) {
      for await (const page of pages()) {
        const have = known(page[0]![0], page.at(-1)![0]);
        yield* read(page.filter(([id, version]) => have.has(id) && have.get(id) !== version).map(([id]) => id));
      }
    },
  };
}

/** The order's row before its tickets', so that an order of some version never comes with tickets of an older one. */
export async function ordersById({ sql }: ReadableSqlite, ids: readonly OrderId[]): Promise<OrderRecord[]> {
  const rows: OrderRow[] = await sql.selectFrom("t_order").selectAll().where("id", "in", ids).orderBy("id").execute();
  const details: DetailRow[] = await sql
    .selectFrom("t_order_detail")
    .selectAll()
    .where("order_id", "in", ids)
    .orderBy("ticket_index")
    .execute();
  const byOrder = Map.groupBy(details, (detail) => detail.order_id);
  const lines = await linesOf(sql, rows);
  return rows.map((row) => recordOf(row, byOrder.get(row.id) ?? [], lines.get(row.id)));
}
