/**
 * The batch writer of accepted orders: raw prepared statements, because row-by-row queries built for each call are four to
 * seven times slower and this is the way every purchase takes.
 */
import type { Database } from "bun:sqlite";
import {
  detailRow,
  isReplacedRow,
  lineRows,
  orderRow,
  seatMask,
  studentRow,
  studentTripOf,
  tripOf,
  tripRows,
} from "@chepiao/adapters/sql";
import {
  type AcceptedTicket,
  codeOf,
  type OrderAccepted,
  type OrderLine,
  orderStates,
  type RefusalCode,
  seatClasses,
  ticketsOf,
} from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import {
  tripClaimsOf,
  firstRecord,
  type OrderStore,
  studentRefusal,
  studentTripsOf,
  type StudentYear,
  type Written,
} from "@chepiao/ports/order-store";
import {
  accountRefusal,
  documentsRefusal,
  type TripClaim,
  type TripLimits,
  tripLimitsDefault,
} from "@chepiao/ports/reservations";
import type { SqliteDatabase } from "./database.ts";

export const createOrderWriter =
  (database: SqliteDatabase): OrderStore["accept"] =>
  (orders, now, limits = tripLimitsDefault) =>
    database.batch((raw) => {
      const write = prepare(raw);
      return orders.map((order) => write(order, now, limits));
    });

type TripRow = Parameters<typeof tripOf>[0];
type StudentRow = Parameters<typeof studentTripOf>[0];

const prepared = new WeakMap<Database, WriteOrder>();

type WriteOrder = (order: OrderAccepted, now: EpochMs, limits: TripLimits) => Written;

function prepare(raw: Database): WriteOrder {
  const known = prepared.get(raw);
  if (known) return known;
  const insertOrder = insertInto(raw, "t_order", "on conflict (id) do nothing");
  const insertDetail = insertInto(raw, "t_order_detail", "");
  const insertLine = insertInto(raw, "t_order_line", "");
  // The guard of I1: the row changes only if none of the wanted segments is taken.
  const claimSeat = raw.query(`
    insert into t_seat_ledger (run_id, seat_type, seat_index, taken0, taken1, taken2, taken3)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    on conflict (run_id, seat_type, seat_index) do update set
      taken0 = taken0 | ?4, taken1 = taken1 | ?5, taken2 = taken2 | ?6, taken3 = taken3 | ?7
    where taken0 & ?4 = 0 and taken1 & ?5 = 0 and taken2 & ?6 = 0 and taken3 & ?7 = 0`);
  const unclaimSeat = raw.query(`
    update t_seat_ledger set
      taken0 = taken0 & ~?4, taken1 = taken1 & ~?5, taken2 = taken2 & ~?6, taken3 = taken3 & ~?7
    where run_id = ?1 and seat_type = ?2 and seat_index = ?3`);
  const tripsOf = raw.query("select * from t_document_trip where document_key = ?");
  const studentTripsIn = raw.query("select * from t_student_trip where document_key = ? and year_from = ?");
  const insertStudentTrip = insertInto(raw, "t_student_trip", "");
  const insertTrip = insertInto(raw, "t_document_trip", "");
  const deleteTrip = raw.query("delete from t_document_trip where document_key = ? and ticket_no = ?");
  const ticketCount = raw.query("select ticket_count from t_account_run where run_id = ? and user_id = ?");
  const countTickets = raw.query(`
    insert into t_account_run (run_id, user_id, ticket_count) values (?1, ?2, ?3)
    on conflict (run_id, user_id) do update set ticket_count = ticket_count + ?3`);
  const reject = raw.query("update t_order set order_status = ?2, ended_because = ?3 where id = ?1");
  const rejected = codeOf(orderStates, "rejected");

  /** All seats or none: null when every one was free. */
  function claimSeats(order: OrderAccepted): RefusalCode | null {
    for (const [n, line] of order.lines.entries()) {
      const tickets = ticketsOf(order, line);
      const lost = claimOnLine(line, tickets);
      if (lost < 0) continue;
      giveBackSeats(line, tickets.slice(0, lost));
      for (const before of order.lines.slice(0, n)) giveBackSeats(before, ticketsOf(order, before));
      return "SeatLost";
    }
    return null;
  }

  /** The first ticket whose seat is taken, or -1. */
  function claimOnLine({ runId, seatClass, fromStop, toStop }: OrderLine, tickets: readonly AcceptedTicket[]): number {
    const seatType = codeOf(seatClasses, seatClass);
    const mask = seatMask(fromStop, toStop);
    return tickets.findIndex(({ seatIndex }) => claimSeat.run(runId, seatType, seatIndex, ...mask).changes === 0);
  }

  function giveBackSeats({ runId, seatClass, fromStop, toStop }: OrderLine, tickets: readonly AcceptedTicket[]) {
    const seatType = codeOf(seatClasses, seatClass);
    const mask = seatMask(fromStop, toStop);
    for (const { seatIndex } of tickets) unclaimSeat.run(runId, seatType, seatIndex, ...mask);
  }

  /** The guard of I6, for all lines or none. The writer process is alone, so what is found stands until the order is there. */
  function claimTrips(order: OrderAccepted, limits: TripLimits): RefusalCode | null {
    const lines = tripClaimsOf(order);
    for (const [n, line] of lines.entries()) {
      const why = takeTrips(line, limits);
      if (!why) continue;
      lines.slice(0, n).forEach(giveBackTrips);
      for (const each of order.lines) giveBackSeats(each, ticketsOf(order, each));
      return why;
    }
    return null;
  }

  function claimStudentTrips(order: OrderAccepted, limits: TripLimits): RefusalCode | null {
    const asked = studentTripsOf(order, limits);
    if (asked.length === 0) return null;
    const counted = ({ documentHash, yearFrom }: StudentYear) =>
      (studentTripsIn.all(documentHash, yearFrom) as StudentRow[]).map(studentTripOf);
    const why = studentRefusal(order, asked, counted, limits);
    if (!why) asked.map(studentRow).forEach(insertStudentTrip);
    else {
      tripClaimsOf(order).forEach(giveBackTrips);
      for (const each of order.lines) giveBackSeats(each, ticketsOf(order, each));
    }
    return why?.code ?? null;
  }

  function takeTrips(line: TripClaim, limits: TripLimits): RefusalCode | null {
    const counted = ticketCount.get(line.runId, line.userId) as { ticket_count: number } | null;
    const why =
      accountRefusal(line, counted?.ticket_count ?? 0, limits) ??
      documentsRefusal(line, (documentKey) => inTheWay(line, documentKey).map(tripOf), limits);
    if (why) return why.code;
    for (const row of tripRows(line)) insertTrip(row);
    countTickets.run(line.runId, line.userId, line.trips.length);
    return null;
  }

  const inTheWay = (line: TripClaim, documentKey: string) =>
    (tripsOf.all(documentKey) as TripRow[]).filter((row) => !isReplacedRow(line, row));

  function giveBackTrips({ runId, userId, trips }: TripClaim) {
    for (const { documentHash, ticketNo } of trips) deleteTrip.run(documentHash, ticketNo);
    countTickets.run(runId, userId, -trips.length);
  }

  function write(order: OrderAccepted, now: EpochMs, limits: TripLimits): Written {
    if (insertOrder(orderRow(firstRecord(order, null), now)) === 0) return "known";
    const refusedBecause = claimSeats(order) ?? claimTrips(order, limits) ?? claimStudentTrips(order, limits);
    if (refusedBecause !== null) reject.run(order.orderId, rejected, refusedBecause);
    const record = firstRecord(order, refusedBecause);
    for (const row of lineRows(record)) insertLine(row);
    record.tickets.forEach((ticket, index) => insertDetail(detailRow(record, ticket, index)));
    return refusedBecause === null ? "pendingPayment" : "rejected";
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
