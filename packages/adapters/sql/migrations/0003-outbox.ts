import type { Migration } from "kysely/migration";

export const outbox: Migration = {
  async up(db) {
    await db.schema
      .createTable("t_local_message")
      .addColumn("id", "integer", (col) => col.primaryKey().autoIncrement())
      .addColumn("topic", "varchar(100)", (col) => col.notNull())
      .addColumn("message_key", "varchar(64)", (col) => col.notNull())
      .addColumn("content", "text", (col) => col.notNull())
      .addColumn("status", "integer", (col) => col.notNull())
      .addColumn("retry_count", "integer", (col) => col.notNull())
      .addColumn("next_retry_time", "bigint", (col) => col.notNull())
      .addColumn("create_time", "bigint", (col) => col.notNull())
      .execute();
    await db.schema
      .createIndex("idx_status_retry")
      .on("t_local_message")
      .columns(["status", "next_retry_time"])
      .execute();
  },
};
