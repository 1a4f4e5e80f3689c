/** `chepiao import gtfs`: opens the data folder while nobody else runs on it, and hands over to the importer. */
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { epochMs } from "@chepiao/kernel";
import { readConfig } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { type Command, readArgs, UsageError } from "./command.ts";
import { importGtfs, importHelp } from "./import.ts";

const options = {
  rebase: { type: "string" },
  days: { type: "string" },
  "rolling-stock": { type: "string" },
  compositions: { type: "string" },
  fares: { type: "string" },
} as const;

export const importCommand: Command = {
  about: "take over a railway's timetable from a GTFS feed",
  help: importHelp,
  async run(args) {
    const { values, positionals } = readArgs(args, options, importHelp);
    const [kind, path] = positionals;
    if (kind !== "gtfs" || !path || positionals.length !== 2) throw new UsageError(importHelp);
    const { dataDir, keysFile } = readConfig(process.env);
    using folder = openDataFolder(dataDir, keysFile);
    // A folder that begins with an import needs its keys as one that begins with a start does.
    await loadOrCreateKeys(folder.keys);
    await using database = await openSqlite(folder.database);
    const { orders, timetable } = createStores(database);
    return await importGtfs(
      {
        path,
        ...(values.rebase === undefined ? {} : { rebase: values.rebase }),
        ...(values.days === undefined ? {} : { days: values.days }),
        ...(values["rolling-stock"] === undefined ? {} : { rollingStock: values["rolling-stock"] }),
        ...(values.compositions === undefined ? {} : { compositions: values.compositions }),
        ...(values.fares === undefined ? {} : { fares: values.fares }),
        store: timetable,
        soldRuns: orders.soldRuns,
        now: epochMs(Date.now()),
      },
      console.log,
    );
  },
};
