/**
 * Walks over all orders, for waking up: raw statements whose rows are arrays, because a million rows are made into objects only
 * once. Runs and days come back as one text for all their orders, which is most of what would otherwise be remembered.
 */
import type { Database } from "bun:sqlite";
import { codeOf, orderStates, type RunId, seatClasses, ticketStates, trainAndDateOf, wordOf } from "@chepiao/contracts";
import { type EpochMs, type OrderId, orderIdFloor, type ServiceDate, type UserId } from "@chepiao/kernel";
import {
  type KeyedOrder,
  type LiveOrder,
  type LiveTicket,
  liveTicketStates,
  type OrderStore,
  tripStates,
} from "@chepiao/ports/order-store";
import type { SqliteDatabase } from "./database.ts";

const pageSize = 2_000;
const codes = (states: readonly string[], all: readonly string[]) =>
  states.map((state) => codeOf(all, state)).join(", ");

// The plus keeps SQLite from walking the index of states, which would sort all orders once a page.
const liveOrders = `
  select id, user_id, run_id, boarding_date, from_stop, to_stop, departure_time, arrival_time,
    seat_type, expire_time, order_status
  from t_order
  where id > ?1 and arrival_time > ?2 and +order_status in (${codes(tripStates, orderStates)})
  order by id limit ${pageSize}`;
const liveTickets = `
  select order_id, ticket_no, seat_index, document_hash, ticket_status from t_order_detail
  where order_id between ?1 and ?2 and ticket_status in (${codes(liveTicketStates, ticketStates)})
  order by order_id, ticket_index`;
const keys = `
  select id, user_id, idempotency_key, request_hash, create_time from t_order
  where id > ?1 and create_time >= ?2
  order by id limit ${pageSize}`;

type OrderValues = [number, number, string, string, number, number, number, number, number, number, number];
type TicketValues = [number, string, number, string, number];
type KeyValues = [number, number, string, string, number];

export function createOrderScans(database: SqliteDatabase): Pick<OrderStore, "live" | "createdSince"> {
  /** A page at a time: the connection is free for others in between. */
  async function* walk<Row, Values extends [number, ...unknown[]]>(
    query: string,
    after: number,
    bound: number,
    read: (raw: Database, rows: Values[]) => Row[],
  ): AsyncIterable<readonly Row[]> {
    for (let last = after; ;) {
      const page = await database.read((raw) => {
        const rows = raw.query(query).values(last, bound) as Values[];
        last = rows.at(-1)?.[0] ?? last;
        return { rows: rows.length > 0 ? read(raw, rows) : [], isLast: rows.length < pageSize };
      });
      if (page.rows.length > 0) yield page.rows;
      if (page.isLast) return;
    }
  }

  return {
    live(endingAfter) {
      const texts = createTexts();
      return walk<LiveOrder, OrderValues>(liveOrders, -1, endingAfter, (raw, rows) => {
        const tickets = raw.query(liveTickets).values(rows[0]![0], rows.at(-1)![0]) as TicketValues[];
        let next = 0;
        return rows.map((row) => {
          // Both are in order of id; tickets of orders that are not on this page are passed over.
          while (next < tickets.length && tickets[next]![0] < row[0]) next++;
          const own: LiveTicket[] = [];
          while (next < tickets.length && tickets[next]![0] === row[0]) own.push(liveTicket(tickets[next++]!));
          return liveOrder(row, own, texts);
        });
      });
    },
    // Ids begin with the time, so years of older orders need not be walked over.
    createdSince: (since) =>
      walk<KeyedOrder, KeyValues>(keys, orderIdFloor(since) - 1, since, (_, rows) => rows.map(keyedOrder)),
  };
}

const liveOrder = (
  [id, userId, runId, boarding, fromStop, toStop, departAt, arriveAt, seatType, payBy, state]: OrderValues,
  tickets: readonly LiveTicket[],
  texts: Texts,
): LiveOrder => ({
  orderId: id as OrderId,
  userId: userId as UserId,
  ...texts.run(runId),
  boardingDate: texts.date(boarding),
  fromStop,
  toStop,
  departAt: departAt as EpochMs,
  arriveAt: arriveAt as EpochMs,
  seatClass: wordOf(seatClasses, seatType),
  payBy: payBy as EpochMs,
  state: wordOf(orderStates, state),
  tickets,
});

const liveTicket = ([, ticketNo, seatIndex, documentHash, state]: TicketValues): LiveTicket => ({
  ticketNo,
  seatIndex,
  documentHash,
  state: wordOf(ticketStates, state),
});

const keyedOrder = ([id, userId, idempotencyKey, requestHash, createdAt]: KeyValues): KeyedOrder => ({
  orderId: id as OrderId,
  userId: userId as UserId,
  idempotencyKey,
  requestHash,
  acceptedAt: createdAt as EpochMs,
});

type Texts = ReturnType<typeof createTexts>;

/** Equal texts become one. */
function createTexts() {
  const runs = new Map<string, Pick<LiveOrder, "runId" | "trainNumber" | "originDate">>();
  const dates = new Map<string, ServiceDate>();
  return {
    run(runId: string) {
      let run = runs.get(runId);
      if (run === undefined) {
        const [trainNumber, originDate] = trainAndDateOf(runId as RunId);
        runs.set(runId, (run = { runId: runId as RunId, trainNumber, originDate }));
      }
      return run;
    },
    date(text: string): ServiceDate {
      let date = dates.get(text);
      if (date === undefined) dates.set(text, (date = text as ServiceDate));
      return date;
    },
  };
}
