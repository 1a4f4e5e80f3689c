/**
 * Makings of a read model, counted; the number stands beside the places of those who follow the orders for it.
 *
 * The process that takes orders in asks for the number after it has read them. So where the number is an old one, the orders were read before
 * the new making began, and that one brings them or newer ones; where it is the new one, versions decide. Nobody has to wait for
 * anybody, and no clocks are compared.
 */
import type { Kysely } from "kysely";
import { insertRows } from "./batches.ts";
import type { MysqlTables } from "./tables.ts";

const nameOf = (model: string) => `${model} generation`;

export async function generationOf(db: Kysely<MysqlTables>, model: string): Promise<number> {
  const row = await db.selectFrom("t_feed_place").select("place").where("name", "=", nameOf(model)).executeTakeFirst();
  return Number(row?.place ?? 0);
}

/** From now on there is a new one. Two that begin at the same time may both be told the later number, which is as good. */
export async function nextGeneration(db: Kysely<MysqlTables>, model: string): Promise<number> {
  await insertRows(
    db,
    "t_feed_place",
    [{ name: nameOf(model), place: "1" }],
    "on duplicate key update place = cast(place as unsigned) + 1",
  );
  return generationOf(db, model);
}
