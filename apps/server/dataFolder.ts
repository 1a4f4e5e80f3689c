/** The folder in which everything lives that must survive: made if missing, and used by one process at a time. */
import { Database } from "bun:sqlite";
import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
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
};

/** @param path whole */
export const filesIn = (path: string, keysFile: string | null) => ({
  database: join(path, "chepiao.db"),
  log: join(path, "log"),
  keys: keysFile === null ? join(path, "keys.json") : resolve(keysFile),
  sandboxBank: join(path, "sandbox-bank.db"),
  /** Where orders are looked for; made when it is first asked. */
  orderSearch: join(path, "order-search.db"),
});

/** @param keysFile where the keys are, when they do not lie with the data */
export function openDataFolder(dataDir: string, keysFile: string | null = null): DataFolder {
  const path = resolve(dataDir);
  makeWritable(path);
  const files = filesIn(path, keysFile);
  refuseWithoutKeys(files);
  const lock = takeLock(join(path, "lock.db"), path);
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
    mkdirSync(path, { recursive: true });
    if (!statSync(path).isDirectory()) throw new Error("it is not a folder");
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = existsSync(path) && !statSync(path).isDirectory() ? "it is a file" : (error as Error).message;
    throw new DataFolderRefused(
      `The data folder ${path} cannot be written: ${why}\nChoose another with DATA_DIR=… or mend its permissions.`,
    );
  }
}

/** A lock that the system lets go of however the process ends, so there is never a stale one to clean up. */
function takeLock(file: string, folder: string): Database {
  const lock = new Database(file, { create: true });
  try {
    lock.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    return lock;
  } catch (error) {
    lock.close();
    if (!String(error).includes("locked"))
      throw new DataFolderRefused(`The data folder ${folder} cannot be used: ${String(error)}`);
    throw new DataFolderRefused(
      `Another chepiao is running on ${folder}.\nStop it first, or give this one a folder of its own with DATA_DIR=…`,
    );
  }
}
