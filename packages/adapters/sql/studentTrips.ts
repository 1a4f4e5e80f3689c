/** `t_student_trip`, where documents and orders lie on one server: trips at the student fare that count (docs/decisions/0057). */
import type { Kysely, Transaction } from "kysely";
import { endedStudentTripsOf, type OrderRecord, type StudentTrip, type StudentYear } from "@chepiao/ports/order-store";
import { studentTripOf } from "./orders.rows.ts";
import type { Tables } from "./tables.ts";

/** What the order has given up, in the transaction in which it does. */
export async function endStudentTrips(trx: Transaction<Tables>, order: OrderRecord): Promise<void> {
  for (const { documentHash, ticketNo } of endedStudentTripsOf(order))
    await trx
      .deleteFrom("t_student_trip")
      .where("document_key", "=", documentHash)
      .where("ticket_no", "=", ticketNo)
      .execute();
}

export async function studentTripsOf(
  db: Kysely<Tables>,
  { documentHash, yearFrom }: StudentYear,
): Promise<StudentTrip[]> {
  const rows = await db
    .selectFrom("t_student_trip")
    .selectAll()
    .where("document_key", "=", documentHash)
    .where("year_from", "=", yearFrom)
    .execute();
  return rows.map(studentTripOf);
}
