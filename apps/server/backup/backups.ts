/** The folder in which backups lie beside each other, each a folder of its own: which are there, and which have had their time. */
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { dayMs } from "@chepiao/kernel";
import { takeLock } from "../dataFolder.ts";
import { BackupRefused, manifestName } from "./manifest.ts";
import { packedName } from "./pack.ts";
import { type Verified, verifiedIn } from "./verified.ts";

export type Backup = { readonly name: string; readonly at: number; readonly verified: Verified | null };

/** How long backups are kept; one that neither of the two wants has had its time. */
export type Keeping = { readonly count: number | null; readonly days: number | null };

const prefix = "chepiao-";
/** What is not whole yet, or not any more, is called so. */
const partialSuffix = ".partial";
const nameForm = /^chepiao-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/;

export const nameAt = (at: number): string => `${prefix}${new Date(at).toISOString().replaceAll(/[:.]/g, "-")}`;

function timeOf(name: string): number | null {
  const parts = nameForm.exec(name);
  if (!parts) return null;
  const [, day, hour, minute, second, milli] = parts;
  return Date.parse(`${day}T${hour}:${minute}:${second}.${milli}Z`);
}

/** One at a time puts something onto it or takes something off. */
export async function lockBackups(folder: string): Promise<Disposable> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = resolve(folder);
  const lock = takeLock(join(path, "lock.db"), {
    inUse: `Another backup is being made in ${path}.\nWait until it is through, or name another folder.`,
    unusable: `No backup can be made in ${path}`,
  });
  return { [Symbol.dispose]: () => lock.close() };
}

/** What was broken off, by whatever: nobody takes it for a backup, and it goes. */
export async function removePartial(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name.endsWith(partialSuffix));
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
}

/** Makes a backup that is there as a whole or not at all. */
export async function makeWhole<T>(folder: string, name: string, fill: (partial: string) => Promise<T>): Promise<T> {
  const partial = join(folder, name + partialSuffix);
  try {
    await mkdir(partial, { mode: 0o700 });
    const filled = await fill(partial);
    for (const each of await foldersIn(partial)) await syncFolder(each);
    await rename(partial, join(folder, name));
    await syncFolder(folder);
    return filled;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

const foldersIn = async (folder: string): Promise<string[]> => [
  folder,
  ...(await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name)),
];

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The newest first. */
export async function backupsIn(folder: string): Promise<Backup[]> {
  const found: Backup[] = [];
  for (const name of await readdir(folder)) {
    const at = timeOf(name);
    if (at !== null && hasManifest(join(folder, name)))
      found.push({ name, at, verified: await verifiedIn(join(folder, name)) });
  }
  return found.sort((a, b) => b.at - a.at);
}

export const isEncrypted = (backup: string): boolean => existsSync(join(backup, packedName(manifestName, true)));
export const hasManifest = (backup: string): boolean =>
  isEncrypted(backup) || existsSync(join(backup, packedName(manifestName, false)));

/** @throws BackupRefused */
export function assertBackup(folder: string): void {
  if (hasManifest(folder)) return;
  throw new BackupRefused(
    `${resolve(folder)} is no backup, or its end is missing: \`chepiao backup list\` names those that are whole.`,
  );
}

/** Made while a clock was wrong, now or then: it is no newer than others, and not for us to delete. */
export const isLater = ({ at }: Backup, now: number): boolean => at > now;

/**
 * Which have had their time. The newest that was verified always stays, and where none was verified all do: of those that nobody has tried, none may
 * be good. Those of a later moment than now say nothing about the others.
 * @param made the one that was made just now: it stays, whatever the clock says
 */
export function expired(
  backups: readonly Backup[],
  { count, days }: Keeping,
  now: number,
  made: string,
): readonly Backup[] {
  if (count === null && days === null) return [];
  const newestFirst = backups.filter((each) => !isLater(each, now)).sort((a, b) => b.at - a.at);
  const lastVerified = newestFirst.find(({ verified }) => verified !== null);
  if (!lastVerified) return [];
  return newestFirst.filter((backup, n) => {
    const isWanted = (count !== null && n < count) || (days !== null && now - backup.at <= days * dayMs);
    return !isWanted && backup !== lastVerified && backup.name !== made;
  });
}

/** What is deleted is no backup any more from the first moment on. */
export async function remove(folder: string, { name }: Backup): Promise<void> {
  const partial = join(folder, name + partialSuffix);
  await rename(join(folder, name), partial);
  await syncFolder(folder);
  await rm(partial, { recursive: true });
}
