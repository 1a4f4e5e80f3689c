/** The smallest trail keeps the rules. */
import { auditTrailSuite } from "./auditTrail.suite.ts";
import { createMemoryAuditTrail } from "./index.ts";

auditTrailSuite("memory", async () => createMemoryAuditTrail());
