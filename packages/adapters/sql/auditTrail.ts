/** `t_audit_entry`, `t_audit_end`: what staff did, and how it came out. Nothing changes a row. */
import type { Kysely, Selectable } from "kysely";
import { type AuditAction, auditDoors, auditOutcomes, codeOf, roles, wordOf } from "@chepiao/contracts";
import { epochMs, type UserId } from "@chepiao/kernel";
import {
  auditEndCut,
  type AuditEntry,
  auditEntryCut,
  type AuditRecord,
  type AuditTrail,
} from "@chepiao/ports/audit-trail";
import { againIfUndone, inserted } from "./errors.ts";
import type { Tables } from "./tables.ts";

export function createSqlAuditTrail(db: Kysely<Tables>): AuditTrail {
  const endsOf = async (entryIds: readonly string[]) => {
    if (entryIds.length === 0) return new Map<string, EndRow>();
    const rows = await db.selectFrom("t_audit_end").selectAll().where("entry_id", "in", entryIds).execute();
    return new Map(rows.map((row) => [row.entry_id, row]));
  };
  return {
    async append(entry) {
      const row = rowOf(auditEntryCut(entry));
      await inserted(againIfUndone(() => db.insertInto("t_audit_entry").values(row).execute()));
    },
    async end(said) {
      const { entryId, at, outcome, after } = auditEndCut(said);
      const row = { entry_id: entryId, end_time: at, outcome: codeOf(auditOutcomes, outcome), after_text: after };
      await inserted(againIfUndone(() => db.insertInto("t_audit_end").values(row).execute()));
    },
    async find({ action, subject, who, before, limit }) {
      let query = db.selectFrom("t_audit_entry").selectAll().orderBy("entry_id", "desc").limit(limit);
      if (action !== undefined) query = query.where("action", "=", action);
      if (subject !== undefined) query = query.where("subject", "=", subject);
      if (who !== undefined) query = query.where("who", "=", who);
      if (before !== undefined) query = query.where("entry_id", "<", before);
      const rows = await query.execute();
      const ends = await endsOf(rows.map(({ entry_id }) => entry_id));
      return rows.map((row) => recordOf(row, ends.get(row.entry_id)));
    },
    // MySQL deletes with a limit, SQLite does not: the ids are read first.
    async forget(before, limit) {
      const rows = await db
        .selectFrom("t_audit_entry")
        .select("entry_id")
        .where("create_time", "<", before)
        .orderBy("create_time")
        .limit(limit)
        .execute();
      if (rows.length === 0) return 0;
      const ids = rows.map(({ entry_id }) => entry_id);
      // The entry goes last: ended between the two, the next pass finds it again.
      await db.deleteFrom("t_audit_end").where("entry_id", "in", ids).execute();
      await db.deleteFrom("t_audit_entry").where("entry_id", "in", ids).execute();
      return ids.length;
    },
  };
}

type EntryRow = Selectable<Tables["t_audit_entry"]>;
type EndRow = Selectable<Tables["t_audit_end"]>;

const rowOf = (entry: AuditEntry): EntryRow => ({
  entry_id: entry.entryId,
  create_time: entry.at,
  who: entry.who,
  user_id: entry.userId,
  role: entry.role === null ? null : codeOf(roles, entry.role),
  door: codeOf(auditDoors, entry.door),
  action: entry.action,
  subject: entry.subject,
  what: entry.what,
  reason: entry.reason,
  before_text: entry.before,
  is_dry_run: entry.isDryRun ? 1 : 0,
});

const recordOf = (row: EntryRow, end: EndRow | undefined): AuditRecord => ({
  entryId: row.entry_id,
  at: epochMs(Number(row.create_time)),
  who: row.who,
  userId: row.user_id === null ? null : (Number(row.user_id) as UserId),
  role: row.role === null ? null : wordOf(roles, Number(row.role)),
  door: wordOf(auditDoors, Number(row.door)),
  // By its word: one of a later version may be among them.
  action: row.action as AuditAction,
  subject: row.subject,
  what: row.what,
  reason: row.reason,
  before: row.before_text,
  isDryRun: Number(row.is_dry_run) === 1,
  end: end
    ? {
        at: epochMs(Number(end.end_time)),
        outcome: wordOf(auditOutcomes, Number(end.outcome)),
        after: end.after_text,
      }
    : null,
});
