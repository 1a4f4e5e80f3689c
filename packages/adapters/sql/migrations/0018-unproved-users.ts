/** Accounts that have proved no phone are walked over once a day, slot by slot: some of them lapse. */
import type { Migration } from "kysely/migration";
import { addIndex } from "./table.ts";

export const unprovedUsers: Migration = {
  up: (db) => addIndex(db, "t_user", "idx_user_unproved", ["slot", "phone_proof_time", "user_id"]),
};
