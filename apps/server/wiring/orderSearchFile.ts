/** The index of orders beside an embedded database: it follows nothing by itself, and takes in what has changed when it is told to. */
import { existsSync } from "node:fs";
import { createSqliteOrderReader, openSqliteOrderSearch, openSqliteToRead } from "@chepiao/adapters/sqlite";
import { documentOf, type OrderSearch } from "@chepiao/ports/order-search";
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

/**
 * The same index for staff of a platform that runs: it is opened when the first of them looks for an order, and takes in what has changed since before each
 * look, a few hundred orders at a time, between which buyers have their turn.
 */
export function createFolderSearch(files: Files): OrderSearch & Disposable {
  let opened: { readonly database: Database; readonly search: SearchFile } | null = null;
  let taking: Promise<void> | null = null;
  const open = () =>
    (opened ??= { database: openSqliteToRead(files.database), search: openSqliteOrderSearch(files.orderSearch) });

  async function takeIn(): Promise<void> {
    const { database, search } = open();
    for await (const orders of createSqliteOrderReader(database).unlike(search.versions)) {
      await search.index(orders.map(documentOf));
      await new Promise(setImmediate);
    }
  }

  return {
    async caughtUp(withinMs) {
      const all = (taking ??= takeIn().finally(() => (taking = null))).then(() => true);
      // What goes on beyond that is heard by the next who asks.
      all.catch(() => {});
      const late = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => late.resolve(false), withinMs);
      try {
        return await Promise.race([all, late.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
    index: (orders) => open().search.index(orders),
    search: (query) => open().search.search(query),
    statistics: (filter, by, limit) => open().search.statistics(filter, by, limit),
    rebuild: (source) => open().search.rebuild(source),
    [Symbol.dispose]() {
      if (!opened) return;
      opened.search[Symbol.dispose]();
      void opened.database[Symbol.asyncDispose]();
    },
  };
}
