/** What is asked for, in SQL: the orders that match, each with how close it comes. */
import type { Database } from "bun:sqlite";
import {
  edits,
  editsAllowed,
  nameTokens,
  type OrderFilter,
  type PassengerFilter,
  type Range,
  soundOf,
  tokensNeeded,
} from "@chepiao/ports/order-search";
import type { Generation } from "./generations.ts";

type Value = string | number;
export type Part = { readonly sql: string; readonly values: readonly Value[] };

/** A query of the columns of orders, and `closeness`. */
export function matching(raw: Database, of: Generation, filter: OrderFilter): Part {
  const { passenger } = filter;
  const orders = all([...orderConditions(filter), ...onOneWay(of, filter)]);
  if (passenger?.name !== undefined) return byName(raw, of, orders, passenger, passenger.name);
  const someone = passenger ? all(passengerConditions(passenger)) : null;
  const among = someone ? ` and o.order_id in (select p.order_id from ${of.passengers} p where ${someone.sql})` : "";
  return {
    sql: `select o.*, 1 as closeness from ${of.orders} o where ${orders.sql}${among}`,
    values: [...orders.values, ...(someone?.values ?? [])],
  };
}

function byName(raw: Database, of: Generation, orders: Part, passenger: PassengerFilter, name: string): Part {
  const likeness = like(raw, of, name);
  const someone = all(passengerConditions(passenger));
  return {
    sql: `select o.*, max(l.closeness) as closeness
      from (${likeness.sql}) l
        join ${of.passengers} p on p.passenger_id = l.passenger_id
        join ${of.orders} o on o.order_id = p.order_id
      where ${orders.sql} and ${someone.sql}
      group by o.order_id`,
    values: [...likeness.values, ...orders.values, ...someone.values],
  };
}

/** Whole, in part, by its sound, or most of it: passengers, each as often as it is found, with how close that is. */
function like(raw: Database, { names, passengers, words }: Generation, name: string): Part {
  const tokens = nameTokens(name);
  const sound = soundOf(name);
  const ways: Part[] = [];
  if (tokens.length > 0) {
    const whole = tokens.join(" ");
    ways.push({
      sql: `select rowid as passenger_id, iif(words = ?, 4, 3) as closeness from ${names} where ${names} match ?`,
      values: [whole, `"${whole}"`],
    });
    const found = tokens.map((token) => spellings(raw, words, token)).filter((some) => some.length > 0);
    const each = `select rowid as passenger_id from ${names} where ${names} match ?`;
    if (found.length > 0)
      ways.push({
        sql: `select passenger_id, 1 from (${found.map(() => each).join(" union all ")})
          group by passenger_id having count(*) >= ?`,
        values: [...found.map((some) => some.map((word) => `"${word}"`).join(" OR ")), tokensNeeded(tokens.length)],
      });
  }
  // Every sound begins with none.
  if (sound !== "")
    ways.push({
      sql: `select passenger_id, 2 from ${passengers} where sound >= ? and sound < ?`,
      values: [sound, sound + lastCharacter],
    });
  if (ways.length === 0) return { sql: "select null as passenger_id, 0 as closeness where false", values: [] };
  return { sql: ways.map(({ sql }) => sql).join(" union all "), values: ways.flatMap(({ values }) => values) };
}

const lastCharacter = "\u{10ffff}";

/** The words there are that it may stand for. */
function spellings(raw: Database, words: string, token: string): string[] {
  const allowed = editsAllowed(token);
  if (allowed === 0) return [token];
  const near = raw
    .query(`select term from ${words} where length(term) between ? and ?`)
    .values(token.length - allowed, token.length + allowed) as [string][];
  return near.map(([term]) => term).filter((term) => edits(token, term) <= allowed);
}

const orderConditions = (filter: OrderFilter): Part[] => [
  ...equal("o.order_no", filter.orderNo),
  ...(filter.orderNoStart === undefined
    ? []
    : [
        {
          sql: "o.order_no >= ? and o.order_no < ?",
          values: [filter.orderNoStart, filter.orderNoStart + lastCharacter],
        },
      ]),
  ...equal("o.user_id", filter.userId),
  ...within("o.created_at", filter.createdAt),
  ...(filter.states ? [{ sql: `o.state in (${filter.states.map(() => "?").join(", ")})`, values: filter.states }] : []),
];

/** The first line's way, which its order says, or that of another line. */
function onOneWay(of: Generation, filter: OrderFilter): Part[] {
  if (wayConditions("o", filter).length === 0) return [];
  const [first, further] = [all(wayConditions("o", filter)), all(wayConditions("w", filter))];
  const among = `o.order_id in (select w.order_id from ${of.ways} w where ${further.sql})`;
  return [{ sql: `((${first.sql}) or ${among})`, values: [...first.values, ...further.values] }];
}

const wayConditions = (table: "o" | "w", filter: OrderFilter): Part[] => [
  ...equal(`${table}.train_number`, filter.trainNumber),
  ...equal(`${table}.seat_class`, filter.seatClass),
  ...equal(`${table}.from_station_id`, filter.fromStationId),
  ...equal(`${table}.to_station_id`, filter.toStationId),
  ...within(`${table}.origin_date`, filter.originDate),
  ...within(`${table}.boarding_date`, filter.boardingDate),
  ...(filter.stationId === undefined
    ? []
    : [{ sql: `? in (${table}.from_station_id, ${table}.to_station_id)`, values: [filter.stationId] }]),
];

const passengerConditions = (passenger: PassengerFilter): Part[] => [
  ...equal("p.document_masked", passenger.documentMasked),
  ...equal("p.document_hash", passenger.documentHash),
  ...equal("p.ticket_no", passenger.ticketNo),
];

const equal = (column: string, value: Value | undefined): Part[] =>
  value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }];

const within = (column: string, range: Range<Value> | undefined): Part[] => [
  ...(range?.from === undefined ? [] : [{ sql: `${column} >= ?`, values: [range.from] }]),
  ...(range?.to === undefined ? [] : [{ sql: `${column} <= ?`, values: [range.to] }]),
];

const all = (conditions: readonly Part[]): Part => ({
  sql: conditions.length === 0 ? "true" : conditions.map(({ sql }) => sql).join(" and "),
  values: conditions.flatMap(({ values }) => values),
});
