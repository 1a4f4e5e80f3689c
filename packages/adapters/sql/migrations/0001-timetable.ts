/**
 * The timetable. Against the design document's `t_train`: a number is not unique (a train has versions by validity), times are
 * seconds of the origin day so that trains run past midnight, and stops, calendar and composition have tables of their own.
 */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const timetable: Migration = {
  async up(db) {
    // One row: which feed the rest of these tables came from.
    await createTable(
      db,
      "t_timetable",
      {
        id: "integer",
        version: "integer",
        feed_name: "varchar(200)",
        zone: "varchar(64)",
      },
      { primary: ["id"] },
    );
    await createTable(
      db,
      "t_station",
      {
        id: "integer",
        station_id: "varchar(64)",
        name: "varchar(200)",
        city: "varchar(200)",
        pinyin: "varchar(200)",
        initials: "varchar(64)",
        name_en: "varchar(200)",
        latitude: "double precision null",
        longitude: "double precision null",
      },
      { primary: ["id"] },
    );
    await createTable(
      db,
      "t_composition",
      {
        id: "integer",
        code: "varchar(64)",
        coaches: "text",
      },
      { primary: ["id"] },
    );
    await createTable(
      db,
      "t_train_calendar",
      {
        id: "integer",
        valid_from: "varchar(10)",
        valid_until: "varchar(10)",
        weekdays: "integer",
        added: "text",
        removed: "text",
      },
      { primary: ["id"] },
    );
    await createTable(
      db,
      "t_train",
      {
        id: "bigint",
        train_number: "varchar(20)",
        train_type: "integer",
        departure_station: "varchar(64)",
        arrival_station: "varchar(64)",
        departure_s: "integer",
        duration_s: "integer",
        zone: "varchar(64)",
        calendar_id: "integer",
        composition_id: "integer",
      },
      {
        primary: ["id"],
        indexes: {
          idx_train_train_number: ["train_number"],
          idx_train_departure_station: ["departure_station"],
          idx_train_arrival_station: ["arrival_station"],
        },
      },
    );
    await createTable(
      db,
      "t_train_stop",
      {
        train_id: "bigint",
        stop_index: "integer",
        station_id: "varchar(64)",
        arrive_s: "integer",
        depart_s: "integer",
        distance_m: "integer",
      },
      { primary: ["train_id", "stop_index"] },
    );
    await createTable(
      db,
      "t_fare_override",
      {
        id: "integer",
        train_number: "varchar(20)",
        seat_class: "integer",
        from_station_id: "varchar(64) null",
        to_station_id: "varchar(64) null",
        fare_fen: "bigint null",
        rate_basis_points: "integer null",
      },
      { primary: ["id"] },
    );
  },
};
