/**
 * Files in memory that behave as files on a disk do when things go wrong: the power fails, the disk is full, a sync is refused. For
 * tests and simulation.
 */
import { assert, type EpochMs, epochMs } from "@chepiao/kernel";
import type { AppendFile, Disk } from "./disk.ts";

export type MemoryDisk = Disk & {
  /**
   * The power fails: of what was not synced, each file keeps as many of its last bytes as `keep` says, and each new, removed or
   * replaced name is as it was or as it is.
   */
  cutPower(chance: { keep(bytes: number): number; happened(): boolean }): void;
  /** What the next operations of that kind throw, until told otherwise. */
  fail(operation: "append" | "sync", error: Error | null): void;
};

type File = { bytes: Buffer; syncedBytes: number; changedAt: EpochMs };
/** What a name stood for when the names were last synced; null where it did not stand for anything. */
type Before = File | null;

export type MemoryDiskOptions = { readonly now?: () => EpochMs };

export function createMemoryDisk({ now = () => epochMs(0) }: MemoryDiskOptions = {}): MemoryDisk {
  const files = new Map<string, File>();
  const unsyncedNames = new Map<string, Before>();
  const failing = new Map<"append" | "sync", Error>();

  const fileOf = (path: string): File => {
    const file = files.get(path);
    assert(file !== undefined, `there is no file ${path}`);
    return file;
  };
  const fileWith = (bytes: Buffer, syncedBytes: number): File => ({ bytes, syncedBytes, changedAt: now() });

  function name(path: string, file: File | null) {
    if (!unsyncedNames.has(path)) unsyncedNames.set(path, files.get(path) ?? null);
    if (file) files.set(path, file);
    else files.delete(path);
  }

  function throwIfFailing(operation: "append" | "sync") {
    const error = failing.get(operation);
    if (error) throw error;
  }

  function openFile(file: File): AppendFile {
    return {
      async append(bytes) {
        const error = failing.get("append");
        // A full disk takes what still fits.
        const taken = error ? bytes.subarray(0, bytes.length >> 1) : bytes;
        file.bytes = Buffer.concat([file.bytes, taken]);
        file.changedAt = now();
        if (error) throw error;
      },
      async sync() {
        throwIfFailing("sync");
        file.syncedBytes = file.bytes.length;
      },
      async truncate(bytes) {
        cut(file, bytes);
      },
      bytes: async () => file.bytes.length,
      async close() {},
    };
  }

  function cut(file: File, bytes: number) {
    file.bytes = file.bytes.subarray(0, bytes);
    file.syncedBytes = Math.min(file.syncedBytes, bytes);
  }

  return {
    makeFolder() {},
    list: (folder) =>
      [...files.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1))
        .sort(),
    read: (path) => files.get(path)?.bytes ?? null,
    changedAt: (path) => fileOf(path).changedAt,
    async open(path, which) {
      if (which === "existing") return openFile(fileOf(path));
      assert(!files.has(path), `there is a file ${path} already`);
      const file = fileWith(Buffer.alloc(0), 0);
      name(path, file);
      return openFile(file);
    },
    truncate: (path, bytes) => cut(fileOf(path), bytes),
    replace(path, content) {
      throwIfFailing("sync");
      const bytes = Buffer.from(content);
      name(path, fileWith(bytes, bytes.length));
      unsyncedNames.delete(path);
    },
    async replaceSoon(path, content) {
      const bytes = Buffer.from(content);
      name(path, fileWith(bytes, bytes.length));
    },
    async remove(path) {
      name(path, null);
    },
    syncNames(folder) {
      for (const path of unsyncedNames.keys()) if (path.startsWith(`${folder}/`)) unsyncedNames.delete(path);
    },
    cutPower({ keep, happened }) {
      for (const [path, before] of unsyncedNames) {
        if (happened()) continue;
        if (before) files.set(path, before);
        else files.delete(path);
      }
      unsyncedNames.clear();
      for (const file of files.values()) {
        const unsynced = file.bytes.length - file.syncedBytes;
        if (unsynced > 0) cut(file, file.syncedBytes + keep(unsynced));
        file.syncedBytes = file.bytes.length;
      }
    },
    fail(operation, error) {
      if (error) failing.set(operation, error);
      else failing.delete(operation);
    },
  };
}
