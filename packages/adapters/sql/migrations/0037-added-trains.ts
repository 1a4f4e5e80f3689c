/** Trains that are added: which runs are not open to everybody yet, what entries of the waitlist accept, and which of their trains are such. */
import type { Migration } from "kysely/migration";
import { addColumn, addIndex } from "./table.ts";

export const addedTrains: Migration = {
  async up(db) {
    await addColumn(db, "t_timetable", "added_runs", "mediumtext null");
    await addColumn(db, "t_waitlist_order", "added_trains", "text null");
    await addColumn(db, "t_waitlist_order", "added_until", "varchar(10) null");
    await addIndex(db, "t_waitlist_order", "idx_waitlist_added", ["added_until"]);
    await addColumn(db, "t_waitlist_item", "added_time", "bigint null");
  },
};
