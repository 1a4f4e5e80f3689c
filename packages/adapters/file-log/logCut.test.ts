/** What a backup takes of a log that goes on. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@chepiao/adapters/system";
import { settledRecord } from "@chepiao/ports/log/log.suite.ts";
import { openFileLog, readUnfinished } from "./fileLog.ts";
import { cutLog, type LogCut } from "./logCut.ts";

const folder = mkdtempSync(join(tmpdir(), "chepiao-cut-"));
afterAll(() => rmSync(folder, { recursive: true }));
const clock = createSystemClock();
const reader = { group: "reader", topics: ["payment-settled-topic"] as const };

function restored({ files }: LogCut): string {
  const copy = join(folder, "copy");
  mkdirSync(copy);
  for (const { name, read } of files) writeFileSync(join(copy, name), Buffer.concat([...read()]));
  return copy;
}

test("a log is cut where it is, whatever is appended and trimmed away afterwards", async () => {
  const live = join(folder, "live");
  await using log = await openFileLog(live, clock, { segmentBytes: 600 });
  for (let n = 0; n < 10; n++) await log.append([settledRecord(n)]);
  using cut = cutLog(live);
  expect([cut.isThere, cut.end, cut.isStill()]).toEqual([true, 10, true]);
  for (let n = 10; n < 20; n++) await log.append([settledRecord(n)]);
  expect(cut.isStill()).toBe(false);
  await log.consume({ ...reader, batchMax: 100, handle: async () => {} }).caughtUp();
  expect(await log.trim(0)).toBeGreaterThan(2);
  const copy = restored(cut);
  expect(readUnfinished(copy, reader)).toEqual(Array.from({ length: 10 }, (_, n) => settledRecord(n)));
});

test("where there is no log yet, there is nothing to take", () => {
  using cut = cutLog(join(folder, "nowhere"));
  expect([cut.isThere, cut.end, cut.files, cut.isStill()]).toEqual([false, 0, [], true]);
});
