/** What is decided about an order's money names the version it was decided on, and is made only if that still holds. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

export const paymentVersion: Migration = {
  async up(db: Kysely<any>) {
    try {
      await sql`alter table t_payment add column version integer not null default 0`.execute(db);
    } catch (error) {
      // Done on MySQL by a migration that died behind it.
      if ((error as { code?: string }).code !== "ER_DUP_FIELDNAME") throw error;
    }
  },
};
