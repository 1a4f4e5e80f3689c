/** What became of runs on the day, in SQL. Of what a source says anew only the differences are written: mostly few trains are later than before. */
import type { Kysely, Transaction } from "kysely";
import { type Notice, type RunId, type RunState, type StopState, trainAndDateOf } from "@chepiao/contracts";
import { type EpochMs, epochMs, type ServiceDate } from "@chepiao/kernel";
import { isOfOperator, type RunStates, type RunStateStore } from "@chepiao/ports/run-states";
import { cancellationsOf, forgetCancellations, forgetEnded, remember } from "./runCancellations.ts";
import type { RunStateTables } from "./runStates.tables.ts";
import type { Tables } from "./tables.ts";

const rowsPerStatement = 500;
type StateRow = RunStateTables["t_run_state"];

export function createSqlRunStateStore(db: Kysely<Tables>): RunStateStore {
  return {
    async version() {
      const rows = await db.selectFrom("t_run_source").select("version").execute();
      return rows.reduce((sum, { version }) => sum + Number(version), 0);
    },
    read: () => db.transaction().setIsolationLevel("repeatable read").execute(readAll),
    replace: (source, said, now) => db.transaction().execute((trx) => replace(trx, source, said, now)),
    cancellationsOf: (runIds) => cancellationsOf(db, runIds),
    forgetEnded: (runId) => forgetEnded(db, runId),
    forgetBefore: (states, cancellations) =>
      db.transaction().execute(async (trx) => {
        await forgetCancellations(trx, cancellations);
        await forgetStates(trx, states);
      }),
  };
}

/** Keeps the versions of sources that are gone, so that the sum of all never comes back to what it was. */
const gone = "";

async function forgetStates(trx: Transaction<Tables>, before: ServiceDate): Promise<void> {
  const states = await trx.selectFrom("t_run_state").select(["source", "run_id"]).execute();
  const isOver = (runId: string) => trainAndDateOf(runId as RunId)[1] < before;
  const over = [...new Set(states.filter(({ run_id }) => isOver(run_id)).map(({ run_id }) => run_id))];
  for (const some of pages(over)) await trx.deleteFrom("t_run_state").where("run_id", "in", some).execute();

  const speaking = new Set(states.filter(({ run_id }) => !isOver(run_id)).map(({ source }) => source));
  const sources = await trx.selectFrom("t_run_source").select(["source", "version"]).execute();
  const silent = sources.filter(({ source }) => isOfOperator(source) && !speaking.has(source));
  if (silent.length === 0) return;
  for (const some of pages(silent.map(({ source }) => source)))
    await trx.deleteFrom("t_run_source").where("source", "in", some).execute();
  const known = sources.find(({ source }) => source === gone);
  const version = silent.reduce((sum, each) => sum + Number(each.version), 1 + Number(known?.version ?? 0));
  if (known) await trx.updateTable("t_run_source").set({ version }).where("source", "=", gone).execute();
  else await trx.insertInto("t_run_source").values({ source: gone, version, said_at: 0, stale_at: 0 }).execute();
}

async function readAll(trx: Transaction<Tables>): Promise<Map<string, RunStates>> {
  const sources = await trx
    .selectFrom("t_run_source")
    .select(["source", "said_at", "stale_at"])
    .where("source", "!=", gone)
    .orderBy("source")
    .execute();
  const states = await trx
    .selectFrom("t_run_state")
    .select(["source", "run_id", "is_cancelled", "stops"])
    .orderBy("source")
    .orderBy("run_id")
    .execute();
  const notices = await trx
    .selectFrom("t_run_notice")
    .select(["source", "notice"])
    .orderBy("source")
    .orderBy("notice_index")
    .execute();
  const statesBySource = Map.groupBy(states, (row) => row.source);
  const noticesBySource = Map.groupBy(notices, (row) => row.source);
  return new Map(
    sources.map(({ source, said_at, stale_at }) => [
      source,
      {
        at: epochMs(Number(said_at)),
        staleAt: epochMs(Number(stale_at)),
        runs: (statesBySource.get(source) ?? []).map(stateOf),
        notices: (noticesBySource.get(source) ?? []).map(({ notice }) => JSON.parse(notice) as Notice),
      },
    ]),
  );
}

async function replace(trx: Transaction<Tables>, source: string, said: RunStates, now: EpochMs): Promise<boolean> {
  // Taken for the time of the transaction: of two that say something at once, the second sees what the first has written.
  await trx.updateTable("t_run_source").set({ source }).where("source", "=", source).execute();
  const before = await trx
    .selectFrom("t_run_source")
    .select(["version", "said_at"])
    .where("source", "=", source)
    .executeTakeFirst();
  if (before && Number(before.said_at) >= said.at) return false;
  const header = { version: Number(before?.version ?? 0) + 1, said_at: said.at, stale_at: said.staleAt };
  if (before) await trx.updateTable("t_run_source").set(header).where("source", "=", source).execute();
  else
    await trx
      .insertInto("t_run_source")
      .values({ source, ...header })
      .execute();

  const rows = await trx
    .selectFrom("t_run_state")
    .select(["run_id", "is_cancelled", "stops"])
    .where("source", "=", source)
    .execute();
  const known = new Map(rows.map((row) => [row.run_id, row]));
  const changed: StateRow[] = [];
  for (const run of said.runs) {
    const row = rowOf(source, run);
    const old = known.get(row.run_id);
    if (old?.is_cancelled === row.is_cancelled && old.stops === row.stops) known.delete(row.run_id);
    else changed.push(row);
  }
  // What is left is gone, or is another.
  for (const ids of pages([...known.keys()]))
    await trx.deleteFrom("t_run_state").where("source", "=", source).where("run_id", "in", ids).execute();
  for (const some of pages(changed)) await trx.insertInto("t_run_state").values(some).execute();

  await remember(trx, source, said, now);
  await trx.deleteFrom("t_run_notice").where("source", "=", source).execute();
  const notices = said.notices.map((notice, index) => ({
    source,
    notice_index: index,
    notice: JSON.stringify(notice),
  }));
  for (const some of pages(notices)) await trx.insertInto("t_run_notice").values(some).execute();
  return true;
}

type StopValues = [stop: number, arrive: number | null, depart: number | null, isSkipped: 0 | 1];

const rowOf = (source: string, { runId, isCancelled, stops }: RunState): StateRow => ({
  source,
  run_id: runId,
  is_cancelled: isCancelled ? 1 : 0,
  stops: JSON.stringify(
    stops.map((stop): StopValues => [stop.stop, stop.arriveDelayS, stop.departDelayS, stop.isSkipped ? 1 : 0]),
  ),
});

const stateOf = ({ run_id, is_cancelled, stops }: StateRow): RunState => ({
  runId: run_id as RunId,
  isCancelled: is_cancelled === 1,
  stops: (JSON.parse(stops) as StopValues[]).map(([stop, arriveDelayS, departDelayS, isSkipped]): StopState => ({
    stop,
    arriveDelayS,
    departDelayS,
    isSkipped: isSkipped === 1,
  })),
});

function* pages<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; start += rowsPerStatement) yield all.slice(start, start + rowsPerStatement);
}
