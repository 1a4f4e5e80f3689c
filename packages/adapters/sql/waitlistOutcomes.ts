/** `t_waitlist_outcome`: what became of those who waited, a row a run. Which runs are still to be counted say the entries' items. */
import type { Kysely } from "kysely";
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import type { WaitlistOutcomes, WaitlistStore } from "@chepiao/ports/waitlist-store";
import { againIfUndone, inserted } from "./errors.ts";
import type { Everywhere } from "./sharding.ts";
import { slotOfText } from "./slots.ts";
import type { Tables } from "./tables.ts";

type Outcomes = Pick<WaitlistStore, "addOutcomes" | "forgetOutcomes" | "outcomes" | "outcomesOn" | "uncounted">;

export const createSqlWaitlistOutcomes = (db: Kysely<Tables>, everywhere: Everywhere): Outcomes => {
  const runsOn = async (originDate: string) =>
    (
      await everywhere((all) =>
        all.selectFrom("t_waitlist_outcome").select("run_id").where("origin_date", "=", originDate).execute(),
      )
    ).map(({ run_id }) => run_id as RunId);

  return {
    async uncounted(originDate) {
      const named = await everywhere((all) =>
        all.selectFrom("t_waitlist_item").select("run_id").distinct().where("origin_date", "=", originDate).execute(),
      );
      const counted = new Set(await runsOn(originDate));
      return new Set(named.map(({ run_id }) => run_id as RunId).filter((runId) => !counted.has(runId)));
    },
    async addOutcomes({ runId, ...counts }, now) {
      const row = {
        run_id: runId,
        slot: slotOfText(runId),
        origin_date: trainAndDateOf(runId)[1],
        counts: JSON.stringify(counts),
        create_time: now,
      };
      await inserted(againIfUndone(() => db.insertInto("t_waitlist_outcome").values(row).execute()));
    },
    async outcomes(after, limit) {
      const rows = await everywhere((all) =>
        all
          .selectFrom("t_waitlist_outcome")
          .select(["run_id", "counts"])
          .where("run_id", ">", after ?? "")
          .orderBy("run_id")
          .limit(limit)
          .execute(),
      );
      const first = rows.sort((a, b) => (a.run_id < b.run_id ? -1 : 1)).slice(0, limit);
      return first.map(({ run_id, counts }) => ({
        runId: run_id as RunId,
        ...(JSON.parse(counts) as Omit<WaitlistOutcomes, "runId">),
      }));
    },
    outcomesOn: async (originDate) => (await runsOn(originDate)).length,
    async forgetOutcomes(before, keptMax) {
      const rows = await everywhere((all) =>
        all.selectFrom("t_waitlist_outcome").select(["run_id", "origin_date"]).orderBy("origin_date", "desc").execute(),
      );
      const newestFirst = rows.sort((a, b) => (a.origin_date < b.origin_date ? 1 : -1));
      const gone = newestFirst.filter(({ origin_date }, n) => n >= keptMax || origin_date < before);
      for (const { run_id } of gone)
        await db
          .deleteFrom("t_waitlist_outcome")
          .where("run_id", "=", run_id)
          .where("slot", "=", slotOfText(run_id))
          .execute();
      return gone.length;
    },
  };
};
