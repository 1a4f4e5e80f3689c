/**
 * The timetable. Against the design document's `t_train`: a number is not unique (a train has versions by validity), times are
 * seconds of the origin day so that trains run past midnight, and stops, calendar and composition have tables of their own.
 */
import type { Migration } from "kysely/migration";

export const timetable: Migration = {
  async up(db) {
    // One row: which feed the rest of these tables came from.
    await db.schema
      .createTable("t_timetable")
      .addColumn("id", "integer", (col) => col.primaryKey())
      .addColumn("version", "integer", (col) => col.notNull())
      .addColumn("feed_name", "varchar(200)", (col) => col.notNull())
      .addColumn("zone", "varchar(64)", (col) => col.notNull())
      .execute();
    await db.schema
      .createTable("t_station")
      .addColumn("id", "integer", (col) => col.primaryKey())
      .addColumn("station_id", "varchar(64)", (col) => col.notNull())
      .addColumn("name", "varchar(200)", (col) => col.notNull())
      .addColumn("city", "varchar(200)", (col) => col.notNull())
      .addColumn("pinyin", "varchar(200)", (col) => col.notNull())
      .addColumn("initials", "varchar(64)", (col) => col.notNull())
      .addColumn("name_en", "varchar(200)", (col) => col.notNull())
      .addColumn("latitude", "double precision")
      .addColumn("longitude", "double precision")
      .execute();
    await db.schema
      .createTable("t_composition")
      .addColumn("id", "integer", (col) => col.primaryKey())
      .addColumn("code", "varchar(64)", (col) => col.notNull())
      .addColumn("coaches", "text", (col) => col.notNull())
      .execute();
    await db.schema
      .createTable("t_train_calendar")
      .addColumn("id", "integer", (col) => col.primaryKey())
      .addColumn("valid_from", "varchar(10)", (col) => col.notNull())
      .addColumn("valid_until", "varchar(10)", (col) => col.notNull())
      .addColumn("weekdays", "integer", (col) => col.notNull())
      .addColumn("added", "text", (col) => col.notNull())
      .addColumn("removed", "text", (col) => col.notNull())
      .execute();
    await db.schema
      .createTable("t_train")
      .addColumn("id", "bigint", (col) => col.primaryKey())
      .addColumn("train_number", "varchar(20)", (col) => col.notNull())
      .addColumn("train_type", "integer", (col) => col.notNull())
      .addColumn("departure_station", "varchar(64)", (col) => col.notNull())
      .addColumn("arrival_station", "varchar(64)", (col) => col.notNull())
      .addColumn("departure_s", "integer", (col) => col.notNull())
      .addColumn("duration_s", "integer", (col) => col.notNull())
      .addColumn("zone", "varchar(64)", (col) => col.notNull())
      .addColumn("calendar_id", "integer", (col) => col.notNull())
      .addColumn("composition_id", "integer", (col) => col.notNull())
      .execute();
    for (const column of ["train_number", "departure_station", "arrival_station"])
      await db.schema.createIndex(`idx_train_${column}`).on("t_train").column(column).execute();
    await db.schema
      .createTable("t_train_stop")
      .addColumn("train_id", "bigint", (col) => col.notNull())
      .addColumn("stop_index", "integer", (col) => col.notNull())
      .addColumn("station_id", "varchar(64)", (col) => col.notNull())
      .addColumn("arrive_s", "integer", (col) => col.notNull())
      .addColumn("depart_s", "integer", (col) => col.notNull())
      .addColumn("distance_m", "integer", (col) => col.notNull())
      .addPrimaryKeyConstraint("pk_train_stop", ["train_id", "stop_index"])
      .execute();
    await db.schema
      .createTable("t_fare_override")
      .addColumn("id", "integer", (col) => col.primaryKey())
      .addColumn("train_number", "varchar(20)", (col) => col.notNull())
      .addColumn("seat_class", "integer", (col) => col.notNull())
      .addColumn("from_station_id", "varchar(64)")
      .addColumn("to_station_id", "varchar(64)")
      .addColumn("fare_fen", "bigint")
      .addColumn("rate_basis_points", "integer")
      .execute();
  },
};
