/** Leases that must not be forgotten, whatever an engine loses: node numbers. A row stays when its lease has ended, and its fence with it. */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const leases: Migration = {
  up: (db) =>
    createTable(db, "t_lease", { name: "varchar(64)", fence: "bigint", expire_time: "bigint" }, { primary: ["name"] }),
};
