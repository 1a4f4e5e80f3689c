/** What a backup says of itself: of which moment it is, what is in it, and what it takes to use it. */
import { migrations } from "@chepiao/adapters/sql";

/** Why a backup cannot be made or used, for people. */
export class BackupRefused extends Error {
  override readonly name = "BackupRefused";
}

export type Manifest = {
  readonly format: typeof format;
  /** All that was answered before is in it. */
  readonly at: string;
  /** How many records the log has. */
  readonly position: number;
  /** Whose keys it needs. */
  readonly platform: string;
  /** Steps by which the tables of the database were made. */
  readonly migrations: readonly string[];
  readonly files: readonly PackedFile[];
};

/** A file of the data folder as it was before it was packed. */
export type PackedFile = { readonly name: string; readonly bytes: number; readonly sha256: string };

export const format = 1;
export const manifestName = "manifest.json";
export const keysName = "keys.json";
export const databaseName = "chepiao.db";

/** A backup comes from elsewhere: no file of it is written anywhere but where a platform keeps one. */
const ownFiles =
  /^(chepiao\.db|sandbox-bank\.db|keys\.json|log\/(\d{16}\.log|offsets\.json|dead-letters\.json)|security\/\d{4}-\d\d-\d\d\.jsonl)$/;

/** @throws BackupRefused where it is none, or of a version that this one does not know */
export function parseManifest(text: string): Manifest {
  const found = readJson(text);
  if (typeof found.format === "number" && found.format > format) throw newer();
  const { at, position, platform, migrations: steps, files } = found;
  const isWhole =
    found.format === format &&
    typeof at === "string" &&
    !Number.isNaN(Date.parse(at)) &&
    Number.isSafeInteger(position) &&
    typeof platform === "string" &&
    Array.isArray(steps) &&
    Array.isArray(files) &&
    files.every(isPackedFile);
  if (!isWhole) throw new BackupRefused("Its manifest is damaged: take another backup.");
  const manifest = found as Manifest;
  const unknown = manifest.migrations.filter((name) => !(name in migrations));
  if (unknown.length > 0) throw newer();
  const names = manifest.files.map(({ name }) => name);
  const stray = names.find((name, n) => !ownFiles.test(name) || names.indexOf(name) !== n);
  if (stray !== undefined)
    throw new BackupRefused(`It has a file that is no part of a platform: ${JSON.stringify(stray)}.`);
  if (!names.includes(databaseName)) throw new BackupRefused("It has no database: take another backup.");
  return manifest;
}

const newer = () =>
  new BackupRefused("It was made by a newer version of chepiao: restore it with that one, or a newer.");

function readJson(text: string): { readonly [Name in keyof Manifest]?: unknown } {
  try {
    return (JSON.parse(text) as Partial<Manifest> | null) ?? {};
  } catch {
    throw new BackupRefused("Its manifest is damaged: take another backup.");
  }
}

function isPackedFile(found: unknown): found is PackedFile {
  const { name, bytes, sha256 } = (found ?? {}) as Partial<PackedFile>;
  return typeof name === "string" && Number.isSafeInteger(bytes) && typeof sha256 === "string";
}
