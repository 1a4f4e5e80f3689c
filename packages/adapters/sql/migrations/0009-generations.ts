/**
 * Which making of its read model a row belongs to. A model that is made anew replaces what older makings have left, whatever
 * version that says it has: a row may have been spoilt. Only several processes on MySQL have these read models filled.
 */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { isMysql } from "./table.ts";

export const generations: Migration = {
  async up(db) {
    if (!isMysql(db)) return;
    await addGeneration(db, "t_user_order_index");
    await addGeneration(db, "t_user_order_list");
  },
};

/** With an index: what older makings have left is found without reading all rows. */
async function addGeneration(db: Kysely<any>, table: string) {
  try {
    const index = sql.id(table.replace("t_user", "idx_generation_of"));
    await sql`alter table ${sql.table(table)}
      add column generation integer not null default 0, add index ${index} (generation)`.execute(db);
  } catch (error) {
    // Done by a migration that died behind it.
    if ((error as { code?: string }).code !== "ER_DUP_FIELDNAME") throw error;
  }
}
