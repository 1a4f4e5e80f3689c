/** A database is copied as it was at one moment. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { damageOf, openToPin, watchSqlite } from "./pinned.ts";

const folder = mkdtempSync(join(tmpdir(), "chepiao-pinned-"));
const path = join(folder, "live.db");
const rowsMany = 5_000;

test("what is written while a copy is made is not in it, and what was written before is", async () => {
  using live = new Database(path, { create: true });
  live.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER, filler TEXT);");
  const add = live.query("INSERT INTO t VALUES (?, ?)");
  const addMany = live.transaction(() => {
    for (let n = 0; n < rowsMany; n++) add.run(n, "x".repeat(500));
  });
  addMany();
  using watched = watchSqlite(path);
  using pinned = openToPin(path);
  expect(watched.hasChanged()).toBe(false);
  pinned.pin();
  pinned.unpin();
  pinned.pin();
  addMany();
  expect([watched.hasChanged(), watched.hasChanged()]).toEqual([true, false]);
  const copy = join(folder, "copy.db");
  const copied = pinned.copyTo(copy);
  live.query("DELETE FROM t WHERE n % 2 = 0").run();
  live.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  await copied;
  using read = new Database(copy, { readonly: true });
  expect(read.query("SELECT count(*) AS count, sum(n) AS sum FROM t").get()).toEqual({
    count: rowsMany,
    sum: (rowsMany * (rowsMany - 1)) / 2,
  });
  expect(damageOf(copy)).toEqual([]);
});

test("a damaged page is found", () => {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, 8 * 4_096);
  expect(damageOf(path)).not.toEqual([]);
  rmSync(folder, { recursive: true });
});
