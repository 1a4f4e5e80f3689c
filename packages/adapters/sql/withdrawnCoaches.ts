/** `t_withdrawn_coach`, and `t_withdrawn_coach_change` beside it, in which every change takes the next number. */
import type { Kysely, Selectable } from "kysely";
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import {
  inOrder,
  type LostCoach,
  type WithdrawnCoaches,
  type WithdrawnCoachStore,
} from "@chepiao/ports/withdrawn-coaches";
import { againIfUndone, isDuplicateKey } from "./errors.ts";
import type { Tables } from "./tables.ts";

export function createSqlWithdrawnCoachStore(db: Kysely<Tables>): WithdrawnCoachStore {
  return {
    version: () => newestIn(db),
    all: () =>
      db
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute(async (trx) => {
          const version = await newestIn(trx);
          return { version, runs: (await rowsOf(trx).execute()).map(withdrawnOf) };
        }),
    async ofRuns(runIds) {
      if (runIds.length === 0) return [];
      return (
        await rowsOf(db)
          .where("run_id", "in", [...new Set(runIds)])
          .execute()
      ).map(withdrawnOf);
    },
    async set(after, change) {
      if ((await newestIn(db)) !== after) return null;
      const version = after + 1;
      try {
        await againIfUndone(() => db.transaction().execute((trx) => write(trx, version, change)));
      } catch (error) {
        if (isDuplicateKey(error)) return null;
        throw error;
      }
      return version;
    },
    async forgetBefore(date) {
      const gone = await db.deleteFrom("t_withdrawn_coach").where("origin_date", "<", date).executeTakeFirst();
      return Number(gone.numDeletedRows);
    },
  };
}

async function newestIn(db: Kysely<Tables>): Promise<number> {
  const newest = db.selectFrom("t_withdrawn_coach_change").select("version").orderBy("version", "desc").limit(1);
  return (await newest.executeTakeFirst())?.version ?? 0;
}

const rowsOf = (db: Kysely<Tables>) => db.selectFrom("t_withdrawn_coach").select(["run_id", "coaches"]);

async function write(trx: Kysely<Tables>, version: number, change: WithdrawnCoaches): Promise<void> {
  const { runId, coachNos, lost } = inOrder(change);
  const coaches = coachNos.map((no) => lost.find((each) => each.no === no) ?? no);
  // First, and so nobody writes a later change before this one is there.
  await trx.insertInto("t_withdrawn_coach_change").values({ version }).execute();
  await trx.deleteFrom("t_withdrawn_coach").where("run_id", "=", runId).execute();
  await trx
    .insertInto("t_withdrawn_coach")
    .values({ run_id: runId, origin_date: trainAndDateOf(runId)[1], coaches: JSON.stringify(coaches) })
    .execute();
}

type Row = Pick<Selectable<Tables["t_withdrawn_coach"]>, "run_id" | "coaches">;

function withdrawnOf({ run_id, coaches }: Row): WithdrawnCoaches {
  const all = JSON.parse(coaches) as readonly (LostCoach | number)[];
  return {
    runId: run_id as RunId,
    coachNos: all.map((each) => (typeof each === "number" ? each : each.no)),
    lost: all.filter((each) => typeof each !== "number"),
  };
}
