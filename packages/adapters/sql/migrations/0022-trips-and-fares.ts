/**
 * What a feed calls its trains and the platforms of its stations, by which messages about trains name them, and the fares that a feed
 * brings. Timetables imported before have none of these until they are imported again.
 */
import type { Migration } from "kysely/migration";
import { addColumn, createTable } from "./table.ts";

export const tripsAndFares: Migration = {
  async up(db) {
    await addColumn(db, "t_train", "fares_id", "integer null");
    await addColumn(db, "t_station", "stop_ids", "text null");
    await createTable(
      db,
      "t_train_trip",
      {
        train_id: "bigint",
        trip_index: "integer",
        trip_id: "text",
        route_id: "text",
        first_stop: "integer",
        sequences: "text",
      },
      { primary: ["train_id", "trip_index"] },
    );
    await createTable(
      db,
      "t_train_fare",
      { fares_id: "integer", seat_class: "integer", ticket_type: "integer", fares: "text" },
      { primary: ["fares_id", "seat_class", "ticket_type"] },
    );
  },
};
