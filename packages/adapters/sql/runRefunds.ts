/** `t_run_refund`: a row for each order on a run that does not run, beside the order and in the transaction of its refund. */
import type { Kysely, Transaction } from "kysely";
import type { RunId } from "@chepiao/contracts";
import { type EpochMs, type Fen, type OrderId, slotOfOrder } from "@chepiao/kernel";
import { addedTo, type RunRefundResult } from "@chepiao/ports/order-store";
import type { Tables } from "./tables.ts";

const whyMax = 500;

export async function noteRunRefund(trx: Transaction<Tables>, runId: RunId, result: RunRefundResult): Promise<void> {
  const { orderId } = result;
  const slot = slotOfOrder(orderId);
  const { ticketCount, amountFen, why, at } = addedTo(await runRefundOf(trx, runId, orderId), result);
  await trx
    .deleteFrom("t_run_refund")
    .where("slot", "=", slot)
    .where("run_id", "=", runId)
    .where("order_id", "=", orderId)
    .execute();
  await trx
    .insertInto("t_run_refund")
    .values({
      run_id: runId,
      order_id: orderId,
      slot,
      ticket_count: ticketCount,
      amount: amountFen,
      why: why === null ? null : why.slice(0, whyMax),
      update_time: at,
    })
    .execute();
}

/** What went back before stays noted. */
export const noteRunRefundFailed = (
  trx: Transaction<Tables>,
  runId: RunId,
  orderId: OrderId,
  why: string,
  at: EpochMs,
): Promise<void> => noteRunRefund(trx, runId, { orderId, ticketCount: 0, amountFen: 0 as Fen, why, at });

async function runRefundOf(
  trx: Transaction<Tables>,
  runId: RunId,
  orderId: OrderId,
): Promise<RunRefundResult | undefined> {
  const row = await columnsOf(trx, runId)
    .where("slot", "=", slotOfOrder(orderId))
    .where("order_id", "=", orderId)
    .executeTakeFirst();
  return row && resultOf(row);
}

export const runRefundsOf = async (
  db: Kysely<Tables> | Transaction<Tables>,
  runId: RunId,
): Promise<readonly RunRefundResult[]> => (await columnsOf(db, runId).orderBy("order_id").execute()).map(resultOf);

const columnsOf = (db: Kysely<Tables> | Transaction<Tables>, runId: RunId) =>
  db
    .selectFrom("t_run_refund")
    .select(["order_id", "ticket_count", "amount", "why", "update_time"])
    .where("run_id", "=", runId);

const resultOf = (row: Awaited<ReturnType<ReturnType<typeof columnsOf>["execute"]>>[number]): RunRefundResult => ({
  orderId: Number(row.order_id) as OrderId,
  ticketCount: row.ticket_count,
  amountFen: Number(row.amount) as Fen,
  why: row.why,
  at: Number(row.update_time) as EpochMs,
});
