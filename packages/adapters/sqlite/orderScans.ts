/**
 * Walks over all orders, for waking up: raw statements whose rows are arrays, because a million rows are made into objects only
 * once. Runs and days come back as one text for all their orders, which is most of what would otherwise be remembered.
 */
import type { Database } from "bun:sqlite";
import {
  codeOf,
  type OrderLines,
  orderStates,
  type RunId,
  seatClasses,
  ticketStates,
  trainAndDateOf,
  wordOf,
} from "@chepiao/contracts";
import {
  type EpochMs,
  epochMs,
  dayMs,
  type OrderId,
  orderIdFloor,
  type ServiceDate,
  type UserId,
} from "@chepiao/kernel";
import {
  endedByRailway,
  type KeyedOrder,
  type LiveLine,
  type LiveOrder,
  type LiveTicket,
  liveTicketStates,
  type OrderRecord,
  type OrderStore,
  seatHoldingStates,
  tripStates,
  unpaidStates,
} from "@chepiao/ports/order-store";
import type { SqliteDatabase } from "./database.ts";
import { ordersById } from "./orderReader.ts";

const pageSize = 2_000;
/** Bound to one statement. */
const readAtOnce = 500;
const codes = (states: readonly string[], all: readonly string[]) =>
  states.map((state) => codeOf(all, state)).join(", ");

// The plus keeps SQLite from walking the index of states, which would sort all orders once a page.
const columns = `id, user_id, run_id, boarding_date, from_stop, to_stop, departure_time, arrival_time,
    seat_type, create_time, expire_time, order_status, line_count, hold_line`;
const liveOrders = `
  select ${columns}
  from t_order
  where id > ?1 and arrival_time > ?2 and +order_status in (${codes(tripStates, orderStates)})
  order by id limit ${pageSize}`;
const liveTickets = `
  select order_id, ticket_no, seat_index, document_hash, ticket_status, document_proved, line_index from t_order_detail
  where order_id between ?1 and ?2 and ticket_status in (${codes(liveTicketStates, ticketStates)})
  order by order_id, ticket_index`;
/** While people buy, on the thread that serves them: some milliseconds at a time. */
const namingPageSize = 500;
// By what is looked at and not by what is found: mostly there is nothing, in millions of orders.
const namingTravellers = `
  select id, arrival_time < ?2 and order_status not in (${codes(seatHoldingStates, orderStates)})
    and exists (select 1 from t_order_detail where order_id = id and document_hash <> '')
  from t_order where id > ?1
  order by id limit ${namingPageSize}`;
// Ids begin with the time, so there are only the orders of a day to be walked over.
const unpaidOrders = `
  select ${columns}
  from t_order
  where id > ?1 and create_time >= ?2 and +order_status in (${codes(unpaidStates, orderStates)})
    and ended_because is not '${endedByRailway}'
  order by id limit ${pageSize}`;
const allTickets = `
  select order_id, ticket_no, seat_index, document_hash, ticket_status, document_proved, line_index from t_order_detail
  where order_id between ?1 and ?2
  order by order_id, ticket_index`;
// Of an order with several lines, t_order says but the first.
const linesOfOrder = `
  select run_id, boarding_date, from_stop, to_stop, departure_time, arrival_time, seat_type from t_order_line
  where order_id = ?1 order by line_index`;
const keys = `
  select id, user_id, idempotency_key, request_hash, create_time from t_order
  where id > ?1 and create_time >= ?2
  order by id limit ${pageSize}`;
// Ids may run ahead of the time: of many orders at once, or where a clock was set back. What is too young is left out page by page.
const idsAheadMaxMs = 3 * dayMs;
const keysUntil = (until: EpochMs) => `
  select id, user_id, idempotency_key, request_hash, create_time from t_order
  where id > ?1 and id < ${orderIdFloor(epochMs(until + idsAheadMaxMs))} and create_time >= ?2
  order by id limit ${pageSize}`;

type OrderValues = [
  ...[id: number, userId: number],
  ...LineValues,
  ...[acceptedAt: number, payBy: number, state: number, lineCount: number, holdLine: number],
];
type LineValues = [string, string, number, number, number, number, number];
type TicketValues = [number, string, number, string, number, number, number];
type KeyValues = [number, number, string, string, number];

export function createOrderScans(
  database: SqliteDatabase,
): Pick<OrderStore, "createdSince" | "live" | "namingTravellers" | "some" | "unpaidSince"> {
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

  function walkWithTickets(orders: string, ticketsOf: string, after: number, bound: number) {
    const texts = createTexts();
    return walk<LiveOrder, OrderValues>(orders, after, bound, (raw, rows) => {
      const tickets = raw.query(ticketsOf).values(rows[0]![0], rows.at(-1)![0]) as TicketValues[];
      let next = 0;
      return rows.map((row) => {
        // Both are in order of id; tickets of orders that are not on this page are passed over.
        while (next < tickets.length && tickets[next]![0] < row[0]) next++;
        const own: LiveTicket[] = [];
        while (next < tickets.length && tickets[next]![0] === row[0]) own.push(liveTicket(tickets[next++]!));
        return liveOrder(row, own, liveLines(raw, row, texts));
      });
    });
  }

  return {
    live: (endingAfter) => walkWithTickets(liveOrders, liveTickets, -1, endingAfter),
    unpaidSince: (since) => walkWithTickets(unpaidOrders, allTickets, orderIdFloor(since) - 1, since),
    async *namingTravellers(endedBefore, madeSince) {
      for (let last = orderIdFloor(madeSince) - 1; ;) {
        const rows = await database.read(
          (raw) => raw.query(namingTravellers).values(last, endedBefore) as [OrderId, number][],
        );
        const found = rows.filter(([, isNaming]) => isNaming === 1).map(([id]) => id);
        if (found.length > 0) yield found;
        if (rows.length < namingPageSize) return;
        last = rows.at(-1)![0];
        // A request that is being served has its turn.
        await new Promise(setImmediate);
      }
    },
    // Ids begin with the time, so years of older orders need not be walked over.
    createdSince: (since, until) =>
      walk<KeyedOrder, KeyValues>(
        until === undefined ? keys : keysUntil(until),
        orderIdFloor(since) - 1,
        since,
        (_, rows) => rows.map(keyedOrder).filter(({ acceptedAt }) => until === undefined || acceptedAt < until),
      ),
    async some(orderIds) {
      const orders: OrderRecord[] = [];
      for (let first = 0; first < orderIds.length; first += readAtOnce) {
        orders.push(...(await ordersById(database, orderIds.slice(first, first + readAtOnce))));
        // A request that is being served has its turn.
        await new Promise(setImmediate);
      }
      return orders;
    },
  };
}

const liveOrder = (
  [id, userId, , , , , , , , acceptedAt, payBy, state]: OrderValues,
  tickets: readonly LiveTicket[],
  lines: OrderLines<LiveLine>,
): LiveOrder => ({
  orderId: id as OrderId,
  userId: userId as UserId,
  lines,
  acceptedAt: acceptedAt as EpochMs,
  payBy: payBy as EpochMs,
  state: wordOf(orderStates, state),
  tickets,
});

function liveLines(raw: Database, row: OrderValues, texts: Texts): OrderLines<LiveLine> {
  const [id, , runId, boarding, fromStop, toStop, departAt, arriveAt, seatType, , , , lineCount, holdLine] = row;
  if (lineCount === 1) {
    const line = liveLine(0, [runId, boarding, fromStop, toStop, departAt, arriveAt, seatType], texts);
    return [holdLine === 0 ? line : { ...line, holdLine }];
  }
  const [first, ...others] = raw.query(linesOfOrder).values(id) as LineValues[];
  return [liveLine(0, first!, texts), ...others.map((each, n) => liveLine(n + 1, each, texts))];
}

const liveLine = (
  line: number,
  [runId, boarding, fromStop, toStop, departAt, arriveAt, seatType]: LineValues,
  texts: Texts,
): LiveLine => ({
  line,
  ...texts.run(runId),
  boardingDate: texts.date(boarding),
  fromStop,
  toStop,
  departAt: departAt as EpochMs,
  arriveAt: arriveAt as EpochMs,
  seatClass: wordOf(seatClasses, seatType),
});

const liveTicket = ([, ticketNo, seatIndex, documentHash, state, isProved, line]: TicketValues): LiveTicket => ({
  ticketNo,
  line,
  seatIndex,
  documentHash,
  ...(isProved === 0 ? { documentUnproved: true } : {}),
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
  const runs = new Map<string, Pick<LiveLine, "runId" | "trainNumber" | "originDate">>();
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
