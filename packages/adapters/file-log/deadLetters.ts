/** Dead letters beside the log, in one small file: there should be none, and hardly ever more than a few. */
import { join } from "node:path";
import type { Disk } from "@chepiao/ports/disk";
import type { DeadLetter } from "@chepiao/ports/log";
import { systemDisk } from "./systemDisk.ts";

const pathIn = (folder: string) => join(folder, "dead-letters.json");

export function loadDeadLetters(folder: string, disk: Disk = systemDisk): Map<string, DeadLetter> {
  const saved = disk.read(pathIn(folder));
  if (!saved) return new Map();
  const letters = JSON.parse(saved.toString()) as readonly DeadLetter[];
  return new Map(letters.map((letter) => [letter.id, letter]));
}

/** Beside the process that has the log: the file is replaced as a whole, so it is always in one piece. */
export const readDeadLetters = (folder: string): readonly DeadLetter[] => [...loadDeadLetters(folder).values()];

/** Synced, because a record that was put aside is passed over from then on and must not be lost with the power. */
export const saveDeadLetters = (disk: Disk, folder: string, letters: ReadonlyMap<string, DeadLetter>): void =>
  disk.replace(pathIn(folder), JSON.stringify([...letters.values()]));
