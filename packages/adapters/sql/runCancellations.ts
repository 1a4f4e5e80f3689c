/** `t_run_cancellation`: that runs do not run is written with what a source says, and stays when it says so no more. */
import type { Kysely, Transaction } from "kysely";
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import { type EpochMs, epochMs, type ServiceDate } from "@chepiao/kernel";
import { type Cancellation, remembered, type RunStates } from "@chepiao/ports/run-states";
import type { RunStateTables } from "./runStates.tables.ts";
import type { Tables } from "./tables.ts";

const rowsPerStatement = 500;
type Row = RunStateTables["t_run_cancellation"];
const columns = ["source", "run_id", "said_since", "ended_at", "skipped"] as const;

export async function remember(trx: Transaction<Tables>, source: string, said: RunStates, now: EpochMs): Promise<void> {
  const rows = await trx
    .selectFrom("t_run_cancellation")
    .select(columns)
    .where("source", "=", source)
    .where("ended_at", "is", null)
    .execute();
  const { put, drop } = remembered(source, rows.map(cancellationOf), said, now);
  for (const each of [...drop, ...put.filter(({ endedAt }) => endedAt !== null)])
    await trx
      .deleteFrom("t_run_cancellation")
      .where("source", "=", source)
      .where("run_id", "=", each.runId)
      .where("said_since", "=", each.since)
      .execute();
  for (let start = 0; start < put.length; start += rowsPerStatement)
    await trx
      .insertInto("t_run_cancellation")
      .values(put.slice(start, start + rowsPerStatement).map(rowOf))
      .execute();
}

export async function cancellationsOf(db: Kysely<Tables>, runIds: readonly RunId[]): Promise<readonly Cancellation[]> {
  if (runIds.length === 0) return [];
  const rows = await db
    .selectFrom("t_run_cancellation")
    .select(columns)
    .where("run_id", "in", [...runIds])
    .orderBy("said_since")
    .orderBy("source")
    .execute();
  return rows.map(cancellationOf);
}

export async function forgetEnded(db: Kysely<Tables>, runId: RunId): Promise<void> {
  await db.deleteFrom("t_run_cancellation").where("run_id", "=", runId).where("ended_at", "is not", null).execute();
}

export async function forgetCancellations(db: Kysely<Tables>, before: ServiceDate): Promise<void> {
  await db.deleteFrom("t_run_cancellation").where("origin_date", "<", before).execute();
}

const rowOf = ({ source, runId, since, endedAt, skipped }: Cancellation): Row => ({
  source,
  run_id: runId,
  said_since: since,
  origin_date: trainAndDateOf(runId)[1],
  ended_at: endedAt,
  skipped: skipped && JSON.stringify(skipped),
});

const cancellationOf = ({
  source,
  run_id,
  said_since,
  ended_at,
  skipped,
}: Pick<Row, (typeof columns)[number]>): Cancellation => ({
  source,
  runId: run_id as RunId,
  since: epochMs(Number(said_since)),
  endedAt: ended_at === null ? null : epochMs(Number(ended_at)),
  skipped: skipped === null ? null : (JSON.parse(skipped) as number[]),
});
