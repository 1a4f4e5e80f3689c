/**
 * E-mail is sealed like phones. What versions before wrote in the clear stays in `email` until the room of people, which has the
 * keys, has sealed it; processes of such a version that still run may put more there. The index finds those few.
 */
import type { Migration } from "kysely/migration";
import { addColumn, addIndex } from "./table.ts";

export const sealedEmail: Migration = {
  async up(db) {
    await addColumn(db, "t_user", "email_sealed", "varchar(600)");
    await addColumn(db, "t_user", "email_masked", "varchar(110)");
    await addIndex(db, "t_user", "idx_user_email", ["slot", "email"]);
  },
};
