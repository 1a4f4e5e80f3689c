/** Leases in SQL, on SQLite. */
import { createSqlLeases } from "@chepiao/adapters/sql";
import { leasesSuite } from "@chepiao/ports/lease/lease.suite.ts";
import { openSqlite } from "./index.ts";

leasesSuite("sqlite", async () => ({
  leases: createSqlLeases((await openSqlite(":memory:")).sql),
  pass: (ms) => Bun.sleep(ms),
}));
