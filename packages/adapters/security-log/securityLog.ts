/**
 * The stream of security events in files of a day each (UTC), in the log format of the design document (§11.2.2), a line an
 * event. Files are only ever appended to, readable by their owner alone, and deleted whole when all in them is old.
 */
import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { dayMs, type EpochMs } from "@chepiao/kernel";
import type { SecurityEvent, SecurityEvents } from "@chepiao/ports/security-events";

const ownerOnly = { mode: 0o600 } as const;

/** @param folder is made where it is missing */
export function createSecurityLog(folder: string): SecurityEvents {
  let appending: Promise<void> = Promise.resolve();

  async function write(events: readonly SecurityEvent[]): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const [day, some] of Map.groupBy(events, ({ timestamp }) => dayOf(timestamp)))
      await appendFile(join(folder, fileOf(day)), some.map(lineOf).join(""), ownerOnly);
  }

  return {
    append(events) {
      if (events.length === 0) return Promise.resolve();
      // One after the other, so that a file is in the order in which things happened; one that fails stops none after it.
      const written = appending.then(() => write(events));
      appending = written.catch(() => {});
      return written;
    },
    async purge(before, limit) {
      let purged = 0;
      for (const file of await filesIn(folder)) {
        if (purged >= limit || endOf(file) > before) break;
        purged += linesOf(await readFile(join(folder, file), "utf8")).length;
        await rm(join(folder, file));
      }
      return purged;
    },
  };
}

const fileOf = (day: string): string => `${day}.jsonl`;
const dayOf = (at: EpochMs): string => new Date(at).toISOString().slice(0, 10);
const endOf = (file: string): number => Date.parse(`${file.slice(0, 10)}T00:00:00Z`) + dayMs;
export const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** Oldest first. */
export async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => /^\d{4}-\d{2}-\d{2}\.jsonl$/.test(name)).toSorted();
}

/** What is null is left out, as in the platform's other lines. */
function lineOf(event: SecurityEvent): string {
  const { timestamp, level, service, traceId, userId, action, message, status, reason, nameHash, address } = event;
  const fields = { level, service, traceId, userId, action, message, status, reason, nameHash, address };
  const known = Object.entries(fields).filter(([, value]) => value !== null);
  return `${JSON.stringify({ timestamp: new Date(timestamp).toISOString(), ...Object.fromEntries(known) })}\n`;
}
