/** The index of orders beside an embedded database: it follows nothing by itself, and takes in what has changed when it is told to. */
import { existsSync } from "node:fs";
import { createSqliteOrderReader, openSqliteOrderSearch, openSqliteToRead } from "@chepiao/adapters/sqlite";
import { documentOf } from "@chepiao/ports/order-search";
import type { DataFolder } from "../dataFolder.ts";

type Files = Pick<DataFolder, "database" | "orderSearch">;
type Database = ReturnType<typeof openSqliteToRead>;
type SearchFile = ReturnType<typeof openSqliteOrderSearch>;

export async function takeInChanges(database: Database, search: SearchFile, told: (count: number) => void) {
  let count = 0;
  for await (const orders of createSqliteOrderReader(database).unlike(search.versions)) {
    await search.index(orders.map(documentOf));
    count += orders.length;
    told(count);
  }
}

/**
 * What is in the index is as the orders are; what is not there yet waits for the operator who searches next. Who never searched has no index in
 * which anybody is named.
 */
export async function bringInLine(files: Files): Promise<void> {
  if (!existsSync(files.orderSearch)) return;
  await using database = openSqliteToRead(files.database);
  using search = openSqliteOrderSearch(files.orderSearch);
  for await (const orders of createSqliteOrderReader(database).changed(search.versions))
    await search.index(orders.map(documentOf));
}
