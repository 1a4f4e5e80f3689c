/**
 * What accounts need to be defended: why one is disabled, since when its sessions count, one-time codes, and the stream of
 * security events. Beside them the messages of a platform that is only practised with, which are shown instead of sent.
 */
import type { Migration } from "kysely/migration";
import { addColumn, createTable } from "./table.ts";

export const accountSecurity: Migration = {
  async up(db) {
    await addColumn(db, "t_user", "status_reason", "varchar(200)");
    await addColumn(db, "t_user", "sessions_since", "bigint not null default 0");
    await createTable(
      db,
      "t_one_time_code",
      {
        user_id: "bigint",
        purpose: "integer",
        slot: "integer",
        code_hash: "varchar(64)",
        tries_left: "integer",
        create_time: "bigint",
        expire_time: "bigint",
      },
      { primary: ["user_id", "purpose"], indexes: { idx_code_expire: ["expire_time"] } },
    );
    await createTable(
      db,
      "t_security_event",
      {
        event_id: "varchar(40)",
        slot: "integer",
        create_time: "bigint",
        level: "varchar(8)",
        service: "varchar(40)",
        trace_id: "varchar(32) null",
        user_id: "bigint null",
        action: "varchar(40)",
        message: "varchar(200)",
        status: "varchar(16)",
        reason: "varchar(200) null",
        name_hash: "varchar(64) null",
        address: "varchar(64) null",
      },
      {
        primary: ["event_id"],
        indexes: { idx_security_time: ["create_time"], idx_security_user: ["user_id", "create_time"] },
      },
    );
    await createTable(
      db,
      "t_sandbox_message",
      {
        message_id: "varchar(64)",
        slot: "integer",
        recipient_hash: "varchar(64)",
        content_sealed: "text",
        create_time: "bigint",
      },
      {
        primary: ["message_id"],
        indexes: { idx_sandbox_recipient: ["recipient_hash", "create_time"], idx_sandbox_time: ["create_time"] },
      },
    );
  },
};
