/**
 * Trips at the student fare (docs/decisions/0057) where a document and the orders of its trips may lie on different servers. They lie with the
 * document's other trips, and are read and written while its row is locked (`documentTrips.ts`). A row whose order has given it up and that a crash
 * has left behind counts for nobody: its order is asked.
 */
import type { Kysely, Transaction } from "kysely";
import { slotOfText, studentRow, studentTripOf } from "@chepiao/adapters/sql";
import type { OrderAccepted } from "@chepiao/contracts";
import { addDays, type OrderId, type ServiceDate } from "@chepiao/kernel";
import {
  daysOfYear,
  endedStudentTripsOf,
  type OrderRecord,
  type StudentTrip,
  studentTripsOf,
  type StudentYear,
} from "@chepiao/ports/order-store";
import type { TripLimits } from "@chepiao/ports/reservations";
import { inLockingOrder, insertRows, padded, pagesOf } from "./batches.ts";
import { ordersById } from "./orderReader.ts";
import type { MysqlTables } from "./tables.ts";
import { transactionsOn } from "./transaction.ts";

type Place = { readonly documentHash: string; readonly ticketNo: string };

/** In the view of the database that the transaction has: after the documents were locked and their trips read. */
async function readTrips(trx: Transaction<MysqlTables>, documents: readonly string[]): Promise<StudentTrip[]> {
  const trips: StudentTrip[] = [];
  for (const page of pagesOf(documents)) {
    const asked = padded(page);
    const rows = await trx
      .selectFrom("t_student_trip")
      .selectAll()
      .where("slot", "in", padded([...new Set(asked.map(slotOfText))]))
      .where("document_key", "in", asked)
      .execute();
    trips.push(...rows.map(studentTripOf));
  }
  return trips;
}

/** Those of whoever buys at the student fare in this batch; mostly nobody is asked about. */
export async function studentTripsFound(
  trx: Transaction<MysqlTables>,
  orders: readonly OrderAccepted[],
  limits: TripLimits,
): Promise<StudentTrip[]> {
  const asked = orders.flatMap((order) => studentTripsOf(order, limits));
  const documents = [...new Set(asked.map(({ documentHash }) => documentHash))];
  return documents.length === 0 ? [] : withoutEnded(trx, await readTrips(trx, documents));
}

/** An order that is no row yet is on its way, and counts. */
async function withoutEnded(trx: Transaction<MysqlTables>, trips: readonly StudentTrip[]): Promise<StudentTrip[]> {
  const ended = new Set<string>();
  for (const page of pagesOf([...new Set(trips.map(({ orderId }) => orderId))] as OrderId[]))
    for (const order of await ordersById(trx, page))
      for (const { ticketNo } of endedStudentTripsOf(order)) ended.add(ticketNo);
  return trips.filter(({ ticketNo }) => !ended.has(ticketNo));
}

/** Again where an earlier attempt has done the same. */
export const insertStudentTrips = (trx: Transaction<MysqlTables>, trips: readonly StudentTrip[]): Promise<void> =>
  insertRows(
    trx,
    "t_student_trip",
    inLockingOrder(
      trips.map((trip) => ({ ...studentRow(trip), slot: slotOfText(trip.documentHash) })),
      ({ slot }) => slot,
    ),
    "on duplicate key update slot = values(slot)",
  );

export async function endStudentTrips(trx: Transaction<MysqlTables>, orders: readonly OrderRecord[]): Promise<void> {
  const ended: Place[] = orders.flatMap(endedStudentTripsOf);
  const rows = ended.map(({ documentHash, ticketNo }) => ({
    slot: slotOfText(documentHash),
    document_key: documentHash,
    ticket_no: ticketNo,
  }));
  for (const page of pagesOf(inLockingOrder(rows, ({ slot }) => slot)))
    await trx
      .deleteFrom("t_student_trip")
      .where((the) => the.or(padded(page).map((row) => the.and(row))))
      .execute();
}

/** From primaries: what was just given back is there again. */
export const studentTripsCounted = (
  db: Kysely<MysqlTables>,
  asked: readonly StudentYear[],
): Promise<readonly (readonly StudentTrip[])[]> =>
  transactionsOn(db)(async (trx) => {
    const trips = await withoutEnded(trx, await readTrips(trx, [...new Set(asked.map((each) => each.documentHash))]));
    return asked.map(({ documentHash, yearFrom }) =>
      trips.filter((trip) => trip.documentHash === documentHash && trip.yearFrom === yearFrom),
    );
  });

export const forgetStudentTrips = (trx: Transaction<MysqlTables>, before: ServiceDate) =>
  trx.deleteFrom("t_student_trip").where("year_from", "<", addDays(before, -daysOfYear)).execute();
