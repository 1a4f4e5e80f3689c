/** The embedded log keeps the rules of every log, and those that only files have. */
import { expect, test } from "bun:test";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@chepiao/adapters/system";
import type { LogRecord, Topic } from "@chepiao/contracts";
import { LogUnavailable } from "@chepiao/ports/log";
import { logSuite, settledRecord } from "@chepiao/ports/log/log.suite.ts";
import { diskSuite } from "@chepiao/ports/disk/disk.suite.ts";
import { createMemoryDisk, type Disk } from "@chepiao/ports/disk";
import { openFileLog, readUnfinished } from "./fileLog.ts";
import { systemDisk } from "./systemDisk.ts";

diskSuite("the machine's disk", () => ({ disk: systemDisk, folder: freshFolder() }));

const clock = createSystemClock();
const freshFolder = () => mkdtempSync(join(tmpdir(), "chepiao-log-"));

async function subjectIn(folder: string) {
  const log = await openFileLog(folder, clock, { segmentBytes: 600 });
  return {
    log,
    async reopen() {
      await log[Symbol.asyncDispose]();
      return subjectIn(folder);
    },
  };
}
logSuite("file log in small files", () => subjectIn(freshFolder()));

async function readAll(folder: string): Promise<LogRecord[]> {
  await using log = await openFileLog(folder, clock);
  const got: LogRecord[] = [];
  const consumption = log.consume({
    group: `reader ${Math.random()}`,
    topics: ["payment-settled-topic"],
    batchMax: 100,
    handle: async (records) => void got.push(...records),
  });
  await consumption.caughtUp();
  return got;
}

async function folderAppended(folder: string, n: number) {
  await using log = await openFileLog(folder, clock);
  await log.append([settledRecord(n)]);
}

async function folderWith(count: number, segmentBytes?: number): Promise<string> {
  const folder = freshFolder();
  await using log = await openFileLog(folder, clock, segmentBytes ? { segmentBytes } : {});
  for (let n = 0; n < count; n++) await log.append([settledRecord(n)]);
  return folder;
}
const filesOf = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .sort()
    .map((name) => join(folder, name));

test("what a group has yet to take is read without opening the log, and nothing else of it", async () => {
  const folder = await folderWith(3, 600);
  const reader = { group: "reader", topics: ["payment-settled-topic"] as const };
  expect(readUnfinished(folder, reader)).toEqual([0, 1, 2].map((n) => settledRecord(n)));
  expect(readUnfinished(folder, { ...reader, topics: ["order-pay-topic"] })).toEqual([]);
  const log = await openFileLog(folder, clock);
  await log.consume({ ...reader, batchMax: 100, handle: async () => {} }).caughtUp();
  await log[Symbol.asyncDispose]();
  await folderAppended(folder, 3);
  appendFileSync(
    join(
      folder,
      readdirSync(folder).findLast((name) => name.endsWith(".log"))!,
    ),
    "torn",
  );
  expect(readUnfinished(folder, reader)).toEqual([settledRecord(3)]);
});

test("I2: what is appended behind a copied log is read, though the copy has positions of a moment later", async () => {
  const folder = await folderWith(3);
  writeFileSync(join(folder, "offsets.json"), JSON.stringify({ reader: 50, other: null, third: "7" }));
  await folderAppended(folder, 3);
  await using log = await openFileLog(folder, clock);
  const got: LogRecord[] = [];
  const reader = { group: "reader", topics: ["payment-settled-topic"] as const, batchMax: 100 };
  await log.consume({ ...reader, handle: async (records) => void got.push(...records) }).caughtUp();
  expect(got).toEqual([settledRecord(3)]);
});

test.each(["", "null", "{", "[]", "7"])("positions that are none, %p, mean that all comes once more", async (text) => {
  const folder = await folderWith(2);
  writeFileSync(join(folder, "offsets.json"), text);
  expect(await readAll(folder)).toHaveLength(2);
});

test("a record cut off at any byte by a crash is gone whole, and the ones before it stay", async () => {
  const folder = await folderWith(3);
  const [path] = filesOf(folder);
  const whole = readFileSync(path!);
  const two = await folderWith(2);
  const twoBytes = statSync(filesOf(two)[0]!).size;
  for (let bytes = twoBytes; bytes < whole.length; bytes += 7) {
    writeFileSync(path!, whole.subarray(0, bytes));
    expect(await readAll(folder)).toEqual([settledRecord(0), settledRecord(1)]);
  }
});

test("appending goes on behind a tail that was cut off", async () => {
  const folder = await folderWith(2);
  appendFileSync(filesOf(folder)[0]!, Buffer.from([9, 0, 0, 0, 1, 2]));
  {
    await using log = await openFileLog(folder, clock);
    await log.append([settledRecord(2)]);
  }
  expect(await readAll(folder)).toEqual([settledRecord(0), settledRecord(1), settledRecord(2)]);
});

test("a crash while a new file was being made loses nothing", async () => {
  const folder = await folderWith(2);
  writeFileSync(join(folder, "0000000000000002.log"), "");
  expect(await readAll(folder)).toEqual([settledRecord(0), settledRecord(1)]);
});

test("damage in an earlier file is said, not skipped", async () => {
  const folder = await folderWith(20, 600);
  const [first] = filesOf(folder);
  truncateSync(first!, statSync(first!).size - 3);
  expect(readAll(folder)).rejects.toThrow("damaged");
});

test("a file of something else is refused", async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, "0000000000000000.log"), "this is somebody's diary, not a log");
  expect(openFileLog(folder, clock)).rejects.toThrow("not a log file");
});

test("appends that come together share one wait for the disk", async () => {
  await using log = await openFileLog(freshFolder(), clock);
  await Promise.all(Array.from({ length: 1_000 }, (_, n) => log.append([settledRecord(n)])));
  expect(log.counters.appended).toBe(1_000);
  expect(log.counters.syncs).toBeLessThan(20);
});

test("when a new file cannot be begun the append is refused, and the next one succeeds once it can", async () => {
  const folder = freshFolder();
  {
    await using log = await openFileLog(folder, clock, { segmentBytes: 100 });
    await log.append([settledRecord(0)]);
    const inTheWay = join(folder, "0000000000000001.log");
    mkdirSync(inTheWay);
    for (let n = 0; n < 2; n++) expect(log.append([settledRecord(9)])).rejects.toBeInstanceOf(LogUnavailable);
    await Bun.sleep(20);
    rmdirSync(inTheWay);
    await log.append([settledRecord(1)]);
  }
  expect(await readAll(folder)).toEqual([settledRecord(0), settledRecord(1)]);
});

test("a file is kept for a group that has not finished anything yet, and not for one that has nothing to do", async () => {
  const folder = await folderWith(20, 600);
  await using log = await openFileLog(folder, clock, { segmentBytes: 600 });
  const consume = (group: string, topic: Topic, handle: () => Promise<void>) =>
    log.consume({ group, topics: [topic], batchMax: 100, handle });
  let isAway = true;
  const slow = consume("slow", "payment-settled-topic", async () => {
    if (isAway) throw new Error("the database is away");
  });
  await consume("quick", "payment-settled-topic", async () => {}).caughtUp();
  consume("idle", "order-create-topic", async () => {});
  expect(await log.trim(0)).toBe(0);
  isAway = false;
  await slow.caughtUp();
  expect(await log.trim(0)).toBeGreaterThan(0);
});

test("files that every group has finished are deleted once they are old enough, and no others", async () => {
  const folder = await folderWith(20, 600);
  const before = filesOf(folder).length;
  await using log = await openFileLog(folder, clock, { segmentBytes: 600 });
  expect(await log.trim(0)).toBe(0);
  const consumption = log.consume({
    group: "only",
    topics: ["payment-settled-topic"],
    batchMax: 100,
    handle: async () => {},
  });
  await consumption.caughtUp();
  expect(await log.trim(60_000)).toBe(0);
  expect(await log.trim(0)).toBe(before - 1);
  await log.append([settledRecord(20)]);
});

/** A disk on which a life can die between writing and syncing. */
function fragileDisk() {
  const memory = createMemoryDisk();
  let isDying = false;
  const disk: Disk = {
    ...memory,
    async open(path, which) {
      const file = await memory.open(path, which);
      return { ...file, sync: () => (isDying ? new Promise<never>(() => {}) : file.sync()) };
    },
  };
  return {
    disk,
    die: (dying: boolean) => void (isDying = dying),
    cutPower: () => memory.cutPower({ keep: (bytes) => bytes >> 1, happened: () => true }),
  };
}

test("I2: what a killed life had written and not synced is read after a start, and a power cut does not take it any more", async () => {
  const { disk, die, cutPower } = fragileDisk();
  const openIn = (segmentBytes: number) => openFileLog("log", clock, { disk, segmentBytes });
  const killed = await openIn(1_000);
  await killed.append([settledRecord(0)]);
  die(true);
  void killed.append([settledRecord(1)]);
  await Bun.sleep(1);
  die(false);

  // In files so small that the next record begins a new one.
  const next = await openIn(10);
  await next.append([settledRecord(2)]);
  cutPower();

  await using log = await openIn(10);
  const got: LogRecord[] = [];
  await log
    .consume({
      group: "g",
      topics: ["payment-settled-topic"],
      batchMax: 100,
      handle: async (records) => void got.push(...records),
    })
    .caughtUp();
  expect(got).toEqual([0, 1, 2].map((n) => settledRecord(n)));
});
