/** The SQL store of gates on SQLite keeps the rules of the port. */
import { createSqlGateStore } from "@chepiao/adapters/sql";
import { gateStoreSuite } from "@chepiao/ports/gate-store/gateStore.suite.ts";
import { openSqlite } from "./index.ts";

gateStoreSuite("SQLite", async () => createSqlGateStore((await openSqlite(":memory:")).sql));
