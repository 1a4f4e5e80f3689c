/** `t_risk_block`, `t_risk_appeal` and `t_risk_decision`. Decisions go in with one statement each time; they are few, and nobody waits for them. */
import type { Kysely, Selectable } from "kysely";
import type { RiskSignals } from "@chepiao/contracts";
import { type EpochMs, epochMs, type UserId } from "@chepiao/kernel";
import {
  appealOutcomes,
  type BlockSubject,
  type RiskAppeal,
  type RiskBlock,
  type RiskDecision,
  type RiskReason,
  type RiskStore,
} from "@chepiao/ports/risk-store";
import { againIfUndone } from "./errors.ts";
import type { Tables } from "./tables.ts";

/** Parameters of one statement stay far below what any database takes. */
const rowsMax = 100;
const isOpen = appealOutcomes.indexOf("open");

export function createSqlRiskStore(db: Kysely<Tables>): RiskStore {
  const newest = (limit: number) =>
    db.selectFrom("t_risk_decision").selectAll().orderBy("decision_time", "desc").limit(limit);

  const newestAppeals = (limit: number) =>
    db
      .selectFrom("t_risk_appeal")
      .selectAll()
      .orderBy("create_time", "desc")
      .orderBy("block_id")
      .orderBy("user_id")
      .limit(limit);

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
    appeal: ({ blockId, userId, text, at }) =>
      againIfUndone(() =>
        db.transaction().execute(async (trx) => {
          const row = { block_id: blockId, user_id: userId, text, create_time: at, outcome: isOpen };
          await trx
            .insertInto("t_risk_appeal")
            .ignore()
            .values({ ...row, answer: null, end_time: null })
            .execute();
          const kept = trx.selectFrom("t_risk_appeal").selectAll().where("block_id", "=", blockId);
          return appealOf(await kept.where("user_id", "=", userId).executeTakeFirstOrThrow());
        }),
      ),
    async appealsOf(userId, limit) {
      return (await newestAppeals(limit).where("user_id", "=", userId).execute()).map(appealOf);
    },
    async appeals(which, limit) {
      if (which === "all") return (await newestAppeals(limit).execute()).map(appealOf);
      const rows = await db
        .selectFrom("t_risk_appeal as appeal")
        .innerJoin("t_risk_block as block", "block.block_id", "appeal.block_id")
        .selectAll("appeal")
        .where("appeal.outcome", "=", isOpen)
        .orderBy("appeal.create_time")
        .orderBy("appeal.block_id")
        .orderBy("appeal.user_id")
        .limit(limit)
        .execute();
      return rows.map(appealOf);
    },
    decideAppeals: (blockId, { isGranted, answer, at }) =>
      againIfUndone(() =>
        db.transaction().execute(async (trx) => {
          const outcome = appealOutcomes.indexOf(isGranted ? "granted" : "refused");
          const { numUpdatedRows } = await trx
            .updateTable("t_risk_appeal")
            .set({ outcome, answer, end_time: at })
            .where("block_id", "=", blockId)
            .where("outcome", "=", isOpen)
            .executeTakeFirst();
          if (isGranted && numUpdatedRows > 0)
            await trx.deleteFrom("t_risk_block").where("block_id", "=", blockId).execute();
          return Number(numUpdatedRows);
        }),
      ),
    async forget(before) {
      await db.deleteFrom("t_risk_decision").where("decision_time", "<", before).execute();
      await db.deleteFrom("t_risk_block").where("end_time", "<", before).execute();
      await db.deleteFrom("t_risk_appeal").where("end_time", "<", before).execute();
      await db.transaction().execute((trx) => forgetUnanswered(trx, before));
    },
  };
}

/** Of a block that is gone nobody answers any more. ShardingSphere-Proxy deletes from no table by what another one holds. */
async function forgetUnanswered(trx: Kysely<Tables>, before: EpochMs): Promise<void> {
  const waiting = await trx
    .selectFrom("t_risk_appeal")
    .select("block_id")
    .distinct()
    .where("outcome", "=", isOpen)
    .where("create_time", "<", before)
    .execute();
  if (waiting.length === 0) return;
  const blocks = new Set(
    (await trx.selectFrom("t_risk_block").select("block_id").execute()).map((row) => row.block_id),
  );
  const gone = waiting.map((row) => row.block_id).filter((blockId) => !blocks.has(blockId));
  for (let start = 0; start < gone.length; start += rowsMax)
    await trx
      .deleteFrom("t_risk_appeal")
      .where("block_id", "in", gone.slice(start, start + rowsMax))
      .where("outcome", "=", isOpen)
      .where("create_time", "<", before)
      .execute();
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

const appealOf = (row: Selectable<Tables["t_risk_appeal"]>): RiskAppeal => ({
  blockId: row.block_id,
  userId: Number(row.user_id) as UserId,
  text: row.text,
  at: epochMs(Number(row.create_time)),
  outcome: appealOutcomes[Number(row.outcome)]!,
  answer: row.answer,
  decidedAt: row.end_time === null ? null : epochMs(Number(row.end_time)),
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
