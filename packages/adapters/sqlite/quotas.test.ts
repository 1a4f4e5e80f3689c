/** The SQL store of quotas on SQLite keeps the rules of the port. */
import { createSqlQuotaStore } from "@chepiao/adapters/sql";
import { quotaStoreSuite } from "@chepiao/ports/quota-store/quotaStore.suite.ts";
import { openSqlite } from "./index.ts";

quotaStoreSuite("SQLite", async () => createSqlQuotaStore((await openSqlite(":memory:")).sql));
