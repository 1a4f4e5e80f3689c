/** The disk in memory keeps the rules of disks, and loses what disks may lose. */
import { expect, test } from "bun:test";
import { diskSuite } from "./disk.suite.ts";
import { createMemoryDisk } from "./index.ts";

diskSuite("memory", () => ({ disk: createMemoryDisk(), folder: "log" }));

const nothing = { keep: () => 0, happened: () => false };

test("a power cut takes what was not synced, from any byte on, and nothing else", async () => {
  const disk = createMemoryDisk();
  const file = await disk.open("log/a", "new");
  await file.append(Buffer.from("synced"));
  await file.sync();
  disk.syncNames("log");
  await file.append(Buffer.from(" and not"));
  disk.cutPower({ keep: () => 4, happened: () => false });
  expect(disk.read("log/a")?.toString()).toBe("synced and");
  disk.cutPower(nothing);
  expect(disk.read("log/a")?.toString()).toBe("synced and");
});

test("a power cut takes back names that were not synced, or not", async () => {
  const disk = createMemoryDisk();
  disk.replace("log/offsets", "old");
  await disk.replaceSoon("log/offsets", "new");
  await (await disk.open("log/b", "new")).sync();
  disk.cutPower(nothing);
  expect([disk.list("log"), disk.read("log/offsets")?.toString()]).toEqual([["offsets"], "old"]);
  await disk.replaceSoon("log/offsets", "newer");
  disk.cutPower({ keep: () => 0, happened: () => true });
  expect(disk.read("log/offsets")?.toString()).toBe("newer");
});

test("a full disk takes half and says so; one that refuses a sync has synced nothing", async () => {
  const disk = createMemoryDisk();
  const file = await disk.open("log/a", "new");
  disk.syncNames("log");
  disk.fail("append", new Error("no space left"));
  expect(file.append(Buffer.from("12345678"))).rejects.toThrow("no space");
  disk.fail("append", null);
  disk.fail("sync", new Error("input/output error"));
  expect(file.sync()).rejects.toThrow("input/output");
  expect(await file.bytes()).toBe(4);
  disk.cutPower(nothing);
  expect(disk.read("log/a")?.length).toBe(0);
});
