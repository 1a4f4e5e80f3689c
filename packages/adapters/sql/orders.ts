/**
 * Orders and tickets in SQL: what both databases do alike, and the whole store where an order and its seats in the ledger are one
 * transaction. The hot way in, `accept`, and walks over everything are each database's own.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import { codeOf, type RunId, seatClasses, type SeatsFreed, type TicketState, ticketStates } from "@chepiao/contracts";
import { type EpochMs, type OrderId, slotOfOrder, slotOfUser } from "@chepiao/kernel";
import {
  endedTripsOf,
  erasedText,
  type OrderChange,
  type OrderRecord,
  type OrderStore,
  hasSeatsOn,
  seatHoldingStates,
  type TicketRecord,
  tripStates,
} from "@chepiao/ports/order-store";
import type { TripClaim } from "@chepiao/ports/reservations";
import { reusable } from "./compiled.ts";
import {
  type DetailRow,
  idsWithLineRows,
  isTorn,
  type LineRow,
  type OrderRow,
  passagesIn,
  readsMax,
  recordOf,
  replacedByIn,
  standingsOf,
  stateCode,
} from "./orders.rows.ts";
import { createGroupCommit } from "./groupCommit.ts";
import { leaveMistake, mistakesOf, takeMistake } from "./mistakeRefunds.ts";
import { insertMessages } from "./outbox.ts";
import { noteRunRefund, noteRunRefundFailed, runRefundsOf } from "./runRefunds.ts";
import { seatMask } from "./seatMask.ts";
import { endStudentTrips, studentTripsOf } from "./studentTrips.ts";
import type { Tables } from "./tables.ts";

const holdingCodes = seatHoldingStates.map(stateCode);
const tripCodes = tripStates.map(stateCode);
/** Bound to one statement. */
const usersAtOnce = 500;

/** @param roads how this database writes accepted orders with their seats, walks over all of them, and forgets seats of long ago */
export function createSqlOrderStore(
  db: Kysely<Tables>,
  roads: Pick<
    OrderStore,
    "accept" | "createdSince" | "forgetRuns" | "live" | "namingTravellers" | "some" | "unpaidSince"
  >,
): OrderStore {
  const orders = () => db.selectFrom("t_order").selectAll();
  const inOneCommit = createGroupCommit(db);
  return {
    ...roads,
    ...orderReads(db),
    change: (changes, now) =>
      inOneCommit(async (trx) => {
        const made: boolean[] = [];
        for (const change of changes) made.push(await makeChange(trx, change, now));
        return made;
      }),
    studentTrips: (asked) => Promise.all(asked.map((each) => studentTripsOf(db, each))),
    changeBoth: (changes, now) =>
      bothOrNone<Transaction<Tables>>(inOneCommit, changes, (trx, change) => makeChange(trx, change, now)),
    async states(orderIds) {
      const rows = await db
        .selectFrom("t_order")
        .select(["id", "order_status", "ended_because", "create_time"])
        .where("id", "in", [...orderIds])
        .execute();
      return standingsOf(rows);
    },
    async holdersOn(runId, skipped = null) {
      // By who has tickets there: orders are not found by their run.
      const users = await db
        .selectFrom("t_account_run")
        .select("user_id")
        .where("run_id", "=", runId)
        .where("ticket_count", ">", 0)
        .execute();
      const found: OrderId[] = [];
      for (let start = 0; start < users.length; start += usersAtOnce) {
        const some = users.slice(start, start + usersAtOnce).map(({ user_id }) => user_id);
        const rows = await orders()
          .where("user_id", "in", some)
          .where("order_status", "in", tripCodes)
          .where((the) => {
            const isOff = skipped ? [the.or([the("from_stop", "in", skipped), the("to_stop", "in", skipped)])] : [];
            return the.or([the("line_count", ">", 1), the.and([the("run_id", "=", runId), ...isOff])]);
          })
          .execute();
        const held = (await withTickets(db, rows)).filter((order) => hasSeatsOn(order, { runId, skipped }));
        found.push(...held.map(({ orderId }) => orderId));
      }
      return found.sort((a, b) => a - b);
    },
    async ofTraveller(documentHash) {
      const trips = db.selectFrom("t_document_trip").select("order_id").where("document_key", "=", documentHash);
      return withTickets(db, await orders().where("id", "in", trips).orderBy("id").execute());
    },
    noteRunRefundFailed: (runId, orderId, why, now) =>
      db.transaction().execute((trx) => noteRunRefundFailed(trx, runId, orderId, why, now)),
    runRefunds: (runId) => runRefundsOf(db, runId),
    enqueue: (messages, now) => db.transaction().execute((trx) => insertMessages(trx, messages, now)),
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
      const over = orders().where("order_status", "=", stateCode("ticketed")).where("arrival_time", "<=", now);
      const rows = await over.orderBy("arrival_time").limit(limit).execute();
      const several = rows.length < limit ? await partTravelled(db, now, limit - rows.length) : [];
      return withTickets(db, [...rows, ...several]);
    },
    eraseTravellers: (orderIds, now) => db.transaction().execute((trx) => eraseTravellers(trx, orderIds, now)),
    async runsInLedger() {
      const rows = await db.selectFrom("t_seat_ledger").select("run_id").distinct().execute();
      return new Set(rows.map((row) => row.run_id as RunId));
    },
    async holdersOf(runIds) {
      if (runIds.length === 0) return new Map();
      const first = await db
        .selectFrom("t_order")
        .select(["id", "run_id"])
        .where("order_status", "in", holdingCodes)
        .where("run_id", "in", runIds)
        .execute();
      const others = await db
        .selectFrom("t_order_line")
        .innerJoin("t_order", "t_order.id", "t_order_line.order_id")
        .select(["t_order.id", "t_order_line.run_id"])
        .where("order_status", "in", holdingCodes)
        .where("t_order_line.run_id", "in", runIds)
        .execute();
      return holdersOf([...first, ...others]);
    },
    async soldRuns() {
      const rows = await db
        .selectFrom("t_order")
        .select("run_id")
        .where("order_status", "in", holdingCodes)
        .union(
          db
            .selectFrom("t_order_line")
            .innerJoin("t_order", "t_order.id", "t_order_line.order_id")
            .select("t_order_line.run_id")
            .where("order_status", "in", holdingCodes),
        )
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

/** Of orders of several trips that are not all over: those in which one is whose tickets no gate has seen, and those that have none before them. */
async function partTravelled(db: Kysely<Tables>, now: EpochMs, limit: number): Promise<OrderRow[]> {
  const ticket = (states: readonly TicketState[], when: "<=" | ">") => sql<boolean>`exists (
    select 1 from t_order_detail as ticket
    join t_order_line as trip on trip.order_id = ticket.order_id and trip.line_index = ticket.line_index
    where ticket.order_id = t_order.id
      and ticket.ticket_status in (${sql.join(states.map((state) => codeOf(ticketStates, state)))})
      and trip.arrival_time ${sql.raw(when)} ${now})`;
  const isOver = sql<boolean>`${ticket(["used"], "<=")} and not ${ticket(["issued", "used"], ">")}`;
  return db
    .selectFrom("t_order")
    .selectAll()
    .where("order_status", "=", stateCode("ticketed"))
    .where(sql<boolean>`line_count > 1`)
    .where("arrival_time", ">", now)
    .where(sql<boolean>`(${ticket(["issued"], "<=")} or (${isOver}))`)
    .limit(limit)
    .execute();
}

/** Those whose tickets still name a passenger, and their versions with them; the row last, which read models follow. */
export async function eraseTravellers(
  trx: Transaction<Tables>,
  orderIds: readonly OrderId[],
  now: EpochMs,
): Promise<number> {
  if (orderIds.length === 0) return 0;
  const slots = [...new Set(orderIds.map(slotOfOrder))];
  const details = await trx
    .selectFrom("t_order_detail")
    .select("order_id")
    .distinct()
    .where("slot", "in", slots)
    .where("order_id", "in", [...orderIds])
    .where("document_hash", "!=", "")
    .execute();
  if (details.length === 0) return 0;
  const named = details.map(({ order_id: orderId }) => orderId);
  await trx
    .updateTable("t_order_detail")
    .set({
      passenger_id: 0,
      passenger_name: erasedText,
      document_sealed: "",
      document_hash: "",
      document_masked: erasedText,
      passages: null,
      free_child: null,
    })
    .where("slot", "in", slots)
    .where("order_id", "in", named)
    .execute();
  await trx
    .updateTable("t_order")
    .set({ version: sql`version + 1`, update_time: now })
    .where("slot", "in", slots)
    .where("id", "in", named)
    .execute();
  return named.length;
}

/** What is asked about one order or one account: both lead to their slot. */
export function orderReads(db: Kysely<Tables>): Pick<OrderStore, "load" | "mistakesOf" | "ofUser"> {
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
        const details = await detailsById(slotOfOrder(orderId), orderId);
        const order = recordOf(row, details, (await linesOf(db, [row])).get(row.id));
        if (!isTorn(order) || reads === readsMax) return order;
      }
    },
    mistakesOf: (userId, day) => mistakesOf(db, userId, day),
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
  const lines = await linesOf(db, rows);
  return rows.map((row) => recordOf(row, byOrder.get(row.id) ?? [], lines.get(row.id)));
}

/** By order, of those that have several. Most have one, and nothing is asked. */
export async function linesOf(
  db: Kysely<Tables>,
  rows: readonly Pick<OrderRow, "id" | "line_count">[],
): Promise<ReadonlyMap<number, LineRow[]>> {
  const ids = idsWithLineRows(rows);
  if (ids.length === 0) return noLines;
  const lines: LineRow[] = await db
    .selectFrom("t_order_line")
    .selectAll()
    .where("slot", "in", [...new Set(ids.map(slotOfOrder))])
    .where("order_id", "in", ids)
    .orderBy("order_id")
    .orderBy("line_index")
    .execute();
  return Map.groupBy(lines, (line) => line.order_id);
}

const noLines: ReadonlyMap<number, LineRow[]> = new Map();

/**
 * The compare-and-set: false where the order has not the version that was decided on, or where another order of the account was given back
 * by mistake in its place. Ledger and messages are the
 * caller's.
 */
export async function changeOrder(trx: Transaction<Tables>, change: OrderChange, now: EpochMs): Promise<boolean> {
  const { order, mistake, runRefund } = change;
  if (mistake && !(await takeMistake(trx, order, mistake))) return false;
  const isMade = await changeRows(trx, change, now);
  if (mistake && !isMade) await leaveMistake(trx, order, mistake);
  if (runRefund && isMade) {
    const { runId, ...rest } = runRefund;
    await noteRunRefund(trx, runId, { ...rest, orderId: order.orderId, why: null, at: now });
  }
  return isMade;
}

async function changeRows(trx: Transaction<Tables>, { order }: OrderChange, now: EpochMs): Promise<boolean> {
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

/** In the order of their ids, as everybody does who changes two; undone where one is not as it was. */
export async function bothOrNone<T>(
  inTransaction: (work: (trx: T) => Promise<boolean>) => Promise<boolean>,
  changes: readonly OrderChange[],
  make: (trx: T, change: OrderChange) => Promise<boolean>,
  then: (trx: T) => Promise<void> = async () => {},
): Promise<boolean> {
  const outrun = new Error("an order is not as it was decided on");
  try {
    return await inTransaction(async (trx) => {
      for (const change of changes.toSorted((one, other) => one.order.orderId - other.order.orderId))
        if (!(await make(trx, change))) throw outrun;
      await then(trx);
      return true;
    });
  } catch (error) {
    if (error === outrun) return false;
    throw error;
  }
}

/** A change whole, where order, ledger and trips lie on one server. */
async function makeChange(trx: Transaction<Tables>, change: OrderChange, now: EpochMs): Promise<boolean> {
  if (!(await changeOrder(trx, change, now))) return false;
  for (const freed of change.freedSeats) await freeSeats(trx, freed);
  if (change.freedSeats.length > 0) {
    for (const ended of endedTripsOf(change.order)) await endTrips(trx, ended);
  }
  await endStudentTrips(trx, change.order);
  await insertMessages(trx, change.messages, now, slotOfOrder(change.order.orderId));
  return true;
}

const standing = (ticket: TicketRecord) => ({
  ticket_status: codeOf(ticketStates, ticket.state),
  refund_fee: ticket.feeFen,
  refund_amount: ticket.refundFen,
  replaced_by: replacedByIn(ticket),
  passages: passagesIn(ticket),
});

/** What its ended tickets counted for. Those that ended before are not there any more, and are not taken off twice. */
async function endTrips(trx: Transaction<Tables>, { runId, userId, trips }: TripClaim) {
  const result = await trx
    .deleteFrom("t_document_trip")
    .where(
      "document_key",
      "in",
      trips.map(({ documentHash }) => documentHash),
    )
    .where(
      "ticket_no",
      "in",
      trips.map(({ ticketNo }) => ticketNo),
    )
    .executeTakeFirst();
  await trx
    .updateTable("t_account_run")
    .set((the) => ({ ticket_count: the("ticket_count", "-", Number(result.numDeletedRows)) }))
    .where("run_id", "=", runId)
    .where("user_id", "=", userId)
    .execute();
}

async function freeSeats(trx: Transaction<Tables>, freed: SeatsFreed) {
  const [word0, word1, word2, word3] = seatMask(freed.fromStop, freed.toStop);
  await trx
    .updateTable("t_seat_ledger")
    .set({
      taken0: sql`taken0 & ~${sql.lit(word0)}`,
      taken1: sql`taken1 & ~${sql.lit(word1)}`,
      taken2: sql`taken2 & ~${sql.lit(word2)}`,
      taken3: sql`taken3 & ~${sql.lit(word3)}`,
    })
    .where("run_id", "=", freed.runId)
    .where("seat_type", "=", codeOf(seatClasses, freed.seatClass))
    .where("seat_index", "in", freed.seatIndexes)
    .execute();
}

/** Orders by run, each once, however many of its lines are on it. */
export function holdersOf(lines: readonly { readonly id: number; readonly run_id: string }[]): Map<RunId, number> {
  const byRun = Map.groupBy(lines, (line) => line.run_id as RunId);
  return new Map([...byRun].map(([runId, some]) => [runId, new Set(some.map(({ id }) => Number(id))).size]));
}
