/** Where followers of the change feed are. Only several processes on MySQL follow it; SQLite has one, which knows of every change. */
import type { Migration } from "kysely/migration";
import { createTable, isMysql } from "./table.ts";

export const feedPlaces: Migration = {
  async up(db) {
    if (!isMysql(db)) return;
    await createTable(db, "t_feed_place", { name: "varchar(64)", place: "varchar(255)" }, { primary: ["name"] });
  },
};
