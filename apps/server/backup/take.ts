/**
 * Takes a backup of a data folder, beside the platform that sells on it: what would be there if the machine lost its power at one moment. So
 * it is restored as a platform wakes up after that, and whatever was answered before is in it.
 */
import { createReadStream, existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { loadKeys, platformOf } from "@chepiao/adapters/crypto";
import { cutLog, type LogCut } from "@chepiao/adapters/file-log";
import { openToPin, type PinnedSqlite, watchSqlite } from "@chepiao/adapters/sqlite";
import { secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import { type DataFolder, takeLock } from "../dataFolder.ts";
import {
  BackupRefused,
  databaseName,
  format,
  keysName,
  type Manifest,
  manifestName,
  type PackedFile,
} from "./manifest.ts";
import { assertRecipient, pack } from "./pack.ts";
import { lockBackups, nameAt, removePartial, makeWhole } from "./backups.ts";

export type Files = Omit<DataFolder, "path" | typeof Symbol.dispose>;
export type TakeOptions = {
  readonly files: Files;
  /** The folder in which backups lie. */
  readonly to: string;
  /** Whom it is encrypted for; null: nobody, and the keys are not in it. */
  readonly recipient: string | null;
  readonly clock: Clock;
};
export type Taken = { readonly name: string; readonly manifest: Manifest };

export async function takeBackup({ files, to, recipient, clock }: TakeOptions): Promise<Taken> {
  if (recipient !== null) assertRecipient(recipient);
  using locks = new DisposableStack();
  locks.use(await lockBackups(to));
  await removePartial(to);
  const platform = platformOf(await loadKeys(files.keys));
  const from = dirname(files.database);
  const lock = takeLock(join(from, "backup-lock.db"), {
    inUse: `Another backup of ${from} is being made.\nWait until it is through.`,
    unusable: `The data folder ${from} cannot be backed up`,
  });
  locks.defer(() => lock.close());
  const scratch = join(from, "backup-scratch");
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o700 });
  try {
    using moment = await oneMoment(files, clock);
    const databases = await copyDatabases(moment, scratch);
    const name = nameAt(moment.at);
    const manifest = await makeWhole(to, name, async (partial) => {
      const packed: PackedFile[] = [];
      const add = async (file: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) =>
        void packed.push(await pack(partial, file, pieces, recipient));
      for (const path of databases) await add(basename(path), readOf(path));
      for (const { name: file, read } of moment.log.files) await add(`log/${file}`, read());
      for (const file of await securityFiles(files))
        await add(`security/${file}`, readOf(join(files.securityLog, file)));
      if (recipient !== null) await add(keysName, readOf(files.keys));
      const about: Manifest = {
        format,
        at: new Date(moment.at).toISOString(),
        position: moment.log.end,
        platform,
        migrations: moment.migrations,
        files: packed,
      };
      await pack(partial, manifestName, [Buffer.from(JSON.stringify(about))], recipient);
      return about;
    });
    return { name, manifest };
  } catch (error) {
    throw isNoRoom(error)
      ? new BackupRefused(`There is no room for it: ${(error as Error).message}\nNothing of it was left behind.`, {
          cause: error,
        })
      : error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

type Moment = Disposable & {
  readonly at: number;
  readonly migrations: readonly string[];
  readonly log: LogCut;
  /** By their names in a data folder. */
  readonly databases: ReadonlyMap<string, PinnedSqlite>;
};

const triesForMs = 60 * secondMs;
const againWithinMs = 20;

/**
 * Databases and log at one moment: one between two writes to the log in which the practice bank did not write either, of which there are hundreds in
 * each busy second. Messages leave a database for the log, and what is in the log becomes rows: were the log the older of the two,
 * messages would be lost that had left already; were it the newer, it would speak of rows that are not there.
 */
async function oneMoment(files: Files, clock: Clock): Promise<Moment> {
  using open = new DisposableStack();
  const bank = existsSync(files.sandboxBank) ? open.use(openToPin(files.sandboxBank)) : null;
  const bankWrites = bank && open.use(watchSqlite(files.sandboxBank));
  const database = open.use(openToPin(files.database));
  const databases = new Map([
    [databaseName, database],
    ...(bank ? [[basename(files.sandboxBank), bank] as const] : []),
  ]);
  const until = clock.now() + triesForMs;
  for (;;) {
    const at = clock.now();
    bankWrites?.hasChanged();
    const log = open.use(cutLog(files.log));
    if (!log.isThere) throw noLog(files.log);
    for (const each of databases.values()) each.pin();
    if (log.isStill() && !bankWrites?.hasChanged()) {
      const kept = open.move();
      return { at, log, databases, migrations: database.migrations(), [Symbol.dispose]: () => kept.dispose() };
    }
    for (const each of databases.values()) each.unpin();
    log[Symbol.dispose]();
    if (clock.now() > until)
      throw new BackupRefused("The log was written to without a pause for a minute: try again when less is sold.");
    await sleep(clock, 1 + Math.random() * againWithinMs);
  }
}

/** The databases are let go of before anything is packed: their write-ahead logs may be used again. */
async function copyDatabases({ databases }: Moment, scratch: string): Promise<string[]> {
  const copies: string[] = [];
  for (const [name, pinned] of databases) {
    const copy = join(scratch, name);
    await pinned.copyTo(copy);
    pinned[Symbol.dispose]();
    copies.push(copy);
  }
  return copies;
}

/** Orders are accepted into the log and become rows later: a database without it is no platform. */
const noLog = (folder: string) =>
  new BackupRefused(
    `There is no log in ${folder}, while the database is there: not all of a platform is in this folder.\nPut the log back, or restore a backup into an empty folder.`,
  );

const securityFiles = async ({ securityLog }: Files): Promise<string[]> =>
  existsSync(securityLog)
    ? (await readdir(securityLog)).filter((name) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name)).sort()
    : [];

const readOf = (path: string): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: pieceBytes });
const pieceBytes = 1 << 20;

const isNoRoom = (error: unknown): boolean =>
  ["ENOSPC", "EDQUOT", "EFBIG"].includes((error as NodeJS.ErrnoException).code ?? "") ||
  /disk is full|disk I\/O error/.test(String(error));
