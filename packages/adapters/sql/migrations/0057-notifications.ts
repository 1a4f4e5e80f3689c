/** What accounts were told (docs/decisions/0064). */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const notifications: Migration = {
  up: (db) =>
    createTable(
      db,
      "t_notification",
      {
        user_id: "bigint",
        notification_id: "varchar(160)",
        slot: "integer",
        kind: "integer",
        facts: "text",
        event_time: "bigint",
        read_time: "bigint null",
      },
      {
        primary: ["user_id", "notification_id"],
        indexes: {
          idx_notification_user: ["user_id", "event_time", "notification_id"],
          idx_notification_time: ["event_time"],
        },
      },
    ),
};
