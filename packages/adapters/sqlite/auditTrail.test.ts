/** The SQL audit trail on SQLite keeps the rules of the port. */
import { createSqlAuditTrail } from "@chepiao/adapters/sql";
import { auditTrailSuite } from "@chepiao/ports/audit-trail/auditTrail.suite.ts";
import { openSqlite } from "./index.ts";

auditTrailSuite("SQLite", async () => createSqlAuditTrail((await openSqlite(":memory:")).sql));
