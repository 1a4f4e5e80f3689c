/**
 * Tries a backup: restored into a folder that is thrown away, woken up as a platform is, and held against the invariants. Its doors stay
 * closed and it does nothing by itself, so that no bank, carrier or passenger ever hears of it.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { damageOf } from "@chepiao/adapters/sqlite";
import { createLogger } from "@chepiao/runtime";
import { writing } from "@chepiao/services/order";
import { brokenIn } from "../audit/anyMoment.ts";
import { booksOfFolder } from "../audit/records.ts";
import type { Config } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { rooms } from "../rooms/index.ts";
import { openEmbeddedRooms, wakeUp } from "../wiring/embeddedRooms.ts";
import { BackupRefused, databaseName, type Manifest } from "./manifest.ts";
import { restoreBackup, type RestoreOptions } from "./restore.ts";
import { openTrialFolder } from "./trialFolder.ts";

export type Trial = {
  readonly manifest: Manifest;
  readonly orders: number;
  readonly tickets: number;
  /** Until all of it was in its place again. */
  readonly restoredMs: number;
  /** Until it could have sold: rows, memory and seats were made of it. */
  readonly readyMs: number;
  /** In words; nothing when all is well. */
  readonly wrong: readonly string[];
};

export type TrialOptions = Omit<RestoreOptions, "into"> & {
  readonly config: Config;
  /** In which folder it may lie for a while, readable to this account alone. */
  readonly scratch?: string;
};

export async function tryBackup({ config, scratch = tmpdir(), ...from }: TrialOptions): Promise<Trial> {
  await using around = openTrialFolder(scratch);
  const into = join(around.path, "data");
  const began = performance.now();
  const manifest = await restoreBackup({ ...from, into });
  const restoredMs = Math.round(performance.now() - began);
  const damage = damageOf(join(into, databaseName)).map((text) => `the database is damaged: ${text}`);
  if (damage.length > 0) return { manifest, orders: 0, tickets: 0, restoredMs, readyMs: 0, wrong: damage };
  const woken = await wake(config, into);
  const books = booksOfFolder(into);
  return {
    manifest,
    orders: books.orders.length,
    tickets: books.tickets.length,
    restoredMs,
    readyMs: woken.readyMs,
    wrong: [...woken.wrong, ...brokenIn(books)],
  };
}

/** Rows of what was accepted, then seats and limits of the rows; whatever cannot be put back is wrong. */
async function wake(config: Config, dataDir: string) {
  const began = performance.now();
  const wrong: string[] = [];
  using folder = openDataFolder(dataDir);
  await using cleanUp = new AsyncDisposableStack();
  const embedded = await openEmbeddedRooms(
    {
      config: { ...config, engines: "embedded", dataDir, keysFile: null },
      folder,
      logger: createLogger({ level: "error", write: (line) => void wrong.push(line.trim()) }),
      rooms,
      firstTimetable: async () => {
        throw new BackupRefused("There is no timetable in it: no platform has ever sold on it.");
      },
      broken: (error) => void wrong.push(error.message),
      ownUrl: () => "http://localhost",
      isShared: false,
    },
    cleanUp,
  );
  await wakeUp(
    embedded,
    embedded.house.consumers.filter(({ group }) => group === writing.group),
  );
  return { wrong, readyMs: Math.round(performance.now() - began) };
}
