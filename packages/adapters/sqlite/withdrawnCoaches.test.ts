/** The SQL store of withdrawn coaches on SQLite keeps the rules of the port. */
import { createSqlWithdrawnCoachStore } from "@chepiao/adapters/sql";
import { withdrawnCoachStoreSuite } from "@chepiao/ports/withdrawn-coaches/withdrawnCoaches.suite.ts";
import { openSqlite } from "./index.ts";

withdrawnCoachStoreSuite("SQLite", async () => createSqlWithdrawnCoachStore((await openSqlite(":memory:")).sql));
