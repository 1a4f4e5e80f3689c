/** Notifications on their way to people (docs/decisions/0066). */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const deliveries: Migration = {
  up: (db) =>
    createTable(
      db,
      "t_delivery",
      {
        user_id: "bigint",
        notification_id: "varchar(160)",
        channel: "integer",
        slot: "integer",
        kind: "integer",
        facts: "text",
        event_time: "bigint",
        state: "integer",
        tries: "integer",
        due_time: "bigint",
        last_error: "varchar(255) null",
        claim: "varchar(36) null",
      },
      {
        primary: ["user_id", "notification_id", "channel"],
        indexes: {
          idx_delivery_due: ["state", "due_time"],
          idx_delivery_time: ["event_time"],
        },
      },
    ),
};
