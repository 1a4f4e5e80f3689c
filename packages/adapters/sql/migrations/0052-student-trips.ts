/**
 * Trips at the student fare by document and school year (docs/decisions/0057). What was sold before is not counted: a student begins with all of the
 * year's trips.
 */
import type { Migration } from "kysely/migration";
import { createTable, isMysql } from "./table.ts";

export const studentTrips: Migration = {
  up: (db) =>
    createTable(
      db,
      "t_student_trip",
      {
        document_key: "varchar(96)",
        year_from: "varchar(10)",
        ticket_no: "varchar(32)",
        ...(isMysql(db) ? ({ slot: "integer" } as const) : {}),
        order_id: "bigint",
      },
      { primary: ["document_key", "ticket_no"], indexes: { idx_student_trip_year: ["year_from"] } },
    ),
};
