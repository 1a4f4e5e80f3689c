/** Messages that leave with the change they speak of. */
import type { Migration } from "kysely/migration";
import { createTable, isMysql } from "./table.ts";

/** A message lies where its change does, and only one relay at a time carries it. SQLite has one relay, and its slot from 0006. */
const relayed = { slot: "integer", relay: "varchar(32) null", relayed_until: "bigint null" } as const;

export const outbox: Migration = {
  async up(db) {
    await createTable(
      db,
      "t_local_message",
      {
        id: "counter",
        topic: "varchar(100)",
        message_key: "varchar(64)",
        content: "text",
        status: "integer",
        retry_count: "integer",
        next_retry_time: "bigint",
        create_time: "bigint",
        ...(isMysql(db) ? relayed : {}),
      },
      { indexes: { idx_status_retry: ["status", "next_retry_time"] } },
    );
  },
};
