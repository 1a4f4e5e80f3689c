/** By which version of the railway's policy an entry of the waitlist was opened, and when it ends by that. Those of before have no age. */
import type { Migration } from "kysely/migration";
import { addColumn } from "./table.ts";

export const waitlistPolicy: Migration = {
  async up(db) {
    await addColumn(db, "t_waitlist_order", "policy_version", "integer not null default 1");
    await addColumn(db, "t_waitlist_order", "end_by", "bigint null");
  },
};
