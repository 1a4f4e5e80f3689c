/**
 * Counts for the first page of whoever runs the platform. Each is asked of an index that has all it needs (migrations/0067-counts.ts), so that
 * 10^6 orders of a day are counted without reading their rows; what an index has more is never changed, and costs no write of its own.
 */
import { type Kysely, sql } from "kysely";
import { codeOf, orderStates, refundStates } from "@chepiao/contracts";
import { type EpochMs, epochMs, fen, orderIdFloor } from "@chepiao/kernel";
import { deliveryStates } from "@chepiao/ports/deliveries";
import type { Counted, OperationsCounts, OrdersInState } from "@chepiao/ports/operations-counts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";

type Spread = {
  readonly everywhere: Everywhere;
  /** One table has all orders: where there are many, each would be walked over. */
  readonly hasAllOrders: boolean;
};

const [due, settled] = [codeOf(refundStates, "due"), codeOf(refundStates, "settled")];
const undelivered = [codeOf(deliveryStates, "bounced"), codeOf(deliveryStates, "failed")];

export const createSqlOperationsCounts = (
  db: Kysely<Tables>,
  { everywhere = (query) => query(db), hasAllOrders = true }: Partial<Spread> = {},
): OperationsCounts => ({
  // Nobody has to pay before he has ordered: `expire_time` leads to the day, and the id, which begins with the time, says it exactly.
  async ordersSince(since) {
    if (!hasAllOrders) return null;
    const counted: OrdersInState[] = [];
    for (const [code, state] of orderStates.entries()) {
      const row = await db
        .selectFrom("t_order")
        .select((the) => [
          the.fn.countAll<number>().as("orders"),
          the.fn.sum<number | null>("passenger_count").as("tickets"),
        ])
        .where("order_status", "=", code)
        .where("expire_time", ">=", since)
        .where("id", ">=", orderIdFloor(since))
        .executeTakeFirstOrThrow();
      if (Number(row.orders) > 0) counted.push({ state, orders: Number(row.orders), tickets: Number(row.tickets) });
      // What reads SQLite never waits, and would keep those who buy waiting until the end.
      await new Promise(setImmediate);
    }
    return counted;
  },
  moneySince: (since) =>
    everywhere(async (all) => {
      const captured = await all
        .selectFrom("t_payment_trade")
        .select((the) => the.fn.sum("amount_fen").as("amount"))
        .where("paid_at", ">=", since)
        .executeTakeFirstOrThrow();
      const refunded = await all
        .selectFrom("t_payment_refund")
        .select((the) => the.fn.sum("amount_fen").as("amount"))
        .where("update_time", ">=", since)
        // By its time: nearly all are settled, and an index of states would be read from its beginning.
        .where(sql<number>`+state`, "=", settled)
        .executeTakeFirstOrThrow();
      return { capturedFen: fen(Number(captured.amount ?? 0)), refundedFen: fen(Number(refunded.amount ?? 0)) };
    }),
  waitingEntries: () =>
    everywhere(async (all) => {
      const row = await all
        .selectFrom("t_waitlist_item")
        .select(sql<number>`count(distinct entry_id)`.as("count"))
        .where("waits", "=", 1)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    }),
  failedRefunds: (max) =>
    everywhere(async (all) => {
      const rows = await all
        .selectFrom("t_payment_refund")
        .select("create_time as at")
        .where("state", "=", due)
        .where("attempts", ">", 0)
        .limit(max)
        .execute();
      return countedOf(rows);
    }),
  failedMails: (since, max) =>
    everywhere(async (all) => {
      const rows = await all
        .selectFrom("t_delivery")
        .select("due_time as at")
        .where("state", "in", undelivered)
        .where("due_time", ">=", since)
        .limit(max)
        .execute();
      return countedOf(rows);
    }),
});

const countedOf = (rows: readonly { readonly at: number }[]): Counted => {
  let oldestAt: EpochMs | null = null;
  for (const { at } of rows) if (oldestAt === null || Number(at) < oldestAt) oldestAt = epochMs(Number(at));
  return { count: rows.length, oldestAt };
};
