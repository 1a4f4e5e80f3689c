/** The SQL store of risk on SQLite keeps the rules of the port. */
import { createSqlRiskStore } from "@chepiao/adapters/sql";
import { riskStoreSuite } from "@chepiao/ports/risk-store/riskStore.suite.ts";
import { openSqlite } from "./index.ts";

riskStoreSuite("SQLite", async () => createSqlRiskStore((await openSqlite(":memory:")).sql));
