/**
 * The embedded durable log: append-only files in a folder. Appends gather while the disk is busy with the ones before them and
 * reach it with one `fdatasync`, so the busier it is, the more purchases share the wait.
 */
import { join } from "node:path";
import { type LogRecord, upgradeRecord } from "@chepiao/contracts";
import { assert, repeating } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { AppendFile, Disk } from "@chepiao/ports/disk";
import {
  type Consumer,
  createFeed,
  createDeadLetterStore,
  deadLetterOf,
  type Feed,
  type Log,
  LogUnavailable,
  type Positioned,
  textOf,
} from "@chepiao/ports/log";
import { loadDeadLetters, saveDeadLetters } from "./deadLetters.ts";
import { createEncoder, magic, scanSegment } from "./segment.ts";
import { systemDisk } from "./systemDisk.ts";

const segmentBytesDefault = 64 * 1024 * 1024;
const offsetsSaveMs = 200;

export type FileLogOptions = {
  readonly segmentBytes?: number;
  /** The machine's where it is left out. */
  readonly disk?: Disk;
  /** Called when a consumer's batch fails and will come again, and when a torn tail was cut off on opening. */
  readonly report?: (message: string, error?: unknown) => void;
};

export type FileLog = Log & {
  /** How often the disk was waited for; with `appended` it tells how well appends share. */
  readonly counters: { syncs: number; appended: number };
  /** Deletes files that every group has finished and that are older than `keepMs`. */
  trim(keepMs: number): Promise<number>;
};

type Segment = { readonly path: string; readonly first: number };
type Waiting = { readonly records: readonly LogRecord[]; resolve(): void; reject(error: unknown): void };

/** Opens the folder, cutting off what a crash left half-written. Throws when a file is damaged elsewhere. */
export async function openFileLog(folder: string, clock: Clock, options: FileLogOptions = {}): Promise<FileLog> {
  const { segmentBytes = segmentBytesDefault, disk = systemDisk, report = () => {} } = options;
  disk.makeFolder(folder);
  const segments = listSegments(disk, folder);
  const offsets = loadOffsets(disk, folder);
  const tail = segments.at(-1);
  let end = tail ? tail.first + repairTail(disk, tail, report) : 0;
  // A copy that was made of a running log may have positions of a moment later: what comes now must not be taken for read, whenever we die.
  const ahead = Object.keys(offsets).filter((group) => offsets[group]! > end);
  for (const group of ahead) offsets[group] = end;
  if (ahead.length > 0) disk.replace(join(folder, "offsets.json"), JSON.stringify(offsets));
  let file = tail ? await reopen(tail) : await startSegment();
  let fileBytes = await file.bytes();

  const letters = loadDeadLetters(folder, disk);
  const deadLetterStore = createDeadLetterStore(letters, append, () => saveDeadLetters(disk, folder, letters));
  const encode = createEncoder();
  const feeds: Feed[] = [];
  const counters = { syncs: 0, appended: 0 };
  let gathering: Waiting[] = [];
  let writing = Promise.resolve();
  let busy = false;
  let dead: LogUnavailable | null = null;
  let offsetsDirty = false;
  const savingOffsets = repeating({
    clock,
    name: "offsets",
    everyMs: offsetsSaveMs,
    pass: saveOffsets,
    report: (_, error) => report("consumer positions could not be saved", error),
  });

  /** What an earlier life wrote and died before it could sync is read from now on, and acted upon: so it has to stay. */
  async function reopen({ path }: Segment): Promise<AppendFile> {
    const reopened = await disk.open(path, "existing");
    await reopened.sync();
    return reopened;
  }

  async function startSegment(): Promise<AppendFile> {
    const path = join(folder, `${String(end).padStart(16, "0")}.log`);
    const created = await disk.open(path, "new");
    try {
      await created.append(magic);
      await created.sync();
      // Its name is durable only once its folder is.
      disk.syncNames(folder);
    } catch (error) {
      // A full disk, say. The name must be free when there is room again.
      await created.close();
      await disk.remove(path);
      throw error;
    }
    segments.push({ path, first: end });
    return created;
  }

  /** Takes all that has gathered, writes it, waits for the disk once, and looks again. */
  async function write() {
    busy = true;
    while (gathering.length > 0) {
      const taken = gathering;
      gathering = [];
      const records = taken.length === 1 ? taken[0]!.records : taken.flatMap((waiting) => waiting.records);
      try {
        await commit(records);
      } catch (error) {
        const refused =
          dead ?? new LogUnavailable(`the log could not be written: ${String(error)}`, { mayArrive: false });
        for (const waiting of taken) waiting.reject(refused);
        continue;
      }
      const positioned = records.map((record, index): Positioned => ({ position: end + index, record }));
      end += records.length;
      counters.appended += records.length;
      for (const waiting of taken) waiting.resolve();
      for (const feed of feeds) feed.push(positioned);
    }
    busy = false;
  }

  async function commit(records: readonly LogRecord[]) {
    if (dead) throw dead;
    if (fileBytes >= segmentBytes) {
      const next = await startSegment();
      await file.close();
      file = next;
      fileBytes = magic.length;
    }
    const bytes = encode(records);
    try {
      await file.append(bytes);
    } catch (error) {
      // The disk is full, say. Nothing was promised yet: take the half-written frames back and stay open for better times.
      try {
        await file.truncate(fileBytes);
      } catch (cause) {
        dead = new LogUnavailable("the log can neither be written nor repaired; it must be reopened", { cause });
      }
      throw error;
    }
    try {
      await file.sync();
    } catch (cause) {
      // After a failed sync nobody knows what is on the disk, and asking again would lie. Only a restart finds out.
      dead = new LogUnavailable("the disk refused to confirm a write; the log must be reopened", { cause });
      throw dead;
    }
    counters.syncs++;
    fileBytes += bytes.length;
  }

  // Not synced: a position that is lost only means that a batch comes once more.
  async function saveOffsets() {
    if (!offsetsDirty) return;
    offsetsDirty = false;
    await disk.replaceSoon(join(folder, "offsets.json"), JSON.stringify(offsets));
  }

  function append(records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      gathering.push({ records, resolve, reject });
      if (!busy) writing = write();
    });
  }

  return {
    counters,
    append,
    deadLetters: deadLetterStore,
    consume(consumer) {
      const { group } = consumer;
      const feed = createFeed(consumer, {
        clock,
        finished(next) {
          offsets[group] = next;
          offsetsDirty = true;
        },
        failed: (error, attempt) =>
          report(`consumer ${group} failed (attempt ${attempt + 1}); the batch will come again`, error),
        async park({ position, record }, cause) {
          const fate = { group, origin: String(position), cause, buriedAt: clock.now() };
          await deadLetterStore.park(deadLetterOf(textOf(record), fate));
          report(`consumer ${group} cannot take record ${position}; it is put aside as a dead letter`, cause);
        },
      });
      // Counted from its first day, or files would go that it has yet to read.
      offsets[group] ??= 0;
      feed.push(readFrom(disk, segments, offsets[group], end));
      feeds.push(feed);
      return feed;
    },
    async trim(keepMs) {
      const groups = Object.values(offsets);
      const finished = groups.length === 0 ? 0 : Math.min(...groups);
      let deleted = 0;
      while (segments.length > 1 && segments[1]!.first <= finished) {
        const oldest = segments[0]!;
        if (clock.now() - disk.changedAt(oldest.path) < keepMs) break;
        await disk.remove(oldest.path);
        segments.shift();
        deleted++;
      }
      return deleted;
    },
    async [Symbol.asyncDispose]() {
      await savingOffsets.stop();
      for (const feed of feeds) await feed[Symbol.asyncDispose]();
      await writing;
      await saveOffsets();
      await file.close();
    },
  };
}

/** What a group has yet to take of a log that nobody has open: all that was appended, where it has not begun. Changes nothing. */
export function readUnfinished(
  folder: string,
  { group, topics }: Pick<Consumer, "group" | "topics">,
  disk: Disk = systemDisk,
): LogRecord[] {
  const unread = readFrom(disk, listSegments(disk, folder), loadOffsets(disk, folder)[group] ?? 0, Infinity);
  return unread.filter(({ record }) => topics.includes(record.topic)).map(({ record }) => upgradeRecord(record));
}

function listSegments(disk: Disk, folder: string): Segment[] {
  return disk
    .list(folder)
    .filter((name) => /^\d{16}\.log$/.test(name))
    .map((name) => ({ path: join(folder, name), first: Number(name.slice(0, 16)) }));
}

function loadOffsets(disk: Disk, folder: string): Record<string, number> {
  const saved = disk.read(join(folder, "offsets.json"));
  if (!saved) return {};
  try {
    const parsed: unknown = JSON.parse(saved.toString());
    const entries = Object.entries(parsed ?? {}).filter(([, next]) => Number.isSafeInteger(next) && next >= 0);
    return Object.fromEntries(entries) as Record<string, number>;
  } catch {
    // Everything comes once more, which every consumer can take.
    return {};
  }
}

/** Counts the records of the last file; what a crash cut off behind them was never acknowledged and goes. */
function repairTail(disk: Disk, segment: Segment, report: (message: string) => void): number {
  const bytes = readWhole(disk, segment);
  const { count, soundBytes, broken } = scanSegment(bytes, () => {});
  if (!broken) return count;
  const sound = Math.max(soundBytes, 0);
  if (sound === 0) {
    assert(bytes.length <= magic.length, `${segment.path}: ${broken}`);
    // The crash fell between creating the file and its header.
    disk.replace(segment.path, magic.toString());
    return 0;
  }
  report(`${segment.path}: ${broken}; ${bytes.length - sound} bytes that were never acknowledged are cut off`);
  disk.truncate(segment.path, sound);
  return count;
}

function readFrom(disk: Disk, segments: readonly Segment[], from: number, end: number): Positioned[] {
  const read: Positioned[] = [];
  segments.forEach((segment, index) => {
    const next = segments[index + 1]?.first ?? end;
    if (next <= from) return;
    const { count, broken } = scanSegment(readWhole(disk, segment), (payload, n) => {
      const position = segment.first + n;
      if (position < from || position >= end) return;
      read.push({ position, record: JSON.parse(payload.toString("utf8")) as LogRecord });
    });
    const isLast = index === segments.length - 1;
    // The last file may be growing while we read it; every other must hold exactly what the names say.
    assert(
      isLast || (!broken && segment.first + count === next),
      `${segment.path} is damaged: ${broken ?? "records are missing"}`,
    );
  });
  return read;
}

function readWhole(disk: Disk, { path }: Segment): Buffer {
  const bytes = disk.read(path);
  assert(bytes !== null, `${path} is gone`);
  return bytes;
}
