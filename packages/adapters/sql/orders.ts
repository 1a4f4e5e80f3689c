/**
 * Orders and tickets in SQL: what both databases do alike, and the whole store where an order and its seats in the ledger are one
 * transaction. The hot way in, `accept`, and walks over everything are each database's own.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import { codeOf, type RunId, seatClasses, ticketStates } from "@chepiao/contracts";
import { type EpochMs, slotOfOrder, slotOfUser } from "@chepiao/kernel";
import {
  type OrderChange,
  type OrderRecord,
  type OrderStore,
  seatHoldingStates,
  type TicketRecord,
} from "@chepiao/ports/order-store";
import { reusable } from "./compiled.ts";
import { type DetailRow, isTorn, type OrderRow, readsMax, recordOf, stateCode, statesOf } from "./orders.rows.ts";
import { insertMessages } from "./outbox.ts";
import { seatMask } from "./seatMask.ts";
import type { Tables } from "./tables.ts";

const holdingCodes = seatHoldingStates.map(stateCode);

/** @param roads how this database writes accepted orders with their seats, walks over all of them, and forgets seats of long ago */
export function createSqlOrderStore(
  db: Kysely<Tables>,
  roads: Pick<OrderStore, "accept" | "live" | "createdSince" | "forgetRuns">,
): OrderStore {
  const orders = () => db.selectFrom("t_order").selectAll();
  return {
    ...roads,
    ...orderReads(db),
    async change(changes, now) {
      return db.transaction().execute(async (trx) => {
        const made: boolean[] = [];
        for (const change of changes) {
          const isMade = await changeOrder(trx, change, now);
          if (isMade) {
            if (change.freedSeats.length > 0) await freeSeats(trx, change.order, change.freedSeats);
            await insertMessages(trx, change.messages, now, slotOfOrder(change.order.orderId));
          }
          made.push(isMade);
        }
        return made;
      });
    },
    async states(orderIds) {
      const rows = await db
        .selectFrom("t_order")
        .select(["id", "order_status"])
        .where("id", "in", [...orderIds])
        .execute();
      return statesOf(rows);
    },
    tell: (messages, now) => db.transaction().execute((trx) => insertMessages(trx, messages, now)),
    async overdue(now, limit) {
      const rows = await orders()
        .where("order_status", "=", stateCode("pendingPayment"))
        .where("expire_time", "<=", now)
        .orderBy("expire_time")
        .limit(limit)
        .execute();
      return withTickets(db, rows);
    },
    async travelled(now, limit) {
      const rows = await orders()
        .where("order_status", "=", stateCode("ticketed"))
        .where("arrival_time", "<=", now)
        .orderBy("arrival_time")
        .limit(limit)
        .execute();
      return withTickets(db, rows);
    },
    async soldRuns() {
      const rows = await db
        .selectFrom("t_order")
        .select("run_id")
        .distinct()
        .where("order_status", "in", holdingCodes)
        .execute();
      return new Set(rows.map((row) => row.run_id as RunId));
    },
    async highestId() {
      const row = await db
        .selectFrom("t_order")
        .select((the) => the.fn.max("id").as("highest"))
        .executeTakeFirst();
      return Number(row?.highest ?? 0);
    },
  };
}

/** What is asked about one order or one account: both lead to their slot. */
export function orderReads(db: Kysely<Tables>): Pick<OrderStore, "load" | "ofUser"> {
  const orders = () => db.selectFrom("t_order").selectAll();
  const orderById = reusable(db, orders().where("slot", "=", 0).where("id", "=", 0).compile());
  const detailsById = reusable(
    db,
    db
      .selectFrom("t_order_detail")
      .selectAll()
      .where("slot", "=", 0)
      .where("order_id", "=", 0)
      .orderBy("ticket_index")
      .compile(),
  );
  return {
    async load(orderId) {
      for (let reads = 1; ; reads++) {
        const [row] = await orderById(slotOfOrder(orderId), orderId);
        if (!row) return null;
        const order = recordOf(row, await detailsById(slotOfOrder(orderId), orderId));
        if (!isTorn(order) || reads === readsMax) return order;
      }
    },
    async ofUser(userId, { state, before, limit }) {
      let query = orders().where("slot", "=", slotOfUser(userId)).where("user_id", "=", userId);
      if (state) query = query.where("order_status", "=", stateCode(state));
      if (before !== undefined) query = query.where("id", "<", before);
      return withTickets(db, await query.orderBy("id", "desc").limit(limit).execute());
    },
  };
}

/** Rows as orders, in the order given. */
async function withTickets(db: Kysely<Tables>, rows: readonly OrderRow[]): Promise<OrderRecord[]> {
  if (rows.length === 0) return [];
  const details: DetailRow[] = await db
    .selectFrom("t_order_detail")
    .selectAll()
    .where("slot", "in", [...new Set(rows.map((row) => row.slot))])
    .where(
      "order_id",
      "in",
      rows.map((row) => row.id),
    )
    .orderBy("order_id")
    .orderBy("ticket_index")
    .execute();
  const byOrder = Map.groupBy(details, (detail) => detail.order_id);
  return rows.map((row) => recordOf(row, byOrder.get(row.id) ?? []));
}

/** The compare-and-set: false where the order has not the version that was decided on. Ledger and messages are the caller's. */
export async function changeOrder(trx: Transaction<Tables>, { order }: OrderChange, now: EpochMs): Promise<boolean> {
  const result = await trx
    .updateTable("t_order")
    .set({
      order_status: stateCode(order.state),
      ended_because: order.endedBecause,
      payment_no: order.paymentNo,
      pay_time: order.paidAt,
      update_time: now,
      version: order.version + 1,
    })
    .where("id", "=", order.orderId)
    .where("slot", "=", slotOfOrder(order.orderId))
    .where("version", "=", order.version)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) return false;
  // Most changes make the same of all tickets: one statement.
  const alike = Map.groupBy(order.tickets.keys(), (index) => JSON.stringify(standing(order.tickets[index]!)));
  for (const indexes of alike.values()) {
    await trx
      .updateTable("t_order_detail")
      .set(standing(order.tickets[indexes[0]!]!))
      .where("order_id", "=", order.orderId)
      .where("slot", "=", slotOfOrder(order.orderId))
      .where("ticket_index", "in", indexes)
      .execute();
  }
  return true;
}

const standing = (ticket: TicketRecord) => ({
  ticket_status: codeOf(ticketStates, ticket.state),
  refund_fee: ticket.feeFen,
  refund_amount: ticket.refundFen,
});

async function freeSeats(trx: Transaction<Tables>, order: OrderRecord, seats: readonly number[]) {
  const [word0, word1, word2, word3] = seatMask(order.fromStop, order.toStop);
  await trx
    .updateTable("t_seat_ledger")
    .set({
      taken0: sql`taken0 & ~${sql.lit(word0)}`,
      taken1: sql`taken1 & ~${sql.lit(word1)}`,
      taken2: sql`taken2 & ~${sql.lit(word2)}`,
      taken3: sql`taken3 & ~${sql.lit(word3)}`,
    })
    .where("run_id", "=", order.runId)
    .where("seat_type", "=", codeOf(seatClasses, order.seatClass))
    .where("seat_index", "in", seats)
    .execute();
}
