/** The audit trail: what staff do and look at. */
import { port } from "@chepiao/ports/port";
import { createMemoryAuditTrail } from "./auditTrail.memory.ts";
import type { AuditTrail } from "./auditTrail.ts";

export { createMemoryAuditTrail } from "./auditTrail.memory.ts";
export {
  type AuditEnd,
  auditEndCut,
  type AuditEntry,
  auditEntryCut,
  auditEntryId,
  type AuditRecord,
  type AuditSearch,
  type AuditTrail,
} from "./auditTrail.ts";

export const auditTrailPort = port<AuditTrail>("audit trail", () => createMemoryAuditTrail());
