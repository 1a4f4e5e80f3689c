/**
 * `t_mistake_refund`: the places that an account and day have for orders given back by mistake. A place is taken in the transaction of the
 * refund itself and lies where the account's orders lie, so its key is what settles two refunds at once, and a crash takes both or neither.
 */
import type { Kysely, Transaction } from "kysely";
import { type OrderId, type ServiceDate, slotOfOrder, slotOfUser, type UserId } from "@chepiao/kernel";
import type { MistakeRefund, OrderRecord } from "@chepiao/ports/order-store";
import { inserted } from "./errors.ts";
import type { Tables } from "./tables.ts";

/** False where another order has that place. */
export const takeMistake = (
  trx: Transaction<Tables>,
  { orderId, userId }: OrderRecord,
  { day, nth }: MistakeRefund,
): Promise<boolean> =>
  inserted(
    trx
      .insertInto("t_mistake_refund")
      .values({ slot: slotOfOrder(orderId), user_id: userId, refund_date: day, nth, order_id: orderId })
      .execute(),
  );

/** Of a change that was not made after all. */
export async function leaveMistake(
  trx: Transaction<Tables>,
  { orderId, userId }: OrderRecord,
  { day, nth }: MistakeRefund,
): Promise<void> {
  await trx
    .deleteFrom("t_mistake_refund")
    .where("slot", "=", slotOfOrder(orderId))
    .where("user_id", "=", userId)
    .where("refund_date", "=", day)
    .where("nth", "=", nth)
    .execute();
}

export async function mistakesOf(
  db: Kysely<Tables> | Transaction<Tables>,
  userId: UserId,
  day: ServiceDate,
): Promise<readonly OrderId[]> {
  const rows = await db
    .selectFrom("t_mistake_refund")
    .select(["nth", "order_id"])
    .where("slot", "=", slotOfUser(userId))
    .where("user_id", "=", userId)
    .where("refund_date", "=", day)
    .execute();
  const orders: OrderId[] = [];
  for (const { nth, order_id } of rows) orders[nth] = order_id as OrderId;
  return orders;
}

export const forgetMistakes = (trx: Transaction<Tables>, before: ServiceDate) =>
  trx.deleteFrom("t_mistake_refund").where("refund_date", "<", before).execute();
