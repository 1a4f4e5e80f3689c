/** `t_risk_block` and `t_risk_decision`. Decisions go in with one statement each time; they are few, and nobody waits for them. */
import type { Kysely, Selectable } from "kysely";
import type { RiskSignals } from "@chepiao/contracts";
import { epochMs, type UserId } from "@chepiao/kernel";
import type { BlockSubject, RiskBlock, RiskDecision, RiskReason, RiskStore } from "@chepiao/ports/risk-store";
import { againIfUndone } from "./errors.ts";
import type { Tables } from "./tables.ts";

/** Parameters of one statement stay far below what any database takes. */
const rowsMax = 100;

export function createSqlRiskStore(db: Kysely<Tables>): RiskStore {
  const newest = (limit: number) =>
    db.selectFrom("t_risk_decision").selectAll().orderBy("decision_time", "desc").limit(limit);

  return {
    async blocks(now) {
      const rows = await db
        .selectFrom("t_risk_block")
        .selectAll()
        .where((where) => where.or([where("end_time", "is", null), where("end_time", ">", now)]))
        .orderBy("start_time")
        .orderBy("subject")
        .execute();
      return rows.map(blockOf);
    },
    async block(block) {
      await againIfUndone(() =>
        db.transaction().execute(async (trx) => {
          await trx.deleteFrom("t_risk_block").where("subject", "=", block.subject).execute();
          await trx.insertInto("t_risk_block").values(rowOf(block)).execute();
        }),
      );
    },
    async unblock(subject) {
      const { numDeletedRows } = await db.deleteFrom("t_risk_block").where("subject", "=", subject).executeTakeFirst();
      return numDeletedRows > 0;
    },
    async note(decisions) {
      for (let start = 0; start < decisions.length; start += rowsMax) {
        const rows = decisions.slice(start, start + rowsMax).map(decisionRowOf);
        await db.insertInto("t_risk_decision").ignore().values(rows).execute();
      }
    },
    async decisionsOf(userId, limit) {
      const rows = await newest(limit).where("user_id", "=", userId).execute();
      return rows.map(decisionOf);
    },
    async decisionsSince(since, limit) {
      const rows = await newest(limit).where("decision_time", ">=", since).execute();
      return rows.map(decisionOf);
    },
    async forget(before) {
      await db.deleteFrom("t_risk_decision").where("decision_time", "<", before).execute();
      await db.deleteFrom("t_risk_block").where("end_time", "<", before).execute();
    },
  };
}

const rowOf = ({ subject, blockId, reason, since, until }: RiskBlock): Selectable<Tables["t_risk_block"]> => ({
  subject,
  block_id: blockId,
  reason,
  start_time: since,
  end_time: until,
});

const blockOf = (row: Selectable<Tables["t_risk_block"]>): RiskBlock => ({
  blockId: row.block_id,
  subject: row.subject as BlockSubject,
  reason: row.reason,
  since: epochMs(Number(row.start_time)),
  until: row.end_time === null ? null : epochMs(Number(row.end_time)),
});

const decisionRowOf = (decision: RiskDecision): Selectable<Tables["t_risk_decision"]> => ({
  user_id: decision.userId,
  decision_time: decision.at,
  mode: decision.mode,
  decided: decision.decided,
  points: decision.points,
  reasons: JSON.stringify(decision.reasons),
  signals: decision.signals === null ? null : JSON.stringify(decision.signals),
});

const decisionOf = (row: Selectable<Tables["t_risk_decision"]>): RiskDecision => ({
  userId: Number(row.user_id) as UserId,
  at: epochMs(Number(row.decision_time)),
  mode: row.mode as RiskDecision["mode"],
  decided: row.decided as RiskDecision["decided"],
  points: Number(row.points),
  reasons: JSON.parse(row.reasons) as RiskReason[],
  signals: row.signals === null ? null : (JSON.parse(row.signals) as RiskSignals),
});
