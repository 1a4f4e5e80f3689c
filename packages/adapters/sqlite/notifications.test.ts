/** The SQL store of notifications on SQLite keeps the rules of the port. */
import { createSqlNotificationStore } from "@chepiao/adapters/sql";
import { notificationStoreSuite } from "@chepiao/ports/notification-store/notificationStore.suite.ts";
import { openSqlite } from "./index.ts";

notificationStoreSuite("SQLite", async () => createSqlNotificationStore((await openSqlite(":memory:")).sql));
