/**
 * Orders for those who keep something in line with them: some, by their ids, those of a run, or all there are. Always read from
 * primaries, and the order's row before its tickets', so that an order of some version never comes with tickets of an older one.
 */
import type { Kysely } from "kysely";
import {
  type DetailRow,
  isTorn,
  type LineRow,
  type OrderRow,
  readsMax,
  recordOf,
  standingsOf,
} from "@chepiao/adapters/sql";
import { type OrderId, type Slot, slotCount, slotOfOrder } from "@chepiao/kernel";
import type { KnownOrder, OrderRecord, OrdersOfRuns } from "@chepiao/ports/order-store";
import { padded, pagesOf } from "./batches.ts";
import { ordersOfDocuments } from "./documentTripRows.ts";
import { seatClaimsOf } from "./seatLedger.ts";
import type { MysqlDatabase } from "./database.ts";
import type { MysqlTables } from "./tables.ts";
import { transactionsOn } from "./transaction.ts";

export type OrderReader = OrdersOfRuns & {
  /** Every order, in pages, slot by slot: a statement without a slot would be asked of every table there is. */
  all(): AsyncIterable<readonly OrderRecord[]>;
};

const pageSize = 1_000;
/** A divisor of their number. */
const slotsAtOnce = 128;

export function createOrderReader({ sql }: MysqlDatabase): OrderReader {
  // Orders of several servers: in a transaction, or a proxy would keep silent about servers that did not answer.
  const inTransaction = transactionsOn(sql);

  const some = (orderIds: readonly OrderId[]): Promise<OrderRecord[]> =>
    inTransaction(async (trx) => {
      const orders: OrderRecord[] = [];
      for (const ids of pagesOf(orderIds)) orders.push(...(await ordersById(trx, ids)));
      return orders;
    });

  /** Found from slot to slot by the key. Where there are few orders this saves two thousand journeys, and elsewhere it costs few. */
  async function* slotsInUse(): AsyncIterable<Slot> {
    for (let first = 0; first < slotCount; first += slotsAtOnce) {
      const asked = Array.from({ length: slotsAtOnce }, (_, n) => first + n);
      const rows = await inTransaction((trx) =>
        trx.selectFrom("t_order").select("slot").where("slot", "in", asked).groupBy("slot").execute(),
      );
      yield* rows.map(({ slot }) => slot as Slot);
    }
  }

  async function page(slot: Slot, after: number): Promise<OrderRecord[]> {
    const rows = await sql
      .selectFrom("t_order")
      .selectAll()
      .where("slot", "=", slot)
      .where("id", ">", after)
      .orderBy("id")
      .limit(pageSize)
      .execute();
    if (rows.length === 0) return [];
    const details = await sql
      .selectFrom("t_order_detail")
      .selectAll()
      .where("slot", "=", slot)
      .where("order_id", ">=", rows[0]!.id)
      .where("order_id", "<=", rows.at(-1)!.id)
      .orderBy("order_id")
      .orderBy("ticket_index")
      .execute();
    return assembled(rows, details, await lineRowsOf(sql, rows));
  }

  return {
    some,
    async ofRun(runId) {
      const claims = await seatClaimsOf(sql, runId).select("order_id").distinct().execute();
      return some(claims.map(({ order_id }) => order_id as OrderId));
    },
    ofTravellers: async ({ trips }) =>
      some(
        await ordersOfDocuments(
          sql,
          trips.map(({ documentHash }) => documentHash),
        ),
      ),
    async *all() {
      for await (const slot of slotsInUse()) {
        for (let after = 0; ;) {
          const orders = await page(slot, after);
          if (orders.length > 0) yield orders;
          if (orders.length < pageSize) break;
          after = orders.at(-1)!.orderId;
        }
      }
    },
  };
}

/** Those that are there, in the order of the ids. */
export async function ordersById(db: Kysely<MysqlTables>, orderIds: readonly OrderId[]): Promise<OrderRecord[]> {
  let orders = await readOnce(db, orderIds);
  for (let reads = 1; reads < readsMax && orders.some(isTorn); reads++) {
    const again = await readOnce(
      db,
      orders.filter(isTorn).map(({ orderId }) => orderId),
    );
    const byId = new Map(again.map((order) => [order.orderId, order]));
    orders = orders.map((order) => byId.get(order.orderId) ?? order);
  }
  return orders;
}

/** Pairs: a list of slots beside a list of ids would be asked of each named table in each named database. */
const placesOf = (orderIds: readonly OrderId[]) => padded(orderIds).map((id) => ({ slot: slotOfOrder(id), id }));

/** Of those that are there. */
export async function standingsById(db: Kysely<MysqlTables>, orderIds: readonly OrderId[]) {
  const standings = new Map<OrderId, KnownOrder>();
  for (const page of pagesOf(orderIds)) {
    const rows = await db
      .selectFrom("t_order")
      .select(["id", "order_status", "ended_because", "create_time"])
      .where((the) => the.or(placesOf(page).map(({ slot, id }) => the.and({ slot, id }))))
      .execute();
    for (const [id, standing] of standingsOf(rows)) standings.set(id, standing);
  }
  return standings;
}

async function readOnce(db: Kysely<MysqlTables>, orderIds: readonly OrderId[]): Promise<OrderRecord[]> {
  if (orderIds.length === 0) return [];
  const asked = placesOf(orderIds);
  const rows = await db
    .selectFrom("t_order")
    .selectAll()
    .where((the) => the.or(asked.map(({ slot, id }) => the.and({ slot, id }))))
    .execute();
  const details = await db
    .selectFrom("t_order_detail")
    .selectAll()
    .where((the) => the.or(asked.map(({ slot, id }) => the.and({ slot, order_id: id }))))
    .orderBy("ticket_index")
    .execute();
  const lines = await lineRowsOf(db, rows);
  const byId = new Map(assembled(rows, details, lines).map((order) => [order.orderId, order]));
  return orderIds.flatMap((id) => byId.get(id) ?? []);
}

function assembled(rows: readonly OrderRow[], details: readonly DetailRow[], lines: readonly LineRow[]): OrderRecord[] {
  const detailsByOrder = Map.groupBy(details, (detail) => detail.order_id);
  const linesByOrder = Map.groupBy(lines, (line) => line.order_id);
  return rows.map((row) => recordOf(row, detailsByOrder.get(row.id) ?? [], linesByOrder.get(row.id)));
}

/** The lines of those orders that have several, order by order. Most have one, and nothing is asked. */
export async function lineRowsOf(
  db: Kysely<MysqlTables>,
  orders: readonly Pick<OrderRow, "id" | "line_count">[],
): Promise<LineRow[]> {
  const ids = orders.filter((order) => order.line_count > 1).map(({ id }) => id as OrderId);
  const lines: LineRow[] = [];
  for (const page of pagesOf(ids)) {
    const rows = await db
      .selectFrom("t_order_line")
      .selectAll()
      .where((the) => the.or(placesOf(page).map(({ slot, id }) => the.and({ slot, order_id: id }))))
      .orderBy("order_id")
      .orderBy("line_index")
      .execute();
    lines.push(...rows);
  }
  return lines;
}
