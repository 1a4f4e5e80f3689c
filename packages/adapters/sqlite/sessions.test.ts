import { createSqlSessionStore } from "@chepiao/adapters/sql";
import { sessionStoreSuite } from "@chepiao/ports/session-store/session-store.suite.ts";
import { openSqlite } from "./index.ts";

sessionStoreSuite("sqlite", async () => createSqlSessionStore((await openSqlite(":memory:")).sql));
