/**
 * The batch writer of accepted orders: raw prepared statements, because row-by-row queries built for each call are four to
 * seven times slower and this is the way every purchase takes.
 */
import type { Database } from "bun:sqlite";
import { detailRow, orderRow, seatMask } from "@chepiao/adapters/sql";
import { codeOf, type OrderAccepted, orderStates, seatClasses } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import { firstRecord, type OrderStore, type Written } from "@chepiao/ports/order-store";
import type { SqliteDatabase } from "./database.ts";

export const createOrderWriter =
  (database: SqliteDatabase): OrderStore["accept"] =>
  (orders, now) =>
    database.batch((raw) => {
      const write = prepare(raw);
      return orders.map((order) => write(order, now));
    });

const prepared = new WeakMap<Database, (order: OrderAccepted, now: EpochMs) => Written>();

function prepare(raw: Database): (order: OrderAccepted, now: EpochMs) => Written {
  const known = prepared.get(raw);
  if (known) return known;
  const insertOrder = insertInto(raw, "t_order", "on conflict (id) do nothing");
  const insertDetail = insertInto(raw, "t_order_detail", "");
  // The guard of I1: the row changes only if none of the wanted segments is taken.
  const claim = raw.query(`
    insert into t_seat_ledger (run_id, seat_type, seat_index, taken0, taken1, taken2, taken3)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    on conflict (run_id, seat_type, seat_index) do update set
      taken0 = taken0 | ?4, taken1 = taken1 | ?5, taken2 = taken2 | ?6, taken3 = taken3 | ?7
    where taken0 & ?4 = 0 and taken1 & ?5 = 0 and taken2 & ?6 = 0 and taken3 & ?7 = 0`);
  const unclaim = raw.query(`
    update t_seat_ledger set
      taken0 = taken0 & ~?4, taken1 = taken1 & ~?5, taken2 = taken2 & ~?6, taken3 = taken3 & ~?7
    where run_id = ?1 and seat_type = ?2 and seat_index = ?3`);
  const reject = raw.query("update t_order set order_status = ?2, ended_because = ?3 where id = ?1");
  const rejected = codeOf(orderStates, "rejected");

  /** All seats or none: true when every one was free. */
  function claimSeats(order: OrderAccepted): boolean {
    const seatType = codeOf(seatClasses, order.seatClass);
    const mask = seatMask(order.fromStop, order.toStop);
    const lost = order.tickets.findIndex(
      ({ seatIndex }) => claim.run(order.runId, seatType, seatIndex, ...mask).changes === 0,
    );
    if (lost < 0) return true;
    for (const { seatIndex } of order.tickets.slice(0, lost)) unclaim.run(order.runId, seatType, seatIndex, ...mask);
    return false;
  }

  function write(order: OrderAccepted, now: EpochMs): Written {
    if (insertOrder(orderRow(firstRecord(order, true), now)) === 0) return "known";
    const claimed = claimSeats(order);
    if (!claimed) reject.run(order.orderId, rejected, "SeatLost");
    const record = firstRecord(order, claimed);
    record.tickets.forEach((ticket, index) => insertDetail(detailRow(record, ticket, index)));
    return claimed ? "pendingPayment" : "rejected";
  }
  prepared.set(raw, write);
  return write;
}

/** A prepared insert that takes a row as an object; answers how many rows it added. */
function insertInto(raw: Database, table: string, clause: string): (row: object) => number {
  const columns = (raw.query(`select name from pragma_table_info('${table}')`).all() as { name: string }[]).map(
    ({ name }) => name,
  );
  const statement = raw.query(
    `insert into ${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")}) ${clause}`,
  );
  return (row) => {
    const values = row as Record<string, string | number | null>;
    return statement.run(...columns.map((column) => values[column] ?? null)).changes;
  };
}
