/**
 * Walks over all orders, for waking up. Where orders lie in many tables each of those is walked by itself: a statement without a
 * slot would be asked of all of them at once, and merged in one place.
 */
import type { Kysely } from "kysely";
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
  type KeyedOrder,
  type LiveOrder,
  liveTicketStates,
  type OrderStore,
  tripStates,
} from "@chepiao/ports/order-store";
import { type DetailRow, type OrderRow, stateCode } from "./orders.rows.ts";
import type { Tables } from "./tables.ts";

/** What is walked one after the other: everything at once, or slot by slot. */
type Parts = readonly (Slot | null)[];
export const undivided: Parts = [null];
export const slotBySlot: Parts = Array.from({ length: slotCount }, (_, slot) => slot as Slot);

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
const tripCodes = tripStates.map(stateCode);

export function orderScans(db: Kysely<Tables>, parts: Parts): Pick<OrderStore, "live" | "createdSince" | "highestId"> {
  return {
    async *live(endingAfter) {
      for (const slot of parts) yield* livePages(db, slot, endingAfter);
    },
    async *createdSince(since) {
      for (const slot of parts) yield* keyPages(db, slot, since);
    },
    async highestId() {
      let highest = 0;
      for (const slot of parts) highest = Math.max(highest, await highestOf(db, slot));
      return highest;
    },
  };
}

const ordersIn = (db: Kysely<Tables>, slot: Slot | null) =>
  db.selectFrom("t_order").$if(slot !== null, (query) => query.where("slot", "=", slot));

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

async function* livePages(
  db: Kysely<Tables>,
  slot: Slot | null,
  endingAfter: EpochMs,
): AsyncIterable<readonly LiveOrder[]> {
  const pages = walk(0, (afterId) =>
    ordersIn(db, slot)
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
      .$if(slot !== null, (query) => query.where("slot", "=", slot))
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

async function* keyPages(db: Kysely<Tables>, slot: Slot | null, since: EpochMs): AsyncIterable<readonly KeyedOrder[]> {
  // Ids begin with the time, so years of older orders need not be walked over.
  const pages = walk(orderIdFloor(since), (afterId) =>
    ordersIn(db, slot)
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

async function highestOf(db: Kysely<Tables>, slot: Slot | null): Promise<number> {
  const row = await ordersIn(db, slot)
    .select((eb) => eb.fn.max("id").as("highest"))
    .executeTakeFirst();
  return Number(row?.highest ?? 0);
}
