/** Makes a data folder of a backup: all of it, as it was, or nothing. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { loadKeys, platformOf } from "@chepiao/adapters/crypto";
import { unfinishedIn } from "../dataFolder.ts";
import { BackupRefused, keysName, type Manifest, manifestName, parseManifest } from "./manifest.ts";
import { unpackText, unpackTo, writeNew } from "./pack.ts";
import { assertBackup, isEncrypted, syncFolder } from "./backups.ts";

export type RestoreOptions = {
  /** A backup: a folder of its own among others. */
  readonly from: string;
  /** Empty, or not there yet. */
  readonly into: string;
  /** The file that it is decrypted with, where it is encrypted. */
  readonly identityFile: string | null;
  /** The platform's keys, where they are not in it. */
  readonly keysFile: string | null;
};

/** Far more than the manifest of any platform. */
const manifestBytesMax = 64 * 1024 * 1024;
/** What a file system of its own has from the beginning. */
const notOurs = ["lost+found"];

export async function restoreBackup({ from, into, identityFile, keysFile }: RestoreOptions): Promise<Manifest> {
  const identity = await identityFor(from, identityFile);
  const manifest = parseManifest(await unpackText(from, manifestName, identity, manifestBytesMax));
  const keys = await keysFor(manifest, keysFile);
  const folder = resolve(into);
  const isNew = !existsSync(folder);
  await refuseFull(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(unfinishedIn(folder), from, { mode: 0o600 });
    await syncFolder(folder);
    for (const file of manifest.files) await unpackTo(from, file, identity, join(folder, file.name));
    if (keys !== null) await writeNew(join(folder, keysName), await readFile(keys));
    await assertKeys(join(folder, keysName), manifest);
    for (const each of new Set(manifest.files.map(({ name }) => dirname(join(folder, name))))) await syncFolder(each);
    await rm(unfinishedIn(folder));
    await syncFolder(folder);
    return manifest;
  } catch (error) {
    await empty(folder, isNew);
    throw noRoomTold(error, folder);
  }
}

async function identityFor(from: string, file: string | null): Promise<string | null> {
  assertBackup(from);
  if (!isEncrypted(from)) return null;
  if (file === null) throw new BackupRefused("It is encrypted: name the file to decrypt it with by --identity FILE.");
  const text = await readFile(file, "utf8").catch(() => {
    throw new BackupRefused(`The identity file ${file} cannot be read.`);
  });
  const line = text.split("\n").find((each) => each.startsWith("AGE-SECRET-KEY-"));
  if (line === undefined) throw new BackupRefused(`There is no AGE-SECRET-KEY-… in ${file}.`);
  return line.trim();
}

const hasKeys = ({ files }: Manifest): boolean => files.some(({ name }) => name === keysName);

/** Where the keys come from that are not in it. */
async function keysFor(manifest: Manifest, file: string | null): Promise<string | null> {
  if (hasKeys(manifest)) return null;
  if (file === null)
    throw new BackupRefused(
      "The platform's keys are not in it, because it is not encrypted: name a copy of them by --keys FILE.",
    );
  await assertKeys(file, manifest);
  return file;
}

async function assertKeys(path: string, { platform }: Manifest): Promise<void> {
  if (platformOf(await loadKeys(path)) !== platform)
    throw new BackupRefused(
      "The keys are another platform's: with them nobody could log in. Name the right ones by --keys FILE.",
    );
}

async function refuseFull(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const found = (await readdir(folder)).filter((name) => !notOurs.includes(name));
  if (found.length > 0)
    throw new BackupRefused(
      `${folder} is not empty (${found.slice(0, 3).join(", ")}): name another by --into, or move away what is in it.`,
    );
}

/** Everything in it is ours: it was empty. */
async function empty(folder: string, isNew: boolean): Promise<void> {
  if (isNew) return rm(folder, { recursive: true, force: true });
  const names = (await readdir(folder)).filter((name) => !notOurs.includes(name));
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
}

const noRoomTold = (error: unknown, folder: string): unknown =>
  (error as NodeJS.ErrnoException).code === "ENOSPC"
    ? new BackupRefused(`There is no room for it in ${folder}, which was emptied again.`, { cause: error })
    : error;
