/** Seats of runs long past leave the ledger, a few runs at a time, and so does what limits count: a sale meanwhile hardly waits. */
import { addDays, dayMs, dayNumber } from "@chepiao/kernel";
import { daysOfYear, type OrderStore } from "@chepiao/ports/order-store";
import type { SqliteDatabase } from "./database.ts";

/** From each run to the next by the key: a run has thousands of rows, and none of them is looked at. */
const runsBefore = `
  with recursive run (id) as (
    select min(run_id) from t_seat_ledger
    union all
    select (select min(run_id) from t_seat_ledger where run_id > run.id) from run where run.id is not null
  )
  select id from run where id is not null and substr(id, instr(id, '/') + 1) < ?1 limit ?2`;

const tripsAtOnce = 50_000;
const tripsBefore = `
  delete from t_document_trip where (document_key, ticket_no) in
    (select document_key, ticket_no from t_document_trip where arrival_time < ?1 limit ?2)`;

export const createPastRuns =
  (database: SqliteDatabase): OrderStore["forgetRuns"] =>
  (before, limit) =>
    database.batch((raw) => {
      const runs = raw.query(runsBefore).values(before, limit) as [string][];
      for (const [id] of runs) {
        raw.query("delete from t_seat_ledger where run_id = ?").run(id);
        raw.query("delete from t_account_run where run_id = ?").run(id);
      }
      raw.query("delete from t_mistake_refund where refund_date < ?").run(before);
      raw.query("delete from t_student_trip where year_from < ?").run(addDays(before, -daysOfYear));
      raw.query(tripsBefore).run(dayNumber(before) * dayMs, tripsAtOnce);
      return runs.length;
    });
