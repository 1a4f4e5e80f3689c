/**
 * How many tickets an account has on a run, for the guard of I6. A count lies where the account's orders lie, and changes in one commit
 * with them, so no ticket is counted twice or forgotten.
 */
import type { Kysely, Transaction } from "kysely";
import { lineOf, type RunId } from "@chepiao/contracts";
import { slotOfOrder } from "@chepiao/kernel";
import { liveOrderOf, type OrderChange, type OrderRecord, tripClaimsOf, tripStates } from "@chepiao/ports/order-store";
import { replacedOnRun, type TripLimits } from "@chepiao/ports/reservations";
import { stateCode } from "@chepiao/adapters/sql";
import { insertRows } from "./batches.ts";
import { ordersById } from "./orderReader.ts";
import type { MysqlTables } from "./tables.ts";
import { transactionsOn } from "./transaction.ts";

/** More than the limit adds up to more than a number can be: see `setFreeBits` of the seat ledger. */
const countUpTo = (limit: number) => `on duplicate key update
  ticket_count = if(ticket_count + values(ticket_count) <= ${limit},
      ticket_count + values(ticket_count), values(ticket_count) + 18446744073709551615)`;
const countDown = "on duplicate key update ticket_count = ticket_count + values(ticket_count)";

const countRow = (order: OrderRecord, runId: RunId, tickets: number) => ({
  run_id: runId,
  user_id: order.userId,
  slot: slotOfOrder(order.orderId),
  ticket_count: tickets,
});

/** Throws what `isGuardError` knows where one of them has too many. In the order given, and with the orders. */
export async function countTickets(
  trx: Transaction<MysqlTables>,
  orders: readonly OrderRecord[],
  { ticketsPerUserRun }: TripLimits,
): Promise<void> {
  const counts = orders.flatMap((order) =>
    tripClaimsOf(order).map((claim) => ({
      row: countRow(order, claim.runId, claim.trips.length),
      replaced: replacedOnRun(claim),
    })),
  );
  // Nearly always one statement: few change from a train to itself.
  for (const [replaced, some] of Map.groupBy(counts, (each) => each.replaced))
    await insertRows(
      trx,
      "t_account_run",
      some.map(({ row }) => row),
      countUpTo(ticketsPerUserRun + replaced),
    );
}

/** With the changes that free them. */
export const uncountTickets = (trx: Transaction<MysqlTables>, changes: readonly OrderChange[]): Promise<void> =>
  insertRows(
    trx,
    "t_account_run",
    changes.flatMap(({ order, freedSeats }) =>
      freedSeats.map(({ runId, seatIndexes }) => countRow(order, runId, -seatIndexes.length)),
    ),
    countDown,
  );

/**
 * Counts anew what the account has on the runs of that order, should processes of an older version have changed orders without counting. False where
 * the count was right.
 */
export async function recountTickets(db: Kysely<MysqlTables>, order: OrderRecord): Promise<boolean> {
  let isFixed = false;
  for (const runId of new Set(order.lines.map((line) => line.runId)))
    isFixed = (await recountOnRun(db, order, runId)) || isFixed;
  return isFixed;
}

const recountOnRun = (db: Kysely<MysqlTables>, { userId, orderId }: OrderRecord, runId: RunId): Promise<boolean> =>
  transactionsOn(db)(async (trx) => {
    const place = { slot: slotOfOrder(orderId), run_id: runId, user_id: userId };
    // A process that changes the account's orders counts at their end, and waits here.
    const counted = await trx
      .selectFrom("t_account_run")
      .select("ticket_count")
      .where((the) => the.and(place))
      .forUpdate()
      .executeTakeFirst();
    const found = await trx
      .selectFrom("t_order")
      .select("id")
      .where("slot", "=", place.slot)
      .where("user_id", "=", userId)
      .where("order_status", "in", tripStates.map(stateCode))
      .execute();
    const orders = await ordersById(
      trx,
      found.map(({ id }) => id as OrderRecord["orderId"]),
    );
    const tickets = orders.reduce((sum, order) => sum + liveTicketsOn(order, runId), 0);
    if (!counted || counted.ticket_count === tickets) return false;
    await trx
      .updateTable("t_account_run")
      .set({ ticket_count: tickets })
      .where((the) => the.and(place))
      .execute();
    return true;
  });

const liveTicketsOn = (order: OrderRecord, runId: RunId): number =>
  liveOrderOf(order).tickets.filter((ticket) => lineOf(order, ticket).runId === runId).length;
