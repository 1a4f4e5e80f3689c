import { createSqlUserStore } from "@chepiao/adapters/sql";
import { userStoreSuite } from "@chepiao/ports/user-store/user-store.suite.ts";
import { openSqlite } from "./index.ts";

userStoreSuite("sqlite", async () => createSqlUserStore((await openSqlite(":memory:")).sql));
