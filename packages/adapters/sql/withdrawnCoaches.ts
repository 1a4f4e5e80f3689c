/** `t_withdrawn_coach`, and `t_withdrawn_coach_change` beside it, in which every change takes the next number. */
import type { Kysely, Selectable, Transaction } from "kysely";
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import type { EpochMs, OrderId } from "@chepiao/kernel";
import {
  addedReseat,
  type Exchange,
  inOrder,
  type LostCoach,
  type ReseatResult,
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
    async noteReseats(runId, results) {
      for (let next = 0; next < results.length; next += reseatsAtOnce) {
        const some = results.slice(next, next + reseatsAtOnce);
        await againIfUndone(() => db.transaction().execute((trx) => noteSome(trx, runId, some)));
      }
    },
    reseats: async (runId) => (await reseatsOf(db, runId).orderBy("order_id").execute()).map(reseatOf),
    async forgetBefore(date) {
      await db.deleteFrom("t_run_reseat").where("origin_date", "<", date).execute();
      const gone = await db.deleteFrom("t_withdrawn_coach").where("origin_date", "<", date).executeTakeFirst();
      return Number(gone.numDeletedRows);
    },
  };
}

const reseatsAtOnce = 200;
const whyMax = 500;

async function noteSome(trx: Transaction<Tables>, runId: RunId, results: readonly ReseatResult[]): Promise<void> {
  const ids = results.map(({ orderId }) => orderId);
  const before = (await reseatsOf(trx, runId).where("order_id", "in", ids).execute()).map(reseatOf);
  await trx.deleteFrom("t_run_reseat").where("run_id", "=", runId).where("order_id", "in", ids).execute();
  const rows = results.map((result) => {
    const { orderId, ticketNos, why, at } = addedReseat(
      before.find((each) => each.orderId === result.orderId),
      result,
    );
    return {
      run_id: runId,
      order_id: orderId,
      origin_date: trainAndDateOf(runId)[1],
      tickets: JSON.stringify(ticketNos),
      why: why === null ? null : why.slice(0, whyMax),
      update_time: at,
    };
  });
  await trx.insertInto("t_run_reseat").values(rows).execute();
}

const reseatsOf = (db: Kysely<Tables>, runId: RunId) =>
  db.selectFrom("t_run_reseat").select(["order_id", "tickets", "why", "update_time"]).where("run_id", "=", runId);

type ReseatRow = Pick<Selectable<Tables["t_run_reseat"]>, "order_id" | "tickets" | "update_time" | "why">;

const reseatOf = (row: ReseatRow): ReseatResult => ({
  orderId: Number(row.order_id) as OrderId,
  ticketNos: JSON.parse(row.tickets) as string[],
  why: row.why,
  at: Number(row.update_time) as EpochMs,
});

async function newestIn(db: Kysely<Tables>): Promise<number> {
  const newest = db.selectFrom("t_withdrawn_coach_change").select("version").orderBy("version", "desc").limit(1);
  return (await newest.executeTakeFirst())?.version ?? 0;
}

const rowsOf = (db: Kysely<Tables>) => db.selectFrom("t_withdrawn_coach").select(["run_id", "coaches", "exchange"]);

async function write(trx: Kysely<Tables>, version: number, change: WithdrawnCoaches): Promise<void> {
  const { runId, coachNos, lost, exchange } = inOrder(change);
  const coaches = coachNos.map((no) => lost.find((each) => each.no === no) ?? no);
  // First, and so nobody writes a later change before this one is there.
  await trx.insertInto("t_withdrawn_coach_change").values({ version }).execute();
  await trx.deleteFrom("t_withdrawn_coach").where("run_id", "=", runId).execute();
  await trx
    .insertInto("t_withdrawn_coach")
    .values({
      run_id: runId,
      origin_date: trainAndDateOf(runId)[1],
      coaches: JSON.stringify(coaches),
      exchange: exchange ? JSON.stringify(exchange) : null,
    })
    .execute();
}

type Row = Pick<Selectable<Tables["t_withdrawn_coach"]>, "run_id" | "coaches" | "exchange">;

function withdrawnOf({ run_id, coaches, exchange }: Row): WithdrawnCoaches {
  const all = JSON.parse(coaches) as readonly (LostCoach | number)[];
  return {
    runId: run_id as RunId,
    coachNos: all.map((each) => (typeof each === "number" ? each : each.no)),
    lost: all.filter((each) => typeof each !== "number"),
    ...(exchange !== null && { exchange: JSON.parse(exchange) as Exchange }),
  };
}
