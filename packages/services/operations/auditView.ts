/** The audit trail as it is shown, by the API and at the command line. */
import type { AuditLine } from "@chepiao/contracts";
import { formatInZone, type ZoneName } from "@chepiao/kernel";
import type { AuditRecord } from "@chepiao/ports/audit-trail";

export const auditLineOf = (
  { entryId, at, who, role, door, action, subject, what, reason, before, isDryRun, end }: AuditRecord,
  zone: ZoneName,
): AuditLine => ({
  entryId,
  at: formatInZone(at, zone),
  who,
  role,
  door,
  action,
  subject,
  what,
  reason,
  before,
  isDryRun,
  outcome: end?.outcome ?? null,
  endedAt: end === null ? null : formatInZone(end.at, zone),
  after: end?.after ?? null,
});
