/**
 * Orders on a MySQL of any number of servers. A batch is three commits: seats in the ledger (`seatLedger.ts`), trips of their passengers
 * (`documentTrips.ts`), then rows; a change is one commit on the server of its order, with its messages and a note of the seats it
 * frees, which then leave the ledger, as its trips leave the passengers'.
 */
import type { Kysely, Transaction } from "kysely";
import {
  bothOrNone,
  changeOrder,
  detailRow,
  eraseTravellers,
  forgetMistakes,
  holdersOf,
  isDuplicateKey,
  lineRows,
  messageRows,
  mistakesOf,
  noteRunRefundFailed,
  orderReads,
  orderRow,
  runRefundsOf,
  stateCode,
} from "@chepiao/adapters/sql";
import { firstRunOf, type OrderAccepted, type RefusalCode, type RunId, ticketsOf } from "@chepiao/contracts";
import { type EpochMs, type OrderId, slotOfOrder } from "@chepiao/kernel";
import {
  endedStudentTripsOf,
  firstRecord,
  hasSeatsOn,
  type KnownOrder,
  type OrderChange,
  type OrderRecord,
  type OrderStore,
  seatHoldingStates,
  useDueOf,
  type Written,
} from "@chepiao/ports/order-store";
import { type TripLimits, tripLimitsDefault } from "@chepiao/ports/reservations";
import { inLockingOrder, inParts, insertRows, padded, pagesOf } from "./batches.ts";
import { countTickets, recountTickets, uncountTickets } from "./accountRuns.ts";
import { ordersOfDocuments } from "./documentTripRows.ts";
import type { DocumentTrips } from "./documentTrips.ts";
import { isGuardError } from "./errors.ts";
import { lineRowsOf, ordersById, standingsById } from "./orderReader.ts";
import { createOrderScans } from "./orderScans.ts";
import { type Release, seatClaimsOf, type SeatLedger } from "./seatLedger.ts";
import { forgetStudentTrips, studentTripsCounted } from "./studentTrips.ts";
import type { MysqlTables } from "./tables.ts";
import { transactionsOn } from "./transaction.ts";

const holdingCodes = seatHoldingStates.map(stateCode);

export type MysqlOrderDeps = {
  readonly sql: Kysely<MysqlTables>;
  readonly ledger: SeatLedger;
  readonly trips: DocumentTrips;
  readonly report: (message: string, error: unknown) => void;
};

export function createMysqlOrderStore({ sql, ledger, trips, report }: MysqlOrderDeps): OrderStore {
  const inTransaction = transactionsOn(sql);
  /** The last batch had come before. What follows in a log that is read anew is asked for, not tried: that is a quarter of the work at most. */
  let comesAgain = false;

  /** Trips only for those that have got their seats: whose seats are lost has none that could be in anybody's way. */
  async function decide(orders: readonly OrderAccepted[], limits: TripLimits): Promise<Decided[]> {
    const isSeated = await ledger.claim(orders);
    const refusals = await trips.claim(
      orders.filter((_, n) => isSeated[n]),
      limits,
    );
    return orders.map((order, n) => ({ order, refusedBecause: isSeated[n] ? refusals.shift()! : "SeatLost" }));
  }

  /** Orders whose seats were decided; one that is there already was written by an earlier attempt. */
  const write = (decided: readonly Decided[], now: EpochMs, limits: TripLimits) =>
    inParts<Decided, Written>(decided, (some) => insert(some, now, limits), knownAmong);

  async function insert(decided: readonly Decided[], now: EpochMs, limits: TripLimits): Promise<Written[] | null> {
    const records = inLockingOrder(decided, ({ order }) => slotOfOrder(order.orderId)).map(
      ({ order, refusedBecause }) => firstRecord(order, refusedBecause),
    );
    const givenUp = releasesOfRefused(records);
    try {
      await inTransaction(async (trx) => {
        await insertOrders(trx, records, now, limits);
        await ledger.note(trx, givenUp, now);
      });
    } catch (error) {
      if (isDuplicateKey(error)) return decided.length > 1 ? null : ["known"];
      if (!isGuardError(error)) throw error;
      return decided.length > 1 ? null : insertCounted(decided[0]!, now, limits);
    }
    await release(
      givenUp,
      records.filter(({ endedBecause }) => endedBecause === "UserRunLimit"),
    );
    return decided.map(outcomeOf);
  }

  /** One whose account has too many tickets on the run already, if the count is right. */
  async function insertCounted({ order }: Decided, now: EpochMs, limits: TripLimits): Promise<Written[] | null> {
    const isFixed = await recountTickets(sql, firstRecord(order, null));
    return insert([{ order, refusedBecause: isFixed ? null : "UserRunLimit" }], now, limits);
  }

  /** Those changes and refusals are written, and what they free is noted, or is found out by whom it is in the way of. */
  async function release(seats: readonly Release[], orders: readonly OrderRecord[]): Promise<void> {
    try {
      await ledger.release(seats);
      await trips.forgetEnded(orders);
    } catch (error) {
      report("seats and trips that were given back are not free in the ledger yet", error);
    }
  }

  async function knownAmong(decided: readonly Decided[]): Promise<(Written | null)[]> {
    const there = await states(decided.map(({ order }) => order.orderId));
    return decided.map(({ order }) => (there.has(order.orderId) ? "known" : null));
  }

  /** From primaries, as everything in a transaction is. */
  const states = (orderIds: readonly OrderId[]) => inTransaction((trx) => standingsById(trx, orderIds));

  /** What is committed with the changes: when time comes for their orders, what others must hear, what the ledger must free. */
  async function writeAlong(trx: Transaction<MysqlTables>, changes: readonly OrderChange[], now: EpochMs) {
    await updateDue(trx, changes);
    const messages = changes.flatMap((change) => messageRows(change.messages, now, slotOfOrder(change.order.orderId)));
    await insertRows(trx, "t_local_message", messages);
    await ledger.note(trx, releasesOf(changes), now);
    await uncountTickets(trx, changes);
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

  async function loadSome(orderIds: readonly OrderId[]): Promise<OrderRecord[]> {
    const orders: OrderRecord[] = [];
    for (const page of pagesOf(orderIds)) orders.push(...(await inTransaction((trx) => ordersById(trx, page))));
    return orders;
  }

  return {
    ...orderReads(sql),
    ...createOrderScans(sql),
    states,
    some: loadSome,
    async accept(orders, now, limits = tripLimitsDefault) {
      const known = comesAgain ? await states(orders.map(({ orderId }) => orderId)) : noStates;
      const others = orders.filter(({ orderId }) => !known.has(orderId));
      const decided = await decide(others, limits);
      const written = await write(decided, now, limits);
      const outcomes = orders.map(({ orderId }) => (known.has(orderId) ? "known" : written.shift()!));
      comesAgain = outcomes.includes("known");
      return outcomes;
    },
    async change(changes, now) {
      const made = await inTransaction(async (trx) => {
        const done = new Map<number, OrderChange>();
        const byId = [...changes.entries()].sort(([, one], [, other]) => one.order.orderId - other.order.orderId);
        for (const [n, change] of inLockingOrder(byId, ([, { order }]) => slotOfOrder(order.orderId))) {
          if (await changeOrder(trx, change, now)) done.set(n, change);
        }
        await writeAlong(trx, [...done.values()], now);
        return done;
      });
      const freeing = [...made.values()].filter(isFreeing);
      await release(
        releasesOf(freeing),
        freeing.map(({ order }) => order),
      );
      return changes.map((_, n) => made.has(n));
    },
    async changeBoth(changes, now) {
      const isMade = await bothOrNone<Transaction<MysqlTables>>(
        inTransaction,
        changes,
        (trx, change) => changeOrder(trx, change, now),
        // Of both at once: rows of other tables are locked in everybody's order.
        (trx) => writeAlong(trx, changes, now),
      );
      if (isMade)
        await release(
          releasesOf(changes),
          changes.filter(isFreeing).map(({ order }) => order),
        );
      return isMade;
    },
    async enqueue(messages, now) {
      await inTransaction((trx) => insertRows(trx, "t_local_message", messageRows(messages, now)));
    },
    async holdersOn(runId, skipped = null) {
      const claims = await seatClaimsOf(sql, runId)
        .$if(skipped !== null, (all) =>
          all.where((the) => the.or([the("from_stop", "in", skipped!), the("to_stop", "in", skipped!)])),
        )
        .select("order_id")
        .distinct()
        .execute();
      const ids = claims.map(({ order_id }) => order_id as OrderId).sort((a, b) => a - b);
      const holders = (await loadSome(ids)).filter((order) => hasSeatsOn(order, { runId, skipped }));
      return holders.map(({ orderId }) => orderId);
    },
    async ofTraveller(documentHash) {
      const ids = (await ordersOfDocuments(sql, [documentHash])).sort((a, b) => a - b);
      return ids.length === 0 ? [] : inTransaction((trx) => ordersById(trx, ids));
    },
    noteRunRefundFailed: (runId, orderId, why, now) =>
      inTransaction((trx) => noteRunRefundFailed(trx, runId, orderId, why, now)),
    runRefunds: (runId) => inTransaction((trx) => runRefundsOf(trx, runId)),
    studentTrips: (asked) => studentTripsCounted(sql, asked),
    // From the primary: a place that was just taken is not offered again.
    mistakesOf: (userId, day) => inTransaction((trx) => mistakesOf(trx, userId, day)),
    eraseTravellers: (orderIds, now) => inTransaction((trx) => eraseTravellers(trx, orderIds, now)),
    async forgetRuns(before, limit) {
      await trips.forget(before);
      await inTransaction((trx) => forgetMistakes(trx, before));
      await inTransaction((trx) => forgetStudentTrips(trx, before));
      return ledger.forget(before, limit);
    },
    overdue: (now, limit) => due("pendingPayment", now, limit),
    travelled: (now, limit) => due("ticketed", now, limit),
    async runsInLedger() {
      const rows = await inTransaction((trx) => trx.selectFrom("t_seat_ledger").select("run_id").distinct().execute());
      return new Set(rows.map((row) => row.run_id as RunId));
    },
    async holdersOf(runIds) {
      if (runIds.length === 0) return new Map();
      const wanted = new Set<string>(runIds);
      const lines = await inTransaction(async (trx) => {
        const holding = trx.selectFrom("t_order_due").where("order_status", "in", holdingCodes);
        const first = await holding.select(["order_id as id", "run_id"]).where("run_id", "in", runIds).execute();
        const several = await holding.select(["order_id as id", "line_count"]).where("line_count", ">", 1).execute();
        return [...first, ...(await lineRowsOf(trx, several)).map((line) => ({ ...line, id: line.order_id }))];
      });
      return holdersOf(lines.filter((line) => wanted.has(line.run_id)));
    },
    async soldRuns() {
      const rows = await inTransaction(async (trx) => {
        const holding = trx.selectFrom("t_order_due").where("order_status", "in", holdingCodes);
        const first = await holding.select("run_id").distinct().execute();
        const several = await holding.select(["order_id as id", "line_count"]).where("line_count", ">", 1).execute();
        return [...first, ...(await lineRowsOf(trx, several))];
      });
      return new Set(rows.map((row) => row.run_id as RunId));
    },
  };
}

const noStates: ReadonlyMap<OrderId, KnownOrder> = new Map();

type Decided = { readonly order: OrderAccepted; readonly refusedBecause: RefusalCode | null };

const outcomeOf = ({ refusedBecause }: Decided): Written => (refusedBecause === null ? "pendingPayment" : "rejected");

/** Of those that had got their seats before something else refused them. */
const releasesOfRefused = (records: readonly OrderRecord[]): Release[] =>
  records
    .filter(({ endedBecause }) => endedBecause !== null && endedBecause !== "SeatLost")
    .flatMap((order) =>
      order.lines.map(({ line, runId }) => ({
        orderId: order.orderId,
        line,
        runId,
        seats: ticketsOf(order, { line }).map(({ seatIndex }) => seatIndex),
      })),
    );

async function insertOrders(
  trx: Transaction<MysqlTables>,
  orders: readonly OrderRecord[],
  now: EpochMs,
  limits: TripLimits,
): Promise<void> {
  await insertRows(
    trx,
    "t_order",
    orders.map((order) => orderRow(order, now)),
  );
  await insertRows(trx, "t_order_line", orders.flatMap(lineRows));
  await insertRows(
    trx,
    "t_order_detail",
    orders.flatMap((order) => order.tickets.map((ticket, n) => detailRow(order, ticket, n))),
  );
  const standing = orders.filter(isUnderWay);
  await insertRows(trx, "t_order_due", standing.map(dueRow));
  await countTickets(trx, standing, limits);
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
  run_id: firstRunOf(order),
  line_count: order.lines.length,
  order_status: stateCode(order.state),
  due_time: order.state === "pendingPayment" ? order.payBy : useDueOf(order),
});

/** What is given back of trips that are over has no seats any more, and a student has the trip again. */
const isFreeing = ({ freedSeats, order }: OrderChange): boolean =>
  freedSeats.length > 0 || endedStudentTripsOf(order).length > 0;

const releasesOf = (changes: readonly OrderChange[]): Release[] =>
  changes.flatMap(({ freedSeats }) =>
    freedSeats.map(({ orderId, line, runId, seatIndexes }) => ({ orderId, line, runId, seats: seatIndexes })),
  );

const slotsOf = (orderIds: readonly OrderId[]) => [...new Set(orderIds.map(slotOfOrder))];
