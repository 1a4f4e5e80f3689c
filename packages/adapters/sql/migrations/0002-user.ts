/** Accounts, what is unique about them, saved passengers, sessions. */
import type { Migration } from "kysely/migration";

export const user: Migration = {
  async up(db) {
    await db.schema
      .createTable("t_user")
      .addColumn("user_id", "bigint", (col) => col.primaryKey())
      .addColumn("slot", "integer", (col) => col.notNull())
      .addColumn("username", "varchar(50)", (col) => col.notNull())
      .addColumn("password_hash", "varchar(128)", (col) => col.notNull())
      .addColumn("real_name", "varchar(50)", (col) => col.notNull())
      .addColumn("document_type", "integer", (col) => col.notNull())
      .addColumn("document_sealed", "varchar(255)", (col) => col.notNull())
      .addColumn("document_hash", "varchar(64)", (col) => col.notNull())
      .addColumn("document_masked", "varchar(40)", (col) => col.notNull())
      .addColumn("phone_sealed", "varchar(255)", (col) => col.notNull())
      .addColumn("phone_masked", "varchar(20)", (col) => col.notNull())
      .addColumn("email", "varchar(100)")
      .addColumn("role", "integer", (col) => col.notNull())
      .addColumn("status", "integer", (col) => col.notNull())
      .addColumn("create_time", "bigint", (col) => col.notNull())
      .addColumn("update_time", "bigint", (col) => col.notNull())
      .execute();
    // The primary key is the rule: a username and a phone have one place, a document has as many as accounts it may open.
    await db.schema
      .createTable("t_user_unique")
      .addColumn("kind", "integer", (col) => col.notNull())
      .addColumn("value_hash", "varchar(64)", (col) => col.notNull())
      .addColumn("place", "integer", (col) => col.notNull())
      .addColumn("slot", "integer", (col) => col.notNull())
      .addColumn("user_id", "bigint", (col) => col.notNull())
      .addColumn("create_time", "bigint", (col) => col.notNull())
      .addPrimaryKeyConstraint("pk_user_unique", ["kind", "value_hash", "place"])
      .execute();
    await db.schema
      .createTable("t_passenger")
      .addColumn("passenger_id", "bigint", (col) => col.primaryKey())
      .addColumn("user_id", "bigint", (col) => col.notNull())
      .addColumn("slot", "integer", (col) => col.notNull())
      .addColumn("place", "integer", (col) => col.notNull())
      .addColumn("name", "varchar(50)", (col) => col.notNull())
      .addColumn("document_type", "integer", (col) => col.notNull())
      .addColumn("document_sealed", "varchar(255)", (col) => col.notNull())
      .addColumn("document_hash", "varchar(64)", (col) => col.notNull())
      .addColumn("document_masked", "varchar(40)", (col) => col.notNull())
      .addColumn("phone_sealed", "varchar(255)")
      .addColumn("phone_masked", "varchar(20)")
      .addColumn("ticket_type", "integer", (col) => col.notNull())
      .addColumn("birth_date", "varchar(10)")
      .addColumn("is_self", "integer", (col) => col.notNull())
      .addColumn("create_time", "bigint", (col) => col.notNull())
      .addUniqueConstraint("uk_passenger_place", ["user_id", "place"])
      .addUniqueConstraint("uk_passenger_document", ["user_id", "document_hash"])
      .execute();
    await db.schema
      .createTable("t_session")
      .addColumn("session_id", "varchar(64)", (col) => col.primaryKey())
      .addColumn("slot", "integer", (col) => col.notNull())
      .addColumn("user_id", "bigint", (col) => col.notNull())
      .addColumn("user_agent", "varchar(200)", (col) => col.notNull())
      .addColumn("create_time", "bigint", (col) => col.notNull())
      .addColumn("last_seen_time", "bigint", (col) => col.notNull())
      .addColumn("expire_time", "bigint", (col) => col.notNull())
      .execute();
    await db.schema.createIndex("idx_session_user").on("t_session").columns(["user_id"]).execute();
    await db.schema.createIndex("idx_session_expire").on("t_session").columns(["expire_time"]).execute();
  },
};
