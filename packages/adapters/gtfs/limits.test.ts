/** A small zip can unpack to anything: reading it ends at a limit, in a sentence, before memory does. */
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zipSync } from "fflate";
import { ArchiveRefused, readFeed } from "./index.ts";
import { type FeedFiles, feedOf, goodFeed, now, readFiles, zipOf } from "./smallFeed.suite.ts";

const limits = { unpackedBytesMax: 64 * 1024, rowsKeptMax: 1_000 };
const head = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n";
const rows = (trip: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${trip},,,A,${n + 2}\n`).join("");
const trips = `${goodFeed["trips.txt"]}BUS,S,T2,B1\n`;
const routes = `${goodFeed["routes.txt"]}BUS,B,3\n`;

test("a zip that unpacks to more than the limit is refused, and not unpacked to the end", async () => {
  const bomb = new Uint8Array(64 * 2 ** 20).fill(10);
  const path = zipOf({ "stop_times.txt": bomb });
  expect(readFileSync(path).length).toBeLessThan(100_000);
  const before = process.memoryUsage.rss();
  expect(await readFiles({ "stop_times.txt": bomb }, { limits })).toEqual({
    errors: ["stop_times.txt:-: the zip unpacks to more than 65536 bytes"],
  });
  expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 2 ** 20);
});

test("bytes are counted over all files of a feed, and exactly", async () => {
  const bytes = Object.values(goodFeed).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  expect((await feedOf({}, { limits: { ...limits, unpackedBytesMax: bytes } })).trains).toHaveLength(1);
  expect(await readFiles({}, { limits: { ...limits, unpackedBytesMax: bytes - 1 } })).toEqual({
    errors: [`stop_times.txt:-: the zip unpacks to more than ${bytes - 1} bytes`],
  });
});

test("more rows than may be kept are refused at the row that is too many", async () => {
  expect(await readFiles({ "stop_times.txt": head + rows("T1", 1_001) }, { limits })).toEqual({
    errors: ["stop_times.txt:1002: there are more than 1000 rows that would have to be kept"],
  });
  const many = Array.from({ length: 1_001 }, (_, n) => `R${n},x,2\n`).join("");
  expect(await readFiles({ "routes.txt": `route_id,route_short_name,route_type\n${many}` }, { limits })).toEqual({
    errors: ["routes.txt:1002: there are more than 1000 rows that would have to be kept"],
  });
});

test("stop times of buses, which nobody keeps, may be as many as they like", async () => {
  const times = goodFeed["stop_times.txt"] + rows("T2", 3_000);
  const feed = await feedOf({ "routes.txt": routes, "trips.txt": trips, "stop_times.txt": times }, { limits });
  expect(feed.trains).toHaveLength(1);
});

/** The zip of a feed, changed before it is read. */
async function readBroken(files: FeedFiles, breaks: (zip: Buffer) => void, level?: 0) {
  const path = zipOf(files, level);
  try {
    const zip = readFileSync(path);
    breaks(zip);
    writeFileSync(path, zip);
    return await readFeed({ path, now, compositionOf: (_, trainType) => trainType });
  } finally {
    rmSync(dirname(path), { recursive: true });
  }
}
/** Where the directory at the end of the zip speaks of that file. */
function entryOf(zip: Buffer, name: string): number {
  const entry = zip.lastIndexOf(name) - 46;
  expect(zip.readUInt32LE(entry)).toBe(0x02014b50);
  return entry;
}
const damaged = (why: string) => ({
  ok: false,
  error: { errors: [{ file: "stop_times.txt", line: null, message: `the zip is damaged: ${why}` }] },
});

test("a file that is longer than its zip says is a damaged zip", async () => {
  const lying = await readBroken({}, (zip) => zip.writeUInt32LE(20, entryOf(zip, "stop_times.txt") + 24));
  expect(!lying.ok && lying.error.errors.map(({ file, message }) => `${file} ${message}`)).toEqual([
    expect.stringMatching(/^stop_times.txt the zip is damaged: /),
  ]);
});

test("a byte that has changed in a zip is noticed, in what is packed and in what is not, and told as that alone", async () => {
  const checksum = "what is packed does not fit its checksum (CRC-32)";
  for (const [from, to] of [
    ["T1,10:00:00,10:00:00", "T1,19:00:00,19:00:00"],
    ["trip_id,arrival_time", "trip_id,brrival_time"],
    ["T1,10:00:00,10:00:00", 'T1,"0:00:00,10:00:00'],
  ] as const) {
    const changed = await readBroken({}, (zip) => void zip.write(to, zip.indexOf(from)), 0);
    expect(changed).toMatchObject(damaged(checksum));
  }
  const long = goodFeed["stop_times.txt"] + Array.from({ length: 500 }, (_, n) => `X${n},,,A,1\n`).join("");
  const packed = await readBroken({ "stop_times.txt": long }, (zip) => {
    const local = zip.indexOf("stop_times.txt") + "stop_times.txt".length;
    zip[local + 40]! ^= 1;
  });
  expect(!packed.ok && packed.error.errors.map(({ file, message }) => `${file} ${message}`)).toEqual([
    expect.stringMatching(/^stop_times.txt the zip is damaged: /),
  ]);
});

test("a zip that is packed in a way that is not read says which file, and how to pack it", async () => {
  const method = (number: number) => (zip: Buffer) =>
    void zip.writeUInt16LE(number, entryOf(zip, "stop_times.txt") + 10);
  const password = (zip: Buffer) => void zip.writeUInt16LE(1, entryOf(zip, "stop_times.txt") + 8);
  for (const [breaks, how] of [
    [method(14), "is packed with LZMA, which is not read here"],
    [method(12), "is packed with bzip2, which is not read here"],
    [method(77), "is packed with method 77, which is not read here"],
    [password, "is packed with a password"],
  ] as const) {
    const reading = readBroken({}, breaks);
    expect(reading).rejects.toThrow(ArchiveRefused);
    expect(reading).rejects.toThrow(how);
    expect(reading).rejects.toThrow("Pack the feed again as an ordinary zip");
  }
});

test("a zip of endlessly many names is refused before they are listed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chepiao-feed-"));
  const path = join(folder, "names.zip");
  try {
    writeFileSync(
      path,
      zipSync(Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [`${n}`, new Uint8Array()]))),
    );
    const feed = readFeed({ path, now, compositionOf: (_, trainType) => trainType });
    expect(feed).rejects.toThrow(ArchiveRefused);
    expect(feed).rejects.toThrow("10000 are the most");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
