/** The SQL store of cases on SQLite keeps the rules of the port. */
import { createSqlReconciliationStore } from "@chepiao/adapters/sql";
import { reconciliationStoreSuite } from "@chepiao/ports/reconciliation-store/reconciliationStore.suite.ts";
import { openSqlite } from "./index.ts";

reconciliationStoreSuite("SQLite", async () => createSqlReconciliationStore((await openSqlite(":memory:")).sql));
