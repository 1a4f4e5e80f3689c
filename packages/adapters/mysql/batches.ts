/** Many rows in one statement, many things in one transaction. */
import { CompiledQuery, type Kysely } from "kysely";
import { lockingOrder } from "@chepiao/adapters/sql";
import { assert } from "@chepiao/kernel";
import type { MysqlTables } from "./tables.ts";

type Row = Readonly<Record<string, string | number | null>>;

/**
 * One insert for all rows, which the driver writes into the statement itself: for thousands of values that costs a quarter of what
 * sending them beside a prepared statement does.
 */
export async function insertRows(
  db: Kysely<MysqlTables>,
  table: keyof MysqlTables,
  rows: readonly Row[],
  clause = "",
): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]!);
  const values = rows.map((row) => columns.map((column) => row[column]));
  await db.executeQuery(CompiledQuery.raw(`insert into ${table} (${columns.join(", ")}) values ? ${clause}`, [values]));
}

/** As everybody has to lock them; what has one slot stays in its order. */
export const inLockingOrder = <T>(members: readonly T[], slotOf: (member: T) => number): T[] =>
  members.toSorted((a, b) => lockingOrder(slotOf(a)) - lockingOrder(slotOf(b)));

/** In a list whose length is a power of two, so that there are few statements to prepare: the last member is said again. */
export function padded<T>(members: readonly T[]): T[] {
  const length = 2 ** Math.ceil(Math.log2(members.length));
  return Array.from({ length }, (_, at) => members[Math.min(at, members.length - 1)]!);
}

/** Each is a condition of its own in a statement that asks for many, which a proxy takes apart. */
const askedAtOnce = 500;

/** As many as one statement asks for. */
export function* pagesOf<T>(members: readonly T[]): Generator<readonly T[]> {
  for (let next = 0; next < members.length; next += askedAtOnce) yield members.slice(next, next + askedAtOnce);
}

/**
 * Does everything at once, or, where that is refused, first one half and then the other: among hundreds a single one that is in the
 * way costs a few more tries, and none costs nothing. The order is kept.
 * @param attempt null where something is in the way; it answers for a single one
 * @param known what was done before, null for what was not: asked once, when something is in the way, because most of what
 *   arrives again arrives with its whole batch
 */
export async function inParts<T, R extends string | boolean>(
  all: readonly T[],
  attempt: (some: readonly T[]) => Promise<readonly R[] | null>,
  known?: (some: readonly T[]) => Promise<readonly (R | null)[]>,
): Promise<R[]> {
  if (all.length === 0) return [];
  const together = await attempt(all);
  if (together) return [...together];
  if (known) {
    const before = await known(all);
    const rest = await inParts(
      all.filter((_, n) => before[n] === null),
      attempt,
    );
    return before.map((answer) => answer ?? rest.shift()!);
  }
  assert(all.length > 1, "a single one is decided, not divided");
  const half = all.length >> 1;
  const first = await inParts(all.slice(0, half), attempt);
  return [...first, ...(await inParts(all.slice(half), attempt))];
}
