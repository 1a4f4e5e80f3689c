/**
 * Walks over all orders, for waking up, by their slots: a statement without a slot would be asked of every table there is, and merged
 * in one place.
 */
import type { Kysely } from "kysely";
import { type DetailRow, type LineRow, type OrderRow, stateCode } from "@chepiao/adapters/sql";
import { codeOf, orderStates, type RunId, seatClasses, ticketStates, wordOf } from "@chepiao/contracts";
import {
  type EpochMs,
  type OrderId,
  orderIdFloor,
  type ServiceDate,
  type Slot,
  slotCount,
  type UserId,
} from "@chepiao/kernel";
import {
  endedByRailway,
  type KeyedOrder,
  type LiveLine,
  type LiveOrder,
  liveTicketStates,
  type OrderStore,
  seatHoldingStates,
  tripStates,
  unpaidStates,
} from "@chepiao/ports/order-store";
import { lineRowsOf } from "./orderReader.ts";
import type { MysqlTables } from "./tables.ts";
import { type InTransaction, transactionsOn } from "./transaction.ts";

const slots = Array.from({ length: slotCount }, (_, slot) => slot as Slot);
const pageSize = 5_000;
/** In one statement, where so little is read of each that the statements are what takes time. */
const slotsAtOnce = 64;
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
  "create_time",
  "expire_time",
  "order_status",
  "line_count",
  "hold_line",
] as const;
const liveTicketCodes = liveTicketStates.map((state) => codeOf(ticketStates, state));
const holdingCodes = seatHoldingStates.map(stateCode);
const tripCodes = tripStates.map(stateCode);
const allTicketCodes = ticketStates.map((state) => codeOf(ticketStates, state));
const unpaidCodes = unpaidStates.map(stateCode);

export function createOrderScans(
  db: Kysely<MysqlTables>,
): Pick<OrderStore, "live" | "unpaidSince" | "createdSince" | "namingTravellers" | "highestId"> {
  const inTransaction = transactionsOn(db);
  return {
    async *live(endingAfter) {
      for (const slot of slots) yield* livePages(db, slot, endingAfter);
    },
    async *unpaidSince(since) {
      for (const slot of slots) yield* unpaidPages(db, slot, since);
    },
    async *createdSince(since, until) {
      for (const slot of slots) yield* keyPages(db, slot, since, until);
    },
    async *namingTravellers(endedBefore, madeSince) {
      for (const slot of slots) yield* namingPages(db, slot, endedBefore, madeSince);
    },
    async highestId() {
      let highest = 0;
      for (let first = 0; first < slotCount; first += slotsAtOnce) {
        highest = Math.max(highest, await highestOf(inTransaction, slots.slice(first, first + slotsAtOnce)));
      }
      return highest;
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
    if (rows.length > 0) yield rows;
    if (rows.length < pageSize) return;
    last = rows.at(-1)!.id;
  }
}

function livePages(db: Kysely<MysqlTables>, slot: Slot, endingAfter: EpochMs): AsyncIterable<readonly LiveOrder[]> {
  const pages = walk(0, (afterId) =>
    ordersOf(db, slot, afterId)
      .where("order_status", "in", tripCodes)
      .where("arrival_time", ">", endingAfter)
      .execute(),
  );
  return withTickets(db, slot, pages, liveTicketCodes);
}

function unpaidPages(db: Kysely<MysqlTables>, slot: Slot, since: EpochMs): AsyncIterable<readonly LiveOrder[]> {
  // Ids begin with the time, so years of older orders need not be walked over.
  const pages = walk(orderIdFloor(since), (afterId) =>
    ordersOf(db, slot, afterId)
      .where("order_status", "in", unpaidCodes)
      .where((is) => is.or([is("ended_because", "is", null), is("ended_because", "<>", endedByRailway)]))
      .where("create_time", ">=", since)
      .execute(),
  );
  return withTickets(db, slot, pages, allTicketCodes);
}

const ordersOf = (db: Kysely<MysqlTables>, slot: Slot, afterId: number) =>
  db
    .selectFrom("t_order")
    .select(liveColumns)
    .where("slot", "=", slot)
    .where("id", ">", afterId)
    .orderBy("id")
    .limit(pageSize);

async function* withTickets(
  db: Kysely<MysqlTables>,
  slot: Slot,
  pages: AsyncIterable<readonly LiveRow[]>,
  ticketCodes: readonly number[],
): AsyncIterable<readonly LiveOrder[]> {
  for await (const rows of pages) {
    const tickets = await db
      .selectFrom("t_order_detail")
      .select([
        "order_id",
        "line_index",
        "ticket_no",
        "seat_index",
        "document_hash",
        "document_proved",
        "ticket_status",
      ])
      .where("slot", "=", slot)
      .where("order_id", ">=", rows[0]!.id)
      .where("order_id", "<=", rows.at(-1)!.id)
      .where("ticket_status", "in", ticketCodes)
      .orderBy("order_id")
      .orderBy("ticket_index")
      .execute();
    const lines = Map.groupBy(await lineRowsOf(db, rows), (line) => line.order_id);
    let next = 0;
    yield rows.map((row) => {
      // Both are in order of id; tickets of orders that are not on this page are passed over.
      while (next < tickets.length && tickets[next]!.order_id < row.id) next++;
      const first = next;
      while (next < tickets.length && tickets[next]!.order_id === row.id) next++;
      return liveOrder(row, lines.get(row.id) ?? [row], tickets.slice(first, next));
    });
  }
}

type LiveRow = Pick<OrderRow, (typeof liveColumns)[number]>;
type LiveLineRow = Pick<OrderRow, keyof LineRow & keyof LiveRow>;
type LiveTicketRow = Pick<
  DetailRow,
  "order_id" | "line_index" | "ticket_no" | "seat_index" | "document_hash" | "document_proved" | "ticket_status"
>;

const liveOrder = (row: LiveRow, lines: readonly LiveLineRow[], tickets: readonly LiveTicketRow[]): LiveOrder => ({
  orderId: row.id as OrderId,
  userId: row.user_id as UserId,
  lines: [
    { ...liveLine(lines[0]!, 0), ...(row.hold_line === 0 ? {} : { holdLine: row.hold_line }) },
    ...lines.slice(1).map((line, n) => liveLine(line, n + 1)),
  ],
  acceptedAt: row.create_time as EpochMs,
  payBy: row.expire_time as EpochMs,
  state: wordOf(orderStates, row.order_status),
  tickets: tickets.map((ticket) => ({
    ticketNo: ticket.ticket_no,
    line: ticket.line_index,
    seatIndex: ticket.seat_index,
    documentHash: ticket.document_hash,
    ...(ticket.document_proved === 0 ? { documentUnproved: true } : {}),
    state: wordOf(ticketStates, ticket.ticket_status),
  })),
});

const liveLine = (row: LiveLineRow, line: number): LiveLine => ({
  line,
  runId: row.run_id as RunId,
  trainNumber: row.train_number,
  originDate: row.origin_date as ServiceDate,
  boardingDate: row.boarding_date as ServiceDate,
  fromStop: row.from_stop,
  toStop: row.to_stop,
  departAt: row.departure_time as EpochMs,
  arriveAt: row.arrival_time as EpochMs,
  seatClass: wordOf(seatClasses, row.seat_type),
});

async function* keyPages(
  db: Kysely<MysqlTables>,
  slot: Slot,
  since: EpochMs,
  until: EpochMs | undefined,
): AsyncIterable<readonly KeyedOrder[]> {
  // Ids begin with the time, so years of older orders need not be walked over.
  const pages = walk(orderIdFloor(since), (afterId) =>
    db
      .selectFrom("t_order")
      .select(["id", "user_id", "idempotency_key", "request_hash", "create_time"])
      .where("slot", "=", slot)
      .where("create_time", ">=", since)
      .$if(until !== undefined, (query) => query.where("create_time", "<", until!))
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

/** Pages of one slot each, so that what is done with one is done on one server. */
async function* namingPages(
  db: Kysely<MysqlTables>,
  slot: Slot,
  endedBefore: EpochMs,
  madeSince: EpochMs,
): AsyncIterable<readonly OrderId[]> {
  const pages = walk(orderIdFloor(madeSince), (afterId) =>
    db
      .selectFrom("t_order")
      .select("id")
      .where("slot", "=", slot)
      .where("order_status", "not in", holdingCodes)
      .where("arrival_time", "<", endedBefore)
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(pageSize)
      .execute(),
  );
  for await (const rows of pages) {
    const named = await db
      .selectFrom("t_order_detail")
      .select("order_id")
      .distinct()
      .where("slot", "=", slot)
      .where("order_id", ">=", rows[0]!.id)
      .where("order_id", "<=", rows.at(-1)!.id)
      .where("document_hash", "!=", "")
      .execute();
    const naming = new Set(named.map(({ order_id: orderId }) => orderId));
    const found = rows.map(({ id }) => id as OrderId).filter((id) => naming.has(id));
    if (found.length > 0) yield found;
  }
}

/** Backwards along the ids: a maximum would read every order of these slots. */
async function highestOf(inTransaction: InTransaction<MysqlTables>, some: readonly Slot[]): Promise<number> {
  const row = await inTransaction((trx) =>
    trx.selectFrom("t_order").select("id").where("slot", "in", some).orderBy("id", "desc").limit(1).executeTakeFirst(),
  );
  return Number(row?.id ?? 0);
}
