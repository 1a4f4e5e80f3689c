/** The SQL store of policies on SQLite keeps the rules of the port. */
import { createSqlPolicyStore } from "@chepiao/adapters/sql";
import { policyStoreSuite } from "@chepiao/ports/policy-store/policy-store.suite.ts";
import { openSqlite } from "./index.ts";

policyStoreSuite("SQLite", async () => createSqlPolicyStore((await openSqlite(":memory:")).sql));
