/** The mark in a backup that it was restored once, and all was well: worth nothing where a file of it has become another since. */
import { createReadStream } from "node:fs";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

export type Verified = { readonly at: string; readonly restoredMs: number; readonly readyMs: number };

/** What a backup is known by without its identity: the SHA-256 of its manifest, which has those of its files, and how long each is as it lies there. */
export type Contents = { readonly manifest: string; readonly bytes: Readonly<Record<string, number>> };

type Mark = Verified & Contents;

const markName = "verified.json";
const isManifest = (name: string) => name.startsWith("manifest.json.");

export async function contentsOf(backup: string): Promise<Contents> {
  const found = await readdir(backup, { recursive: true, withFileTypes: true });
  const names = found
    .filter((entry) => entry.isFile() && entry.name !== markName)
    .map((entry) => relative(backup, join(entry.parentPath, entry.name)))
    .sort();
  const bytes: Record<string, number> = {};
  const hash = new Bun.CryptoHasher("sha256");
  for (const name of names) {
    bytes[name] = (await stat(join(backup, name))).size;
    if (isManifest(name)) for await (const piece of createReadStream(join(backup, name))) hash.update(piece);
  }
  return { manifest: hash.digest("hex"), bytes };
}

/** @param contents before it was tried: what has become another meanwhile was not tried */
export async function noteVerified(
  backup: string,
  { at, restoredMs, readyMs }: Verified,
  contents: Contents,
): Promise<void> {
  const mark: Mark = { at, restoredMs, readyMs, ...contents };
  await writeFile(join(backup, markName), JSON.stringify(mark), { mode: 0o600 });
}

/** Before it is tried again, which may show that it is no good any more. */
export const forgetVerified = (backup: string): Promise<void> => rm(join(backup, markName), { force: true });

export async function verifiedIn(backup: string): Promise<Verified | null> {
  const text = await readFile(join(backup, markName), "utf8").catch(() => null);
  const mark = text === null ? null : parse(text);
  if (!mark) return null;
  const { manifest, bytes } = await contentsOf(backup);
  const isSame = mark.manifest === manifest && Bun.deepEquals(mark.bytes, bytes);
  return isSame ? { at: mark.at, restoredMs: mark.restoredMs, readyMs: mark.readyMs } : null;
}

function parse(text: string): Mark | null {
  try {
    return JSON.parse(text) as Mark | null;
  } catch {
    return null;
  }
}
