/** What tests see of the audit trail. */
import { createSqlAuditTrail } from "@chepiao/adapters/sql";
import { openSqlite } from "@chepiao/adapters/sqlite";
import { type AuditRecord, createMemoryAuditTrail } from "@chepiao/ports/audit-trail";
import { join } from "node:path";
import type { OperatorTrail } from "../commands/operator.ts";

/** Of a data folder, also while the platform runs; oldest first. */
export async function auditTrailIn(dataDir: string): Promise<readonly AuditRecord[]> {
  await using database = await openSqlite(join(dataDir, "chepiao.db"));
  return (await createSqlAuditTrail(database.sql).find({ limit: 1_000 })).toReversed();
}

/** One that also keeps, in the order in which they came, what was noted, and why something was not done. */
export function createNotedTrail(): { readonly trail: OperatorTrail; readonly noted: string[] } {
  const noted: string[] = [];
  const kept = createMemoryAuditTrail();
  const trail: OperatorTrail = {
    async append(entry) {
      noted.push([`${entry.what}, ${entry.subject}`, entry.reason].filter((part) => part !== null).join(": "));
      await kept.append(entry);
    },
    async end(end) {
      if (end.outcome !== "done") noted.push(`${end.outcome}: ${end.after}`);
      await kept.end(end);
    },
  };
  return { trail, noted };
}
