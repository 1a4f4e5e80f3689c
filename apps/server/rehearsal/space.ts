/** Whether the folder for temporary files takes a crowd: a disk that is full in the midst of it would be found late, and by others, too. */
import { statfsSync } from "node:fs";
import { CommandFailed } from "../commands/command.ts";

/** Stations, log and what else is there whoever comes. */
const bytesOfAll = 64 * 2 ** 20;
/** An account with its session is 1 KB; the rest is what it does. */
const bytesOfEach = 2_048;

export function assertSpace(crowdSize: number, folder: string, free: (folder: string) => number = freeIn): void {
  const [needed, found] = [bytesOfAll + crowdSize * bytesOfEach, free(folder)];
  if (found >= needed) return;
  throw new CommandFailed(
    `A crowd of ${crowdSize} takes ${megabytes(needed)} MB, and ${folder} has ${megabytes(found)} MB free: name a folder with more by TMPDIR.`,
  );
}

function freeIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

const megabytes = (bytes: number) => Math.floor(bytes / 2 ** 20);
