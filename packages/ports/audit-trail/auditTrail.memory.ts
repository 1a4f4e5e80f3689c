/** The audit trail in a list. */
import type { EpochMs } from "@chepiao/kernel";
import { type AuditEnd, auditEndCut, type AuditEntry, auditEntryCut, type AuditTrail } from "./auditTrail.ts";

export function createMemoryAuditTrail(): AuditTrail {
  const entries = new Map<string, AuditEntry>();
  const ends = new Map<string, Omit<AuditEnd, "entryId">>();
  const newestFirst = () => [...entries.values()].toSorted((a, b) => (a.entryId < b.entryId ? 1 : -1));
  return {
    append: async (entry) => void entries.set(entry.entryId, auditEntryCut(entry)),
    async end(said) {
      const { entryId, ...end } = auditEndCut(said);
      if (!ends.has(entryId)) ends.set(entryId, end);
    },
    async find({ action, subject, who, before, limit }) {
      const found = newestFirst().filter(
        (each) =>
          (action === undefined || each.action === action) &&
          (subject === undefined || each.subject === subject) &&
          (who === undefined || each.who === who) &&
          (before === undefined || each.entryId < before),
      );
      return found.slice(0, limit).map((each) => ({ ...each, end: ends.get(each.entryId) ?? null }));
    },
    async forget(before: EpochMs, limit: number) {
      const old = newestFirst()
        .filter(({ at }) => at < before)
        .slice(-limit);
      for (const { entryId } of old) {
        entries.delete(entryId);
        ends.delete(entryId);
      }
      return old.length;
    },
  };
}
