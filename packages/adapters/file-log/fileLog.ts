/**
 * The embedded durable log: append-only files in a folder. Appends gather while the disk is busy with the ones before them and
 * reach it with one `fdatasync`, so the busier it is, the more purchases share the wait.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { type FileHandle, open, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogRecord } from "@chepiao/contracts";
import { assert } from "@chepiao/kernel";
import { type Clock } from "@chepiao/ports/clock";
import {
  createFeed,
  createGraveyard,
  deadLetterOf,
  type Feed,
  type Log,
  LogUnavailable,
  type Positioned,
  textOf,
} from "@chepiao/ports/log";
import { loadDeadLetters, saveDeadLetters } from "./deadLetters.ts";
import { createEncoder, magic, scanSegment, syncFolder } from "./segment.ts";

const segmentBytesDefault = 64 * 1024 * 1024;
const offsetsSaveMs = 200;

export type FileLogOptions = {
  readonly segmentBytes?: number;
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
  const { segmentBytes = segmentBytesDefault, report = () => {} } = options;
  mkdirSync(folder, { recursive: true });
  const segments = listSegments(folder);
  const offsets = loadOffsets(folder);
  const tail = segments.at(-1);
  let end = tail ? tail.first + repairTail(tail, report) : 0;
  let file = tail ? await open(tail.path, "a") : await startSegment();
  let fileBytes = (await file.stat()).size;

  const letters = loadDeadLetters(folder);
  const graveyard = createGraveyard(letters, append, () => saveDeadLetters(folder, letters));
  const encode = createEncoder();
  const feeds: Feed[] = [];
  const counters = { syncs: 0, appended: 0 };
  let gathering: Waiting[] = [];
  let writing = Promise.resolve();
  let busy = false;
  let dead: LogUnavailable | null = null;
  let offsetsDirty = false;
  let stopSaving = clock.after(offsetsSaveMs, saveOffsetsSoon);

  async function startSegment(): Promise<FileHandle> {
    const path = join(folder, `${String(end).padStart(16, "0")}.log`);
    const created = await open(path, "ax");
    try {
      await created.write(magic);
      await created.datasync();
      syncFolder(folder);
    } catch (error) {
      // A full disk, say. The name must be free when there is room again.
      await created.close();
      await unlink(path);
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
        const refused = dead ?? new LogUnavailable(`the log could not be written: ${String(error)}`);
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
      for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
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
      await file.datasync();
    } catch (cause) {
      // After a failed sync nobody knows what is on the disk, and asking again would lie. Only a restart finds out.
      dead = new LogUnavailable("the disk refused to confirm a write; the log must be reopened", { cause });
      throw dead;
    }
    counters.syncs++;
    fileBytes += bytes.length;
  }

  function saveOffsetsSoon() {
    void saveOffsets().catch((error) => report("consumer positions could not be saved", error));
    stopSaving = clock.after(offsetsSaveMs, saveOffsetsSoon);
  }

  // Not synced: a position that is lost only means that a batch comes once more.
  async function saveOffsets() {
    if (!offsetsDirty) return;
    offsetsDirty = false;
    const path = join(folder, "offsets.json");
    await writeFile(`${path}.new`, JSON.stringify(offsets));
    await rename(`${path}.new`, path);
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
    deadLetters: graveyard,
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
        async bury({ position, record }, cause) {
          const fate = { group, origin: String(position), cause, buriedAt: clock.now() };
          await graveyard.bury(deadLetterOf(textOf(record), fate));
          report(`consumer ${group} cannot take record ${position}; it is put aside as a dead letter`, cause);
        },
      });
      // Counted from its first day, or files would go that it has yet to read.
      offsets[group] ??= 0;
      feed.push(readFrom(segments, offsets[group], end));
      feeds.push(feed);
      return feed;
    },
    async trim(keepMs) {
      const groups = Object.values(offsets);
      const finished = groups.length === 0 ? 0 : Math.min(...groups);
      let deleted = 0;
      while (segments.length > 1 && segments[1]!.first <= finished) {
        const oldest = segments[0]!;
        if (clock.now() - statSync(oldest.path).mtimeMs < keepMs) break;
        await unlink(oldest.path);
        segments.shift();
        deleted++;
      }
      return deleted;
    },
    async [Symbol.asyncDispose]() {
      stopSaving();
      for (const feed of feeds) await feed[Symbol.asyncDispose]();
      await writing;
      await saveOffsets();
      await file.close();
    },
  };
}

function listSegments(folder: string): Segment[] {
  return readdirSync(folder)
    .filter((name) => /^\d{16}\.log$/.test(name))
    .sort()
    .map((name) => ({ path: join(folder, name), first: Number(name.slice(0, 16)) }));
}

function loadOffsets(folder: string): Record<string, number> {
  const path = join(folder, "offsets.json");
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, number>;
  } catch {
    // Everything comes once more, which every consumer can take.
    return {};
  }
}

/** Counts the records of the last file; what a crash cut off behind them was never acknowledged and goes. */
function repairTail(segment: Segment, report: (message: string) => void): number {
  const bytes = readFileSync(segment.path);
  const { count, soundBytes, broken } = scanSegment(bytes, () => {});
  if (!broken) return count;
  const sound = Math.max(soundBytes, 0);
  if (sound === 0) {
    assert(bytes.length <= magic.length, `${segment.path}: ${broken}`);
    // The crash fell between creating the file and its header.
    writeFileSync(segment.path, magic);
    return 0;
  }
  report(`${segment.path}: ${broken}; ${bytes.length - sound} bytes that were never acknowledged are cut off`);
  truncateSync(segment.path, sound);
  return count;
}

function readFrom(segments: readonly Segment[], from: number, end: number): Positioned[] {
  const read: Positioned[] = [];
  segments.forEach((segment, index) => {
    const next = segments[index + 1]?.first ?? end;
    if (next <= from) return;
    const { count, broken } = scanSegment(readFileSync(segment.path), (payload, n) => {
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
