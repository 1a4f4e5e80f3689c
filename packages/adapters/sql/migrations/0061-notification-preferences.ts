/** What accounts want to be mailed (docs/decisions/0066). */
import type { Migration } from "kysely/migration";
import { createTable } from "./table.ts";

export const notificationPreferences: Migration = {
  up: (db) =>
    createTable(
      db,
      "t_notification_preference",
      { user_id: "bigint", slot: "integer", preferences: "text", update_time: "bigint" },
      { primary: ["user_id"] },
    ),
};
