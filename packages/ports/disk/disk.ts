/**
 * Files as a store that must not lose anything needs them. What is written is where others read it at once, and on stable storage only
 * after a sync: a process that is killed loses nothing of it, a power cut whatever was not synced, in whole or from any byte on.
 */
import type { EpochMs } from "@chepiao/kernel";

export type Disk = {
  /** Makes the folder where it is missing. */
  makeFolder(folder: string): void;
  /** The names in it, sorted. */
  list(folder: string): readonly string[];
  /** Null where there is no such file. */
  read(path: string): Buffer | null;
  changedAt(path: string): EpochMs;
  /** A file to append to; `new` throws where one of that name is there. */
  open(path: string, which: "new" | "existing"): Promise<AppendFile>;
  /** Cuts off what is behind so many bytes. Not synced. */
  truncate(path: string, bytes: number): void;
  /** The file has that content, or what it had before, and never anything in between; on stable storage on return. */
  replace(path: string, content: string): void;
  /** The same, in a while: a power cut may bring back what it had before. */
  replaceSoon(path: string, content: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** The names in the folder, new ones and removed ones, are on stable storage on return. */
  syncNames(folder: string): void;
};

export type AppendFile = {
  /** Throws where not all of it was written, and some of it may have been. */
  append(bytes: Uint8Array): Promise<void>;
  /** What was appended is on stable storage. After a throw nobody knows what is, and asking again would lie. */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  bytes(): Promise<number>;
  close(): Promise<void>;
};
