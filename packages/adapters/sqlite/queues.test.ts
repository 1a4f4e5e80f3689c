/** The SQL store of queues on SQLite keeps the rules of the port. */
import { createSqlQueueStore } from "@chepiao/adapters/sql";
import { queueStoreSuite } from "@chepiao/ports/queue-store/queueStore.suite.ts";
import { openSqlite } from "./index.ts";

queueStoreSuite("SQLite", async () => createSqlQueueStore((await openSqlite(":memory:")).sql));
