/**
 * The index in its file. Each making of it has tables of its own; one of them answers, and whatever is taken in goes to all there
 * are, so that a new one can be filled beside the old one.
 */
import type { Database } from "bun:sqlite";

export type Generation = {
  readonly number: number;
  /** Names of its tables. */
  readonly orders: string;
  /** Ways of further lines, of orders that have some. */
  readonly ways: string;
  readonly passengers: string;
  readonly names: string;
  readonly words: string;
};

export const generation = (number: number): Generation => ({
  number,
  orders: `order_${number}`,
  ways: `way_${number}`,
  passengers: `passenger_${number}`,
  names: `name_${number}`,
  words: `word_${number}`,
});

const first = 1;

/** In every process that opens the file, the first one does it. */
export function prepare(raw: Database): void {
  raw.transaction(() => {
    raw.run("create table if not exists generation (number integer primary key, is_current integer not null)");
    if (generations(raw).length === 0) add(raw, first, true);
    // Files of before have none.
    else for (const each of generations(raw)) addWays(raw, each);
  })();
}

export const generations = (raw: Database): Generation[] =>
  (raw.query("select number from generation order by number").all() as { number: number }[]).map(({ number }) =>
    generation(number),
  );

export function current(raw: Database): Generation {
  const { number } = raw.query("select number from generation where is_current = 1").get() as { number: number };
  return generation(number);
}

export const isThere = (raw: Database, { number }: Generation): boolean =>
  raw.query("select 1 from generation where number = ?").get(number) !== null;

export function begin(raw: Database): Generation {
  return raw
    .transaction(() => add(raw, Math.max(...generations(raw).map(({ number }) => number)) + 1, false))
    .immediate();
}

/** From now on this one answers; the others go. */
export function replaceBy(raw: Database, next: Generation): void {
  raw
    .transaction(() => {
      for (const other of generations(raw)) if (other.number !== next.number) remove(raw, other);
      raw.run("update generation set is_current = 1 where number = ?", [next.number]);
    })
    .immediate();
}

export function drop(raw: Database, gone: Generation): void {
  raw.transaction(() => isThere(raw, gone) && remove(raw, gone)).immediate();
}

function add(raw: Database, number: number, isCurrent: boolean): Generation {
  const made = generation(number);
  const { orders, passengers, names, words } = made;
  raw.run(`create table ${orders} (
    order_id integer primary key, version integer, order_no text, user_id integer, state text, train_number text,
    origin_date text, boarding_date text, from_station_id text, to_station_id text, seat_class text,
    created_at integer, total_fen integer, passenger_count integer, document text)`);
  raw.run(`create index ${orders}_train on ${orders} (train_number, boarding_date)`);
  raw.run(`create index ${orders}_boarding on ${orders} (boarding_date)`);
  raw.run(`create index ${orders}_user on ${orders} (user_id)`);
  raw.run(`create index ${orders}_no on ${orders} (order_no)`);
  raw.run(`create table ${passengers} (
    passenger_id integer primary key, order_id integer, ticket_no text, document_masked text, document_hash text,
    sound text)`);
  raw.run(`create index ${passengers}_order on ${passengers} (order_id)`);
  raw.run(`create index ${passengers}_document on ${passengers} (document_hash)`);
  raw.run(`create index ${passengers}_sound on ${passengers} (sound)`);
  // Names come taken apart, with spaces: everything beyond ASCII is part of a word to this tokenizer, also rare characters.
  raw.run(`create virtual table ${names} using fts5(words, tokenize = 'ascii')`);
  raw.run(`create virtual table ${words} using fts5vocab(${names}, row)`);
  addWays(raw, made);
  raw.run("insert into generation (number, is_current) values (?, ?)", [number, Number(isCurrent)]);
  return made;
}

function addWays(raw: Database, { ways }: Generation): void {
  raw.run(`create table if not exists ${ways} (
    order_id integer, train_number text, origin_date text, boarding_date text, from_station_id text, to_station_id text,
    seat_class text)`);
  raw.run(`create index if not exists ${ways}_order on ${ways} (order_id)`);
  raw.run(`create index if not exists ${ways}_train on ${ways} (train_number, boarding_date)`);
}

function remove(raw: Database, { number, orders, ways, passengers, names, words }: Generation): void {
  for (const table of [words, names, passengers, ways, orders]) raw.run(`drop table ${table}`);
  raw.run("delete from generation where number = ?", [number]);
}
