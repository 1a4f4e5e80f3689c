/** The folder in which everything lives that must survive: made if missing, and used by one process at a time. */
import { Database } from "bun:sqlite";
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** Why the folder cannot be used, for people. */
export class DataFolderRefused extends Error {
  override readonly name = "DataFolderRefused";
}

export type DataFolder = Disposable & {
  readonly path: string;
  readonly database: string;
  readonly log: string;
  readonly keys: string;
  readonly sandboxBank: string;
  readonly securityLog: string;
  readonly orderSearch: string;
};

/** @param path whole */
export const filesIn = (path: string, keysFile: string | null) => ({
  database: join(path, "chepiao.db"),
  log: join(path, "log"),
  keys: keysFile === null ? join(path, "keys.json") : resolve(keysFile),
  sandboxBank: join(path, "sandbox-bank.db"),
  /** A folder: what happened to accounts, a file a day. */
  securityLog: join(path, "security"),
  /** Where orders are looked for; made when it is first asked. */
  orderSearch: join(path, "order-search.db"),
});

/**
 * @param keysFile where the keys are, when they do not lie with the data
 * @param warn what was changed about the folder without being asked, for people
 */
export function openDataFolder(
  dataDir: string,
  keysFile: string | null = null,
  warn: (sentence: string) => void = console.error,
): DataFolder {
  const path = resolve(dataDir);
  makeWritable(path);
  closeToOthers(path, warn);
  const files = filesIn(path, keysFile);
  refuseUnfinished(path);
  refuseWithoutKeys(files);
  const lock = takeLock(join(path, "lock.db"), {
    inUse: `Another chepiao is running on ${path}.\nStop it first, or give this one a folder of its own with DATA_DIR=…`,
    unusable: `The data folder ${path} cannot be used`,
  });
  return { path, ...files, [Symbol.dispose]: () => lock.close() };
}

/** New keys would be made without a word, and with them nobody could log in and no document could be read. */
function refuseWithoutKeys({ database, keys }: { readonly database: string; readonly keys: string }) {
  if (!existsSync(database) || existsSync(keys)) return;
  throw new DataFolderRefused(
    `The key file ${keys} is missing, while the database is there.\nPut it back from a backup: without it nobody can log in and no saved document can be read.`,
  );
}

function makeWritable(path: string) {
  try {
    mkdirSync(path, { recursive: true, mode: ownerOnly });
    if (!statSync(path).isDirectory()) throw new Error("it is not a folder");
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = existsSync(path) && !statSync(path).isDirectory() ? "it is a file" : (error as Error).message;
    throw new DataFolderRefused(
      `The data folder ${path} cannot be written: ${why}\nChoose another with DATA_DIR=… or correct its permissions.`,
    );
  }
}

const ownerOnly = 0o700;
const ofOthers = 0o007;

/**
 * Names, addresses and password hashes are in this folder, so other accounts of the machine may not look into it. An older version
 * made it open to them: it is closed, and that is said. A group that was let in on purpose (0750, for backups) stays.
 */
function closeToOthers(path: string, warn: (sentence: string) => void) {
  const mode = statSync(path).mode & 0o7777;
  if (process.platform === "win32" || (mode & ofOthers) === 0) return;
  const spelled = (mode & 0o777).toString(8).padStart(4, "0");
  if (!isOurs(path)) {
    throw new DataFolderRefused(
      `The data folder ${path} is open to everybody on this machine (${spelled}) and holds other things than ours.\nGive us a folder of our own with DATA_DIR=…, or close this one: chmod 700 ${path}`,
    );
  }
  try {
    chmodSync(path, ownerOnly);
  } catch (error) {
    throw new DataFolderRefused(
      `The data folder ${path} is open to everybody on this machine (${spelled}), and we may not close it: ${(error as Error).message}\nIts owner can: chmod 700 ${path}`,
    );
  }
  warn(
    `The data folder ${path} was open to everybody on this machine (${spelled}); it is now its owner's alone (0700).`,
  );
}

/** Nothing in it, or what a platform keeps: then nobody else needs the way in. */
function isOurs(path: string): boolean {
  const { database, keys, sandboxBank } = filesIn(path, null);
  const found = readdirSync(path);
  return found.length === 0 || [database, keys, sandboxBank].some((file) => existsSync(file));
}

/** In a folder into which a backup is being restored, until all of it is there. */
export const unfinishedIn = (path: string): string => join(path, "restore-unfinished");

/** @throws DataFolderRefused */
export function refuseUnfinished(path: string): void {
  if (!existsSync(unfinishedIn(path))) return;
  throw new DataFolderRefused(
    `A backup was being restored into ${path}, and not all of it is there.\nEmpty the folder and restore it again.`,
  );
}

/**
 * A lock that the system lets go of however the process ends, so there is never a stale one to clean up.
 * @throws DataFolderRefused
 */
export function takeLock(file: string, says: { readonly inUse: string; readonly unusable: string }): Database {
  const lock = new Database(file, { create: true });
  try {
    lock.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    return lock;
  } catch (error) {
    lock.close();
    throw new DataFolderRefused(String(error).includes("locked") ? says.inUse : `${says.unusable}: ${String(error)}`);
  }
}
