/** Dead letters beside the log, in one small file: there should be none, and hardly ever more than a few. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeadLetter } from "@chepiao/ports/log";
import { syncFolder } from "./segment.ts";

const pathIn = (folder: string) => join(folder, "dead-letters.json");

export function loadDeadLetters(folder: string): Map<string, DeadLetter> {
  const path = pathIn(folder);
  if (!existsSync(path)) return new Map();
  const letters = JSON.parse(readFileSync(path, "utf8")) as readonly DeadLetter[];
  return new Map(letters.map((letter) => [letter.id, letter]));
}

/** Beside the process that has the log: the file is replaced as a whole, so it is always in one piece. */
export const readDeadLetters = (folder: string): readonly DeadLetter[] => [...loadDeadLetters(folder).values()];

/**
 * Synced, because a record that was put aside is passed over from then on and must not be lost with the power. It holds up the
 * thread, so that two groups never write at once; it is rare enough for that.
 */
export function saveDeadLetters(folder: string, letters: ReadonlyMap<string, DeadLetter>): void {
  const path = pathIn(folder);
  const file = openSync(`${path}.new`, "w");
  try {
    writeFileSync(file, JSON.stringify([...letters.values()]));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  syncFolder(folder);
}
