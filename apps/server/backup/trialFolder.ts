/** Where a backup is tried lies a whole platform, readable: it goes however the trial ends. */
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { DataFolderRefused, takeLock } from "../dataFolder.ts";

const prefix = "chepiao-verify-";
const lockName = "lock.db";
const lockIn = (folder: string) => join(folder, lockName);
const says = (folder: string) => ({
  inUse: `Another is clearing ${folder} away: try again.`,
  unusable: `${folder} cannot be used`,
});
const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export type TrialFolder = AsyncDisposable & { readonly path: string };

/**
 * Clears away what trials left that were killed. Whoever asks this process to end meanwhile has the folder removed first.
 * @param scratch in which it is made, readable to this account alone
 */
export function openTrialFolder(scratch: string): TrialFolder {
  clearForsaken(scratch);
  const path = mkdtempSync(join(scratch, prefix));
  const end = (signal: (typeof endings)[number]) => {
    removeNow(path);
    process.exit(128 + constants.signals[signal]);
  };
  for (const each of endings) process.on(each, end);
  const letGo = () => endings.forEach((each) => process.off(each, end));
  try {
    const lock = takeLock(lockIn(path), says(path));
    return {
      path,
      async [Symbol.asyncDispose]() {
        for (const each of besidesLock(path)) await rm(each, { recursive: true, force: true });
        lock.close();
        await rm(path, { recursive: true, force: true });
        letGo();
      },
    };
  } catch (error) {
    removeNow(path);
    letGo();
    throw error;
  }
}

/** The lock goes last, so that a removal that is broken off is taken up again. */
const besidesLock = (path: string) =>
  readdirSync(path)
    .filter((name) => name !== lockName)
    .map((name) => join(path, name));

/** What is still being written may make a file while others go. */
function removeNow(path: string) {
  for (let tries = 0; tries < 5 && existsSync(path); tries++) {
    try {
      for (const each of besidesLock(path)) rmSync(each, { recursive: true, force: true });
      rmSync(path, { recursive: true, force: true });
    } catch {
      // The next trial clears it away.
    }
  }
}

/** Of this account, and of nobody who lives: the system has let go of the lock. One without a lock has nothing in it yet. */
function clearForsaken(scratch: string) {
  for (const entry of readdirSync(scratch, { withFileTypes: true })) {
    const path = join(scratch, entry.name);
    if (!entry.name.startsWith(prefix) || !entry.isDirectory() || !isOurs(path) || !existsSync(lockIn(path))) continue;
    try {
      takeLock(lockIn(path), says(path)).close();
    } catch (error) {
      if (error instanceof DataFolderRefused) continue;
      throw error;
    }
    removeNow(path);
  }
}

const isOurs = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
