/** Orders, tickets and the seat ledger in SQL. The hot way in, `accept`, is written by each database's own batch writer. */
import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import {
  codeOf,
  documentTypes,
  orderStates,
  type RefusalCode,
  type RunId,
  seatClasses,
  ticketStates,
  ticketTypes,
  togetherness,
  wordOf,
} from "@chepiao/contracts";
import {
  type EpochMs,
  type Fen,
  type OrderId,
  orderIdFloor,
  type OrderNo,
  type PassengerId,
  type ServiceDate,
  slotOfOrder,
  type UserId,
} from "@chepiao/kernel";
import {
  type KeyedOrder,
  type LiveOrder,
  liveTicketStates,
  type OrderChange,
  type OrderRecord,
  type OrderStore,
  seatHoldingStates,
  type TicketRecord,
  tripStates,
} from "@chepiao/ports/order-store";
import { reusable } from "./compiled.ts";
import { insertMessages } from "./outbox.ts";
import { seatMask } from "./seatMask.ts";
import type { Tables } from "./tables.ts";

type OrderRow = Selectable<Tables["t_order"]>;
type DetailRow = Selectable<Tables["t_order_detail"]>;

const pageSize = 5_000;
const liveColumns = [
  "id",
  "user_id",
  "run_id",
  "train_number",
  "origin_date",
  "boarding_date",
  "from_stop",
  "to_stop",
  "departure_time",
  "arrival_time",
  "seat_type",
  "expire_time",
  "order_status",
] as const;
const liveTicketCodes = liveTicketStates.map((state) => codeOf(ticketStates, state));
const stateCode = (state: OrderRecord["state"]) => codeOf(orderStates, state);
const tripCodes = tripStates.map(stateCode);
const holdingCodes = seatHoldingStates.map(stateCode);

/** An order as the values of its row in `t_order`. */
export function orderRow(order: OrderRecord, now: EpochMs): OrderRow {
  return {
    id: order.orderId,
    order_no: order.orderNo,
    slot: slotOfOrder(order.orderId),
    user_id: order.userId,
    run_id: order.runId,
    train_number: order.trainNumber,
    origin_date: order.originDate,
    boarding_date: order.boardingDate,
    from_stop: order.fromStop,
    to_stop: order.toStop,
    departure_station: order.fromStationId,
    arrival_station: order.toStationId,
    departure_name: order.fromName,
    arrival_name: order.toName,
    departure_time: order.departAt,
    arrival_time: order.arriveAt,
    seat_type: codeOf(seatClasses, order.seatClass),
    passenger_count: order.tickets.length,
    together: codeOf(togetherness, order.together),
    preferences_unmet: order.preferencesUnmet,
    total_price: order.totalFen,
    order_status: stateCode(order.state),
    ended_because: order.endedBecause,
    payment_no: order.paymentNo,
    pay_time: order.paidAt,
    expire_time: order.payBy,
    idempotency_key: order.idempotencyKey,
    request_hash: order.requestHash,
    create_time: order.acceptedAt,
    update_time: now,
    version: order.version,
  };
}

/** A ticket as the values of its row in `t_order_detail`. */
export function detailRow(order: OrderRecord, ticket: TicketRecord, index: number): DetailRow {
  return {
    order_id: order.orderId,
    ticket_index: index,
    slot: slotOfOrder(order.orderId),
    ticket_no: ticket.ticketNo,
    passenger_id: ticket.passengerId,
    passenger_name: ticket.name,
    document_type: codeOf(documentTypes, ticket.documentType),
    document_sealed: ticket.documentSealed,
    document_hash: ticket.documentHash,
    document_masked: ticket.documentMasked,
    passenger_type: codeOf(ticketTypes, ticket.ticketType),
    coach_no: ticket.coachNo,
    seat_index: ticket.seatIndex,
    seat_number: ticket.seat,
    ticket_price: ticket.fareFen,
    ticket_status: codeOf(ticketStates, ticket.state),
    refund_fee: ticket.feeFen,
    refund_amount: ticket.refundFen,
  };
}

function recordOf(row: OrderRow, details: readonly DetailRow[]): OrderRecord {
  return {
    orderId: row.id as OrderId,
    orderNo: row.order_no as OrderNo,
    userId: row.user_id as UserId,
    runId: row.run_id as RunId,
    trainNumber: row.train_number,
    originDate: row.origin_date as ServiceDate,
    boardingDate: row.boarding_date as ServiceDate,
    fromStop: row.from_stop,
    toStop: row.to_stop,
    fromStationId: row.departure_station,
    toStationId: row.arrival_station,
    fromName: row.departure_name,
    toName: row.arrival_name,
    departAt: row.departure_time as EpochMs,
    arriveAt: row.arrival_time as EpochMs,
    seatClass: wordOf(seatClasses, row.seat_type),
    together: wordOf(togetherness, row.together),
    preferencesUnmet: row.preferences_unmet,
    totalFen: row.total_price as Fen,
    acceptedAt: row.create_time as EpochMs,
    payBy: row.expire_time as EpochMs,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    state: wordOf(orderStates, row.order_status),
    version: row.version,
    paymentNo: row.payment_no,
    paidAt: row.pay_time as EpochMs | null,
    endedBecause: row.ended_because as RefusalCode | null,
    tickets: details.map((detail) => ({
      ticketNo: detail.ticket_no,
      passengerId: detail.passenger_id as PassengerId,
      name: detail.passenger_name,
      documentType: wordOf(documentTypes, detail.document_type),
      documentSealed: detail.document_sealed,
      documentHash: detail.document_hash,
      documentMasked: detail.document_masked,
      ticketType: wordOf(ticketTypes, detail.passenger_type),
      seatIndex: detail.seat_index,
      coachNo: detail.coach_no,
      seat: detail.seat_number,
      fareFen: detail.ticket_price as Fen,
      state: wordOf(ticketStates, detail.ticket_status),
      feeFen: detail.refund_fee as Fen | null,
      refundFen: detail.refund_amount as Fen | null,
    })),
  };
}

export function createSqlOrderStore(db: Kysely<Tables>, accept: OrderStore["accept"]): OrderStore {
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

  async function withTickets(rows: readonly OrderRow[]): Promise<OrderRecord[]> {
    if (rows.length === 0) return [];
    const details = await db
      .selectFrom("t_order_detail")
      .selectAll()
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

  return {
    accept,
    async load(orderId) {
      const [row] = await orderById(slotOfOrder(orderId), orderId);
      return row ? recordOf(row, await detailsById(slotOfOrder(orderId), orderId)) : null;
    },
    async change(changes, now) {
      return db.transaction().execute(async (trx) => {
        const made: boolean[] = [];
        for (const change of changes) made.push(await changeOne(trx, change, now));
        return made;
      });
    },
    tell: (messages, now) => db.transaction().execute((trx) => insertMessages(trx, messages, now)),
    async ofUser(userId, { state, before, limit }) {
      let query = orders().where("user_id", "=", userId);
      if (state) query = query.where("order_status", "=", stateCode(state));
      if (before !== undefined) query = query.where("id", "<", before);
      return withTickets(await query.orderBy("id", "desc").limit(limit).execute());
    },
    async overdue(now, limit) {
      const rows = await orders()
        .where("order_status", "=", stateCode("pendingPayment"))
        .where("expire_time", "<=", now)
        .orderBy("expire_time")
        .limit(limit)
        .execute();
      return withTickets(rows);
    },
    async travelled(now, limit) {
      const rows = await orders()
        .where("order_status", "=", stateCode("ticketed"))
        .where("arrival_time", "<=", now)
        .orderBy("arrival_time")
        .limit(limit)
        .execute();
      return withTickets(rows);
    },
    live: (endingAfter) => livePages(db, endingAfter),
    // Ids begin with the time, so years of older orders need not be walked over.
    createdSince: (since) => keyPages(db, since),
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
        .select((eb) => eb.fn.max("id").as("highest"))
        .executeTakeFirst();
      return Number(row?.highest ?? 0);
    },
  };
}

/** Walks orders by id, a page at a time: the connection is free for others in between. */
async function* walk<Row extends { readonly id: number }>(
  firstId: number,
  page: (afterId: number) => Promise<readonly Row[]>,
): AsyncIterable<readonly Row[]> {
  for (let last = firstId - 1; ;) {
    const rows = await page(last);
    if (rows.length === 0) return;
    last = rows.at(-1)!.id;
    yield rows;
  }
}

async function* livePages(db: Kysely<Tables>, endingAfter: EpochMs): AsyncIterable<readonly LiveOrder[]> {
  const pages = walk(0, (afterId) =>
    db
      .selectFrom("t_order")
      .select(liveColumns)
      .where("order_status", "in", tripCodes)
      .where("arrival_time", ">", endingAfter)
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(pageSize)
      .execute(),
  );
  for await (const rows of pages) {
    const tickets = await db
      .selectFrom("t_order_detail")
      .select(["order_id", "ticket_no", "seat_index", "document_hash", "ticket_status"])
      .where("order_id", ">=", rows[0]!.id)
      .where("order_id", "<=", rows.at(-1)!.id)
      .where("ticket_status", "in", liveTicketCodes)
      .orderBy("order_id")
      .orderBy("ticket_index")
      .execute();
    let next = 0;
    yield rows.map((row) => {
      // Both are in order of id; tickets of orders that are not on this page are passed over.
      while (next < tickets.length && tickets[next]!.order_id < row.id) next++;
      const first = next;
      while (next < tickets.length && tickets[next]!.order_id === row.id) next++;
      return liveOrder(row, tickets.slice(first, next));
    });
  }
}

type LiveRow = Pick<OrderRow, (typeof liveColumns)[number]>;
type LiveTicketRow = Pick<DetailRow, "order_id" | "ticket_no" | "seat_index" | "document_hash" | "ticket_status">;

const liveOrder = (row: LiveRow, tickets: readonly LiveTicketRow[]): LiveOrder => ({
  orderId: row.id as OrderId,
  userId: row.user_id as UserId,
  runId: row.run_id as RunId,
  trainNumber: row.train_number,
  originDate: row.origin_date as ServiceDate,
  boardingDate: row.boarding_date as ServiceDate,
  fromStop: row.from_stop,
  toStop: row.to_stop,
  departAt: row.departure_time as EpochMs,
  arriveAt: row.arrival_time as EpochMs,
  seatClass: wordOf(seatClasses, row.seat_type),
  payBy: row.expire_time as EpochMs,
  state: wordOf(orderStates, row.order_status),
  tickets: tickets.map((ticket) => ({
    ticketNo: ticket.ticket_no,
    seatIndex: ticket.seat_index,
    documentHash: ticket.document_hash,
    state: wordOf(ticketStates, ticket.ticket_status),
  })),
});

async function* keyPages(db: Kysely<Tables>, since: EpochMs): AsyncIterable<readonly KeyedOrder[]> {
  const pages = walk(orderIdFloor(since), (afterId) =>
    db
      .selectFrom("t_order")
      .select(["id", "user_id", "idempotency_key", "request_hash", "create_time"])
      .where("create_time", ">=", since)
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(pageSize)
      .execute(),
  );
  for await (const rows of pages) {
    yield rows.map((row) => ({
      orderId: row.id as OrderId,
      userId: row.user_id as UserId,
      idempotencyKey: row.idempotency_key,
      requestHash: row.request_hash,
      acceptedAt: row.create_time as EpochMs,
    }));
  }
}

async function changeOne(trx: Transaction<Tables>, change: OrderChange, now: EpochMs): Promise<boolean> {
  const { order } = change;
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
  for (const [index, ticket] of order.tickets.entries()) {
    await trx
      .updateTable("t_order_detail")
      .set({
        ticket_status: codeOf(ticketStates, ticket.state),
        refund_fee: ticket.feeFen,
        refund_amount: ticket.refundFen,
      })
      .where("order_id", "=", order.orderId)
      .where("slot", "=", slotOfOrder(order.orderId))
      .where("ticket_index", "=", index)
      .execute();
  }
  if (change.freedSeats.length > 0) await freeSeats(trx, order, change.freedSeats);
  await insertMessages(trx, change.messages, now);
  return true;
}

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
