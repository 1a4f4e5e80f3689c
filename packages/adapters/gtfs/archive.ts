/** The zip of a feed. Its files are read in the order we need them, each as a stream. */
import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { type Entry, open, type ZipFile } from "yauzl";

export type Archive = Disposable & {
  has(name: string): boolean;
  /** Zips that lie in it: some who publish feeds pack them twice. */
  readonly inner: readonly string[];
  /** The file's bytes, held against the checksum that was packed with them: throws `Damaged` where they are others. */
  read(name: string): AsyncGenerator<Uint8Array>;
};

/** What was packed is not what comes out. */
export class Damaged extends Error {
  override readonly name = "Damaged";
}

/** A feed has some twenty files; a list of names that never ends is no feed. */
const filesMax = 10_000;

/** Why a file cannot be opened as a feed, for people. */
export class ArchiveRefused extends Error {
  override readonly name = "ArchiveRefused";
}

export async function openArchive(path: string): Promise<Archive> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false }, (error, opened) =>
      error ? reject(refused(path, error)) : resolve(opened),
    );
  });
  const entries = await listEntries(zip, path).catch((error: unknown) => {
    zip.close();
    throw error instanceof ArchiveRefused ? error : new ArchiveRefused(`${path} is a damaged zip: ${String(error)}`);
  });
  return {
    has: (name) => entries.has(name),
    inner: [...entries.keys()].filter((name) => /\.zip$/i.test(name)),
    read: (name) => unpack(zip, entries.get(name)!, name, path),
    [Symbol.dispose]: () => zip.close(),
  };
}

async function* unpack(zip: ZipFile, entry: Entry, name: string, path: string): AsyncGenerator<Uint8Array> {
  const why = unreadable(entry);
  if (why)
    throw new ArchiveRefused(
      `${name} in ${path} ${why}. Pack the feed again as an ordinary zip (deflate, no password).`,
    );
  let checksum = 0;
  try {
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    for await (const chunk of stream) {
      checksum = crc32(chunk as Uint8Array, checksum);
      yield chunk as Uint8Array;
    }
  } catch (error) {
    throw new Damaged(`the zip is damaged: ${(error as Error).message}`, { cause: error });
  }
  if (checksum !== entry.crc32)
    throw new Damaged("the zip is damaged: what is packed does not fit its checksum (CRC-32)");
}

/** Of all the ways to pack a file there are two that everybody reads. */
function unreadable({ compressionMethod: method, generalPurposeBitFlag: flags }: Entry): string | null {
  if (flags & 1) return "is packed with a password";
  if (method === 0 || method === 8) return null;
  return `is packed with ${methodNames[method] ?? `method ${method}`}, which is not read here`;
}
const methodNames: Readonly<Record<number, string>> = {
  9: "Deflate64",
  12: "bzip2",
  14: "LZMA",
  93: "Zstandard",
  95: "xz",
  98: "PPMd",
};

/** By bare name: some feeds lie in a folder inside the zip. The one nearest to the top wins. */
function listEntries(zip: ZipFile, path: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  const depth = (entry: Entry) => entry.fileName.split("/").length;
  return new Promise((resolve, reject) => {
    zip.on("error", (error) => reject(/encrypt/.test(error.message) ? strange(path) : error));
    zip.on("end", () => resolve(entries));
    if (zip.entryCount > filesMax)
      throw new ArchiveRefused(`${path} has ${zip.entryCount} files in it; ${filesMax} are the most.`);
    zip.on("entry", (entry) => {
      const name = entry.fileName.split("/").at(-1)!;
      const known = entries.get(name);
      const hidden = entry.fileName.startsWith("__MACOSX/");
      if (name !== "" && !hidden && (!known || depth(entry) < depth(known))) entries.set(name, entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

const strange = (path: string) =>
  new ArchiveRefused(
    `${path} is packed with a password. Pack the feed again as an ordinary zip (deflate, no password).`,
  );

function refused(path: string, error: Error & { code?: string }): ArchiveRefused {
  if (error.code === "ENOENT") return new ArchiveRefused(`There is no file ${path}.`);
  if (error.code === "EISDIR") return new ArchiveRefused(`${path} is a folder. Give the feed's zip file.`);
  if (error.code) return new ArchiveRefused(`${path} cannot be read: ${error.message}`);
  return new ArchiveRefused(`${path} is not a zip file, or only part of one.`);
}
