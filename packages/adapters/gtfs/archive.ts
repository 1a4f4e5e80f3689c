/** The zip of a feed. Its files are read in the order we need them, each as a stream. */
import type { Readable } from "node:stream";
import { type Entry, open, type ZipFile } from "yauzl";

export type Archive = Disposable & {
  has(name: string): boolean;
  read(name: string): Promise<Readable>;
};

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
  const entries = await listEntries(zip).catch((error: unknown) => {
    zip.close();
    throw new ArchiveRefused(`${path} is a damaged zip: ${String(error)}`);
  });
  return {
    has: (name) => entries.has(name),
    read: (name) =>
      new Promise((resolve, reject) => {
        zip.openReadStream(entries.get(name)!, (error, stream) => (error ? reject(error) : resolve(stream)));
      }),
    [Symbol.dispose]: () => zip.close(),
  };
}

/** By bare name: some feeds lie in a folder inside the zip. The one nearest to the top wins. */
function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  const depth = (entry: Entry) => entry.fileName.split("/").length;
  return new Promise((resolve, reject) => {
    zip.on("error", reject);
    zip.on("end", () => resolve(entries));
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

function refused(path: string, error: Error & { code?: string }): ArchiveRefused {
  if (error.code === "ENOENT") return new ArchiveRefused(`There is no file ${path}.`);
  if (error.code === "EISDIR") return new ArchiveRefused(`${path} is a folder. Give the feed's zip file.`);
  if (error.code) return new ArchiveRefused(`${path} cannot be read: ${error.message}`);
  return new ArchiveRefused(`${path} is not a zip file, or only part of one.`);
}
