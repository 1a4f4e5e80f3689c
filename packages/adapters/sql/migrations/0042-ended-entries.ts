/** Entries of the waitlist that ended long ago are found by when they did. */
import type { Migration } from "kysely/migration";
import { addIndex } from "./table.ts";

export const endedEntries: Migration = {
  up: (db) => addIndex(db, "t_waitlist_order", "idx_waitlist_ended", ["end_time"]),
};
