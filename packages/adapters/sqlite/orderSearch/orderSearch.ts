/**
 * Order search in a file of its own, with SQLite's full-text index: what an operator of one platform on one machine needs. The file
 * can be deleted at any time. Names are taken apart and compared by the port's rules.
 */
import { Database } from "bun:sqlite";
import type { OrderId } from "@chepiao/kernel";
import {
  hitsCountedMax,
  nameTokens,
  type OrderDocument,
  type OrderSearch,
  soundOf,
  type Statistic,
  type StatisticsBy,
  type WayDocument,
} from "@chepiao/ports/order-search";
import { begin, current, drop, type Generation, generations, isThere, prepare, replaceBy } from "./generations.ts";
import { matching, type Part } from "./query.ts";

export type SqliteOrderSearch = OrderSearch &
  Disposable & {
    /** Versions of the orders it has, by their ids, both ends included. */
    versions(from: OrderId, to: OrderId): ReadonlyMap<OrderId, number>;
  };

const columns: Readonly<Record<StatisticsBy, string>> = {
  originDate: "origin_date",
  trainNumber: "train_number",
  state: "state",
  seatClass: "seat_class",
};

export function openSqliteOrderSearch(path: string): SqliteOrderSearch {
  const raw = new Database(path, { create: true, strict: true });
  // It can be made again: nobody waits for the disk.
  raw.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000;");
  raw.exec("PRAGMA secure_delete = ON;");
  prepare(raw);

  /** One view of the file for all that is asked. */
  const ask = <T>(question: (of: Generation) => T): T => raw.transaction(() => question(current(raw)))();
  const rows = <T>({ sql, values }: Part) => raw.query(sql).all(...values) as T[];

  return {
    async index(orders) {
      raw.transaction(() => generations(raw).forEach((each) => take(raw, each, orders))).immediate();
    },
    search: async ({ limit, after, ...filter }) =>
      ask((of) => {
        const matches = matching(raw, of, filter);
        const hits = rows<{ order_id: number; closeness: number; document: string }>({
          sql: `select order_id, closeness, document from (${matches.sql})
            ${after ? "where (closeness, order_id) < (?, ?)" : ""}
            order by closeness desc, order_id desc limit ?`,
          values: [...matches.values, ...(after ?? []), limit],
        });
        const last = hits.at(-1);
        return {
          orders: hits.map(({ document }) => JSON.parse(document) as OrderDocument),
          total: countOf(rows(counting(matches))),
          next: last && hits.length === limit ? [last.closeness, last.order_id] : null,
        };
      }),
    statistics: async (filter, by, limit) =>
      ask((of) => {
        const matches = matching(raw, of, filter);
        return rows<Statistic>({
          sql: `select ${columns[by]} as key, count(*) as orders, sum(passenger_count) as passengers,
              sum(total_fen) as totalFen
            from (${matches.sql}) group by key order by ${by === "originDate" ? "key" : "orders desc, key"} limit ?`,
          values: [...matches.values, limit],
        });
      }),
    async rebuild(source) {
      const next = begin(raw);
      let count = 0;
      try {
        for await (const orders of source) {
          raw
            .transaction(() => {
              if (!isThere(raw, next)) throw new Error("another rebuild has taken the place of this one");
              take(raw, next, orders);
            })
            .immediate();
          count += orders.length;
        }
        replaceBy(raw, next);
      } catch (error) {
        drop(raw, next);
        throw error;
      }
      return count;
    },
    versions: (from, to) =>
      ask(({ orders }) => {
        const known = raw.query(`select order_id, version from ${orders} where order_id between ? and ?`);
        return new Map(known.values(from, to) as [OrderId, number][]);
      }),
    [Symbol.dispose]: () => raw.close(),
  };
}

const counting = ({ sql, values }: Part): Part => ({
  sql: `select count(*) as count from (select 1 from (${sql}) limit ${hitsCountedMax})`,
  values,
});
const countOf = ([row]: readonly { readonly count: number }[]): number => row!.count;

/** Those that are newer than what is there. */
function take(raw: Database, of: Generation, orders: readonly OrderDocument[]): void {
  const put = raw.query(`
    insert into ${of.orders} (order_id, version, order_no, user_id, state, train_number, origin_date, boarding_date,
      from_station_id, to_station_id, seat_class, created_at, total_fen, passenger_count, document)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (order_id) do update set version = excluded.version, state = excluded.state,
      total_fen = excluded.total_fen, passenger_count = excluded.passenger_count, document = excluded.document
    where excluded.version > version`);
  const forgetNames = raw.query(`delete from ${of.names} where rowid in
    (select passenger_id from ${of.passengers} where order_id = ?)`);
  const forgetWays = raw.query(`delete from ${of.ways} where order_id = ?`);
  const putWay = raw.query(`
    insert into ${of.ways} (order_id, train_number, origin_date, boarding_date, from_station_id, to_station_id, seat_class)
    values (?, ?, ?, ?, ?, ?, ?)`);
  const forgetPassengers = raw.query(`delete from ${of.passengers} where order_id = ?`);
  const putPassenger = raw.query(`
    insert into ${of.passengers} (order_id, ticket_no, document_masked, document_hash, sound) values (?, ?, ?, ?, ?)`);
  const putName = raw.query(`insert into ${of.names} (rowid, words) values (?, ?)`);
  for (const order of orders) {
    if (put.run(...valuesOf(order)).changes === 0) continue;
    forgetWays.run(order.orderId);
    for (const way of order.furtherWays ?? []) putWay.run(order.orderId, ...wayValuesOf(way));
    forgetNames.run(order.orderId);
    forgetPassengers.run(order.orderId);
    for (const { ticketNo, name, documentMasked, documentHash } of order.passengers) {
      const { lastInsertRowid } = putPassenger.run(
        order.orderId,
        ticketNo,
        documentMasked,
        documentHash,
        soundOf(name),
      );
      putName.run(lastInsertRowid, nameTokens(name).join(" "));
    }
  }
}

const wayValuesOf = (way: WayDocument) => [
  way.trainNumber,
  way.originDate,
  way.boardingDate,
  way.fromStationId,
  way.toStationId,
  way.seatClass,
];

const valuesOf = (order: OrderDocument) => [
  order.orderId,
  order.version,
  order.orderNo,
  order.userId,
  order.state,
  ...wayValuesOf(order),
  order.createdAt,
  order.totalFen,
  order.passengers.length,
  JSON.stringify(order),
];
