/** `t_reconciliation_case`, `t_reconciliation_run`: what reconciliation found. Few rows, changed one at a time by their versions. */
import type { Kysely, Selectable } from "kysely";
import { codeOf, wordOf } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import {
  type CaseFacts,
  caseKinds,
  caseStates,
  type ReconciliationCase,
  type ReconciliationStore,
  type Scope,
} from "@chepiao/ports/reconciliation-store";
import { againIfUndone, inserted } from "./errors.ts";
import type { Tables } from "./tables.ts";

const open = codeOf(caseStates, "open");

export function createSqlReconciliationStore(db: Kysely<Tables>): ReconciliationStore {
  const cases = () => db.selectFrom("t_reconciliation_case").selectAll();
  return {
    ofScope: async (scope) => (await cases().where("scope", "=", scope).execute()).map(caseFrom),
    async open(limit) {
      const rows = await cases()
        .where("state", "=", open)
        .orderBy("first_seen")
        .orderBy("case_id")
        .limit(limit)
        .execute();
      return rows.map(caseFrom);
    },
    async find(caseId) {
      const row = await cases().where("case_id", "=", caseId).executeTakeFirst();
      return row ? caseFrom(row) : null;
    },
    async openScopes(limit) {
      const rows = await db
        .selectFrom("t_reconciliation_case")
        .select("scope")
        .distinct()
        .where("state", "=", open)
        .orderBy("scope")
        .limit(limit)
        .execute();
      return rows.map(({ scope }) => scope as Scope);
    },
    async change(wanted) {
      const row = { ...rowOf(wanted), version: wanted.version + 1 };
      if (wanted.version === 0)
        return inserted(againIfUndone(() => db.insertInto("t_reconciliation_case").values(row).execute()));
      const update = db
        .updateTable("t_reconciliation_case")
        .set(row)
        .where("case_id", "=", wanted.caseId)
        .where("version", "=", wanted.version);
      const { numUpdatedRows } = await againIfUndone(() => update.executeTakeFirstOrThrow());
      return Number(numUpdatedRows) === 1;
    },
    async report({ runNo, scope, endedAt, report }) {
      const row = { run_no: runNo, scope, end_time: endedAt, report };
      await inserted(againIfUndone(() => db.insertInto("t_reconciliation_run").values(row).execute()));
    },
    async reports(scope, limit) {
      const rows = await db
        .selectFrom("t_reconciliation_run")
        .selectAll()
        .where("scope", "=", scope)
        .orderBy("end_time", "desc")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        runNo: row.run_no,
        scope: row.scope as Scope,
        endedAt: epochMs(Number(row.end_time)),
        report: row.report,
      }));
    },
  };
}

type Row = Selectable<Tables["t_reconciliation_case"]>;

const rowOf = (each: ReconciliationCase): Row => ({
  case_id: each.caseId,
  kind: codeOf(caseKinds, each.kind),
  scope: each.scope,
  subject: each.subject,
  facts: JSON.stringify(each.facts),
  state: codeOf(caseStates, each.state),
  version: each.version,
  first_seen: each.firstSeenAt,
  last_seen: each.lastSeenAt,
  end_time: each.endedAt,
  reason: each.reason,
});

const caseFrom = (row: Row): ReconciliationCase => ({
  caseId: row.case_id,
  kind: wordOf(caseKinds, Number(row.kind)),
  scope: row.scope as Scope,
  subject: row.subject,
  facts: JSON.parse(row.facts) as CaseFacts,
  state: wordOf(caseStates, Number(row.state)),
  version: Number(row.version),
  firstSeenAt: epochMs(Number(row.first_seen)),
  lastSeenAt: epochMs(Number(row.last_seen)),
  endedAt: row.end_time === null ? null : epochMs(Number(row.end_time)),
  reason: row.reason,
});
