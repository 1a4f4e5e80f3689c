/**
 * Trips by document, the last guard of I6 (docs/decisions/0027), where a passenger's trips and the orders that they belong to may lie on
 * different servers.
 *
 * Intervals that overlap are no unique key. So a document has a row that is locked while its trips are read, decided on and written:
 * in one transaction, on the one server where all of it lies. Several writers decide about one passenger one after the other.
 *
 * Trips are claimed for an order and committed before its row is written, and forgotten after a change of its row was committed. A crash
 * in between leaves a trip whose order has ended, or was refused. It does no harm: a trip that is in a buyer's way counts only as
 * long as its order says so, which is asked whenever one is. An order that is not a row yet is on its way: its trips count.
 */
import type { Kysely, Transaction } from "kysely";
import { isReplacedRow, slotOfText, tripOf, tripRows } from "@chepiao/adapters/sql";
import type { OrderAccepted, RefusalCode } from "@chepiao/contracts";
import { dayMs, dayNumber, type OrderId, type ServiceDate } from "@chepiao/kernel";
import {
  endedTripsOf,
  type OrderRecord,
  studentRefusal,
  type StudentTrip,
  studentTripsOf,
  type StudentYear,
  tripClaimsOf,
} from "@chepiao/ports/order-store";
import { documentsRefusal, type TripClaim, type TripLimits } from "@chepiao/ports/reservations";
import { inLockingOrder, insertRows, padded, pagesOf } from "./batches.ts";
import { type DocumentTrip, documentTripsOf, withSlot } from "./documentTripRows.ts";
import { ordersById } from "./orderReader.ts";
import type { MysqlTables } from "./tables.ts";
import { endStudentTrips, insertStudentTrips, studentTripsFound } from "./studentTrips.ts";
import { transactionsOn } from "./transaction.ts";

export type DocumentTrips = {
  /** Tells for each order, in the order given, why it may not have its trips; null where they are now its own. Durable on return. */
  claim(orders: readonly OrderAccepted[], limits: TripLimits): Promise<(RefusalCode | null)[]>;
  /** Forgets trips that those orders, as they are now, have given up. What stays behind costs whom it is in the way of a look. */
  forgetEnded(orders: readonly OrderRecord[]): Promise<void>;
  /** Forgets trips that ended before that day, so many at most. */
  forget(before: ServiceDate): Promise<void>;
};

const forgottenAtOnce = 5_000;

export function createDocumentTrips(db: Kysely<MysqlTables>): DocumentTrips {
  const inTransaction = transactionsOn(db);
  return {
    async claim(orders, limits) {
      if (orders.length === 0) return [];
      return inTransaction((trx) => takeTrips(trx, orders, limits));
    },
    async forgetEnded(orders) {
      const rows = orders.flatMap((order) => endedTripsOf(order).flatMap(tripRows).map(withSlot));
      if (rows.length === 0) return;
      await inTransaction(async (trx) => {
        await remove(trx, rows);
        await endStudentTrips(trx, orders);
      });
    },
    async forget(before) {
      const rows = await inTransaction((trx) =>
        trx
          .selectFrom("t_document_trip")
          .select(["slot", "document_key", "ticket_no"])
          .where("arrival_time", "<", dayNumber(before) * dayMs)
          .limit(forgottenAtOnce)
          .execute(),
      );
      if (rows.length > 0) await inTransaction((trx) => remove(trx, rows));
    },
  };
}

async function takeTrips(
  trx: Transaction<MysqlTables>,
  orders: readonly OrderAccepted[],
  limits: TripLimits,
): Promise<(RefusalCode | null)[]> {
  const claims = orders.map(tripClaimsOf);
  const keys = inLockingOrder([...documentsOf(claims.flat())].toSorted(), slotOfText);
  await lockDocuments(trx, keys);
  const found = await documentTripsOf(trx, keys);
  const students = await studentTripsFound(trx, orders, limits);
  let decided = decide(orders, { found, students }, limits);
  const disputed = documentsOf(claims.filter((_, n) => decided.refusals[n] !== null).flat());
  const ended = await endedAmong(
    trx,
    found.filter(({ document_key }) => disputed.has(document_key)),
  );
  if (ended.size > 0) {
    await remove(trx, [...ended]);
    decided = decide(orders, { found: found.filter((row) => !ended.has(row)), students }, limits);
  }
  // Again where an earlier attempt, or another writer, has done the same.
  await insertRows(
    trx,
    "t_document_trip",
    inLockingOrder(decided.taken, ({ slot }) => slot),
    keepAsItIs,
  );
  await insertStudentTrips(trx, decided.studentTrips);
  return decided.refusals;
}

const documentsOf = (claims: readonly TripClaim[]) =>
  new Set(claims.flatMap(({ trips }) => trips.map(({ documentHash }) => documentHash)));

type Counted = { readonly found: readonly DocumentTrip[]; readonly students: readonly StudentTrip[] };

/** One after the other, each on what those before it have taken. Of an order's own only its other lines are in its way. */
function decide(orders: readonly OrderAccepted[], { found, students }: Counted, limits: TripLimits) {
  const studentTrips: StudentTrip[] = [];
  const countedOf = ({ documentHash, yearFrom }: StudentYear) =>
    [...students, ...studentTrips].filter((trip) => trip.documentHash === documentHash && trip.yearFrom === yearFrom);
  const counted: Map<string, DocumentTrip[]> = Map.groupBy(found, ({ document_key }) => document_key);
  const taken: DocumentTrip[] = [];
  const refusals = orders.map((order) => {
    const lines = tripClaimsOf(order);
    const own: DocumentTrip[] = [];
    for (const line of lines) {
      const inTheWay = (key: string) => [
        ...(counted.get(key) ?? []).filter((row) => row.order_id !== line.orderId && !isReplacedRow(line, row)),
        ...own.filter(({ document_key }) => document_key === key),
      ];
      const why = documentsRefusal(line, (key) => inTheWay(key).map(tripOf), limits);
      if (why) return why.code;
      own.push(...tripRows(line).map(withSlot));
    }
    const asked = studentTripsOf(order, limits);
    const why = studentRefusal(order, asked, countedOf, limits);
    if (why) return why.code;
    studentTrips.push(...asked);
    taken.push(...own);
    for (const row of own) counted.set(row.document_key, [...(counted.get(row.document_key) ?? []), row]);
    return null;
  });
  return { refusals, taken, studentTrips };
}

/** The trips that their orders have given up. */
async function endedAmong(
  trx: Transaction<MysqlTables>,
  rows: readonly DocumentTrip[],
): Promise<ReadonlySet<DocumentTrip>> {
  const ended = new Set<string>();
  const orderIds = new Set(rows.map(({ order_id }) => order_id as OrderId));
  for (const page of pagesOf([...orderIds])) {
    for (const order of await ordersById(trx, page))
      for (const { trips } of endedTripsOf(order)) for (const { ticketNo } of trips) ended.add(ticketNo);
  }
  return new Set(rows.filter(({ ticket_no }) => ended.has(ticket_no)));
}

const keepAsItIs = "on duplicate key update slot = values(slot)";

/** Held to the end of the transaction, also where the row was there. */
const lockDocuments = (trx: Transaction<MysqlTables>, keys: readonly string[]) =>
  insertRows(
    trx,
    "t_document_lock",
    keys.map((document_key) => ({ document_key, slot: slotOfText(document_key) })),
    keepAsItIs,
  );

async function remove(
  trx: Transaction<MysqlTables>,
  rows: readonly Pick<DocumentTrip, "slot" | "document_key" | "ticket_no">[],
): Promise<void> {
  for (const page of pagesOf(inLockingOrder(rows, ({ slot }) => slot))) {
    await trx
      .deleteFrom("t_document_trip")
      .where((the) =>
        the.or(padded(page).map(({ slot, document_key, ticket_no }) => the.and({ slot, document_key, ticket_no }))),
      )
      .execute();
  }
}
