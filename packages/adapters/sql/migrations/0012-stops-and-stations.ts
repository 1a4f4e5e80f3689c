/**
 * What passengers may not do at a stop; of a station, other ways to type its name, and its zone. Timetables imported before say nothing
 * of these, nor of whom their feed asked to name: all their stops are open, each name has one spelling, and all clocks are the timetable's.
 */
import type { Migration } from "kysely/migration";
import { addColumn } from "./table.ts";

export const stopsAndStations: Migration = {
  async up(db) {
    await addColumn(db, "t_train_stop", "closed_to", "integer null");
    await addColumn(db, "t_timetable", "attributions", "text null");
    await addColumn(db, "t_station", "aliases", "text null");
    await addColumn(db, "t_station", "zone", "varchar(64) null");
  },
};
