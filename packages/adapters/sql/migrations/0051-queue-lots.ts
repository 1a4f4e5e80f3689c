/**
 * The root of a draw and its list are written once, its seed is not in the database before, and lots outlive a restart (docs/decisions/0056). The seed
 * of a queue that was announced before and not yet drawn was in plain: it ends, and is announced anew.
 */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";
import { addColumn, createTable, fromPrimary } from "./table.ts";

export const queueLots: Migration = {
  async up(db) {
    await addColumn(db, "t_queue", "seed_hash", "varchar(64) not null default ''");
    await addColumn(db, "t_queue", "chance_from", "varchar(200) null");
    await addColumn(db, "t_queue", "chance", "varchar(200) null");
    await addColumn(db, "t_queue", "lots", "bigint not null default 0");
    await addColumn(db, "t_queue", "root_time", "bigint null");
    const unhashed = sql<{ queue_id: string; seed: string }>`select queue_id, seed from t_queue where seed_hash = ''`;
    const { rows } = await fromPrimary(db, (primary) => unhashed.execute(primary));
    for (const { queue_id, seed } of rows) {
      const hash = createHash("sha256").update(seed).digest("hex");
      await sql`update t_queue set seed_hash = ${hash} where queue_id = ${queue_id}`.execute(db);
    }
    await sql`update t_queue set ended_time = collect_time where drawn is null and ended_time is null`.execute(db);
    await createTable(
      db,
      "t_queue_taken",
      { queue_id: "varchar(24)", lot: "varchar(32)", user_id: "bigint" },
      { primary: ["queue_id", "lot"] },
    );
    await createTable(
      db,
      "t_queue_list",
      { queue_id: "varchar(24)", root: "varchar(64)", page: "integer", lots: "mediumtext" },
      { primary: ["queue_id", "root", "page"] },
    );
  },
};
