/**
 * Whether an account has read a code at its phone. Beside the phone's hash it decides who has the phone, in one row; in the account it
 * is for showing. Accounts of versions before have proved nothing yet.
 */
import type { Migration } from "kysely/migration";
import { addColumn } from "./table.ts";

export const phoneProof: Migration = {
  async up(db) {
    await addColumn(db, "t_user_unique", "proved", "integer not null default 0");
    await addColumn(db, "t_user", "phone_proof_time", "bigint not null default 0");
  },
};
