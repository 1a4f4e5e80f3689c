/** `t_quota`, and `t_quota_change` beside it, in which every change takes the next number. */
import type { Kysely, Selectable } from "kysely";
import { codeOf, type QuotaLimit, type RunId, seatClasses, trainAndDateOf, wordOf } from "@chepiao/contracts";
import type { EpochMs, ServiceDate } from "@chepiao/kernel";
import {
  type ClassQuotas,
  quotaPage,
  type QuotaPlace,
  quotasPerPageMax,
  type QuotaStore,
  type StationQuota,
} from "@chepiao/ports/quota-store";
import { againIfUndone, isDuplicateKey } from "./errors.ts";
import type { Tables } from "./tables.ts";

const rowsPerStatement = 200;

export function createSqlQuotaStore(db: Kysely<Tables>): QuotaStore {
  return {
    version: () => newestIn(db),
    since: (version, before, after) =>
      db
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute(async (trx) => {
          const newest = await newestIn(trx);
          const rows = newest > version ? await pageOf(trx, version, before, after) : [];
          return quotaPage(newest, rows.map(quotasOf));
        }),
    async ofRun(runId) {
      const rows = await rowsOf(db).where("run_id", "=", runId).execute();
      return rows.map(quotasOf).filter(({ quotas }) => quotas.length > 0);
    },
    async set(after, changes) {
      if ((await newestIn(db)) !== after) return null;
      const version = after + 1;
      try {
        await againIfUndone(() => db.transaction().execute((trx) => write(trx, version, changes)));
      } catch (error) {
        if (isDuplicateKey(error)) return null;
        throw error;
      }
      return version;
    },
    async forgetBefore(date) {
      const { numDeletedRows } = await db.deleteFrom("t_quota").where("origin_date", "<", date).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

type QuotaRow = Selectable<Tables["t_quota"]>;

async function newestIn(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom("t_quota_change").select("version").orderBy("version", "desc").limit(1).execute();
  return row[0]?.version ?? 0;
}

const rowsOf = (db: Kysely<Tables>) => db.selectFrom("t_quota").select(["run_id", "seat_type", "quotas"]);

/** In the order of the key, page after page. */
const pageOf = (db: Kysely<Tables>, version: number, before: ServiceDate, after: QuotaPlace | undefined) =>
  rowsOf(db)
    .where("version", ">", version)
    .where("origin_date", "<", before)
    .$if(after !== undefined, (query) =>
      query.where(({ eb, or, and }) =>
        or([
          eb("run_id", ">", after!.runId),
          and([eb("run_id", "=", after!.runId), eb("seat_type", ">", codeOf(seatClasses, after!.seatClass))]),
        ]),
      ),
    )
    .orderBy("run_id")
    .orderBy("seat_type")
    .limit(quotasPerPageMax)
    .execute();

async function write(trx: Kysely<Tables>, version: number, changes: readonly ClassQuotas[]): Promise<void> {
  // First, and so nobody writes the rows of a later change before these are there.
  await trx.insertInto("t_quota_change").values({ version }).execute();
  for (let start = 0; start < changes.length; start += rowsPerStatement) {
    const some = changes.slice(start, start + rowsPerStatement).map((change) => rowOf(change, version));
    await replace(trx, some);
  }
}

async function replace(trx: Kysely<Tables>, rows: readonly QuotaRow[]): Promise<void> {
  for (const [seatType, ofClass] of Map.groupBy(rows, (row) => row.seat_type)) {
    const runIds = ofClass.map((row) => row.run_id);
    await trx.deleteFrom("t_quota").where("seat_type", "=", seatType).where("run_id", "in", runIds).execute();
  }
  await trx
    .insertInto("t_quota")
    .values([...rows])
    .execute();
}

type QuotaText = [from: readonly string[] | null, to: readonly string[] | null, limits: [number, number | null][]];

const rowOf = ({ runId, seatClass, quotas }: ClassQuotas, version: number): QuotaRow => ({
  run_id: runId,
  seat_type: codeOf(seatClasses, seatClass),
  origin_date: trainAndDateOf(runId)[1],
  version,
  quotas: JSON.stringify(
    quotas.map(({ fromStations, toStations, limits }): QuotaText => [
      fromStations,
      toStations,
      limits.map(({ since, seats }) => [since, seats]),
    ]),
  ),
});

const quotasOf = ({ run_id, seat_type, quotas }: Pick<QuotaRow, "run_id" | "seat_type" | "quotas">): ClassQuotas => ({
  runId: run_id as RunId,
  seatClass: wordOf(seatClasses, seat_type),
  quotas: (JSON.parse(quotas) as QuotaText[]).map(([fromStations, toStations, limits]): StationQuota => ({
    fromStations,
    toStations,
    limits: limits.map(([since, seats]): QuotaLimit => ({ since: since as EpochMs, seats })),
  })),
});
