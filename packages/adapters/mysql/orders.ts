/**
 * Orders on a MySQL of any number of servers. A batch is two commits: seats in the ledger (`seatLedger.ts`), then rows; a change is
 * one commit on the server of its order, with its messages and a note of the seats it frees, which then leave the ledger.
 */
import type { Kysely, Transaction } from "kysely";
import {
  changeOrder,
  detailRow,
  isDuplicateKey,
  messageRows,
  orderReads,
  orderRow,
  stateCode,
} from "@chepiao/adapters/sql";
import type { OrderAccepted, OrderState, RunId } from "@chepiao/contracts";
import { type EpochMs, type OrderId, slotOfOrder } from "@chepiao/kernel";
import {
  firstRecord,
  type OrderChange,
  type OrderRecord,
  type OrderStore,
  seatHoldingStates,
  type Written,
} from "@chepiao/ports/order-store";
import { inLockingOrder, inParts, insertRows, padded } from "./batches.ts";
import { ordersById, statesById } from "./orderReader.ts";
import { createOrderScans } from "./orderScans.ts";
import type { Release, SeatLedger } from "./seatLedger.ts";
import type { MysqlTables } from "./tables.ts";
import { transactionsOn } from "./transaction.ts";

const holdingCodes = seatHoldingStates.map(stateCode);

export type MysqlOrderDeps = {
  readonly sql: Kysely<MysqlTables>;
  readonly ledger: SeatLedger;
  readonly report: (message: string, error: unknown) => void;
};

export function createMysqlOrderStore({ sql, ledger, report }: MysqlOrderDeps): OrderStore {
  const inTransaction = transactionsOn(sql);
  /** The last batch had come before. What follows in a log that is read anew is asked for, not tried: that is a quarter of the work at most. */
  let comesAgain = false;

  /** Orders whose seats were decided; one that is there already was written by an earlier attempt. */
  const write = (decided: readonly Decided[], now: EpochMs) =>
    inParts<Decided, Written>(decided, (some) => insert(some, now), knownAmong);

  async function insert(decided: readonly Decided[], now: EpochMs): Promise<Written[] | null> {
    const records = inLockingOrder(decided, ({ order }) => slotOfOrder(order.orderId)).map(({ order, claimed }) =>
      firstRecord(order, claimed),
    );
    try {
      await inTransaction((trx) => insertOrders(trx, records, now));
      return decided.map(({ claimed }) => (claimed ? "pendingPayment" : "rejected"));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return decided.length > 1 ? null : ["known"];
    }
  }

  async function knownAmong(decided: readonly Decided[]): Promise<(Written | null)[]> {
    const there = await states(decided.map(({ order }) => order.orderId));
    return decided.map(({ order }) => (there.has(order.orderId) ? "known" : null));
  }

  /** From primaries, as everything in a transaction is. */
  const states = (orderIds: readonly OrderId[]) => inTransaction((trx) => statesById(trx, orderIds));

  /** What is committed with the changes: when time comes for their orders, what others must hear, what the ledger must free. */
  async function writeAlong(trx: Transaction<MysqlTables>, changes: readonly OrderChange[], now: EpochMs) {
    await updateDue(trx, changes);
    const messages = changes.flatMap((change) => messageRows(change.messages, now, slotOfOrder(change.order.orderId)));
    await insertRows(trx, "t_local_message", messages);
    await ledger.note(trx, releasesOf(changes), now);
  }

  /** Orders whose time has come. */
  async function due(state: "pendingPayment" | "ticketed", now: EpochMs, limit: number): Promise<OrderRecord[]> {
    return inTransaction(async (trx) => {
      const found = await trx
        .selectFrom("t_order_due")
        .select("order_id")
        .where("order_status", "=", stateCode(state))
        .where("due_time", "<=", now)
        .orderBy("due_time")
        .limit(limit)
        .execute();
      const orders = await ordersById(
        trx,
        found.map((row) => row.order_id as OrderId),
      );
      return orders.filter((order) => order.state === state);
    });
  }

  return {
    ...orderReads(sql),
    ...createOrderScans(sql),
    states,
    async accept(orders, now) {
      const known = comesAgain ? await states(orders.map(({ orderId }) => orderId)) : noStates;
      const others = orders.filter(({ orderId }) => !known.has(orderId));
      const claimed = await ledger.claim(others);
      const decided = others.map((order, n) => ({ order, claimed: claimed[n]! }));
      const written = await write(decided, now);
      const outcomes = orders.map(({ orderId }) => (known.has(orderId) ? "known" : written.shift()!));
      comesAgain = outcomes.includes("known");
      return outcomes;
    },
    async change(changes, now) {
      const made = await inTransaction(async (trx) => {
        const done = new Map<number, OrderChange>();
        for (const [n, change] of inLockingOrder([...changes.entries()], ([, { order }]) =>
          slotOfOrder(order.orderId),
        )) {
          if (await changeOrder(trx, change, now)) done.set(n, change);
        }
        await writeAlong(trx, [...done.values()], now);
        return done;
      });
      try {
        await ledger.release(releasesOf([...made.values()]));
      } catch (error) {
        // The changes are made, and what they free is noted.
        report("seats that were given back are not free in the ledger yet", error);
      }
      return changes.map((_, n) => made.has(n));
    },
    async tell(messages, now) {
      await inTransaction((trx) => insertRows(trx, "t_local_message", messageRows(messages, now)));
    },
    forgetRuns: (before, limit) => ledger.forget(before, limit),
    overdue: (now, limit) => due("pendingPayment", now, limit),
    travelled: (now, limit) => due("ticketed", now, limit),
    async soldRuns() {
      const rows = await inTransaction((trx) =>
        trx.selectFrom("t_order_due").select("run_id").distinct().where("order_status", "in", holdingCodes).execute(),
      );
      return new Set(rows.map((row) => row.run_id as RunId));
    },
  };
}

const noStates: ReadonlyMap<OrderId, OrderState> = new Map();

type Decided = { readonly order: OrderAccepted; readonly claimed: boolean };

async function insertOrders(
  trx: Transaction<MysqlTables>,
  orders: readonly OrderRecord[],
  now: EpochMs,
): Promise<void> {
  await insertRows(
    trx,
    "t_order",
    orders.map((order) => orderRow(order, now)),
  );
  await insertRows(
    trx,
    "t_order_detail",
    orders.flatMap((order) => order.tickets.map((ticket, n) => detailRow(order, ticket, n))),
  );
  await insertRows(trx, "t_order_due", orders.filter(isUnderWay).map(dueRow));
}

/** In one transaction with the change itself, and on its server: the table never disagrees with the orders. */
async function updateDue(trx: Transaction<MysqlTables>, changes: readonly OrderChange[]): Promise<void> {
  const orders = changes.map(({ order }) => order);
  const renew = "on duplicate key update order_status = values(order_status), due_time = values(due_time)";
  await insertRows(trx, "t_order_due", orders.filter(isUnderWay).map(dueRow), renew);
  const over = orders.filter((order) => !isUnderWay(order)).map(({ orderId }) => orderId);
  if (over.length === 0) return;
  await trx
    .deleteFrom("t_order_due")
    .where("slot", "in", padded(slotsOf(over)))
    .where("order_id", "in", padded(over))
    .execute();
}

const isUnderWay = ({ state }: OrderRecord) => (seatHoldingStates as readonly string[]).includes(state);

const dueRow = (order: OrderRecord) => ({
  order_id: order.orderId,
  slot: slotOfOrder(order.orderId),
  run_id: order.runId,
  order_status: stateCode(order.state),
  due_time: order.state === "pendingPayment" ? order.payBy : order.arriveAt,
});

const releasesOf = (changes: readonly OrderChange[]): Release[] =>
  changes
    .filter(({ freedSeats }) => freedSeats.length > 0)
    .map(({ order, freedSeats }) => ({ orderId: order.orderId, runId: order.runId, seats: freedSeats }));

const slotsOf = (orderIds: readonly OrderId[]) => [...new Set(orderIds.map(slotOfOrder))];
