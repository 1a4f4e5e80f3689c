/** `chepiao import`: a railway's timetable from a GTFS feed, or the one made up for demonstrations. */
import { epochMs } from "@chepiao/kernel";
import { readConfig } from "../config.ts";
import { takeOverDemo } from "../data/demo/takeOver.ts";
import { type Command, readArgs, UsageError } from "./command.ts";
import { importGtfs, importHelp } from "./import.ts";
import { openCommandStores } from "./stores.ts";

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
    const isDemo = kind === "demo" && positionals.length === 1;
    const isFeed = kind === "gtfs" && positionals.length === 2;
    if (!isDemo && !isFeed) throw new UsageError(importHelp);
    const config = readConfig(process.env);
    await using opened = await openCommandStores(config);
    const { orders, timetable } = opened.stores;
    if (isDemo) {
      await takeOverDemo(timetable, config.demoSeed, orders.soldRuns);
      return 0;
    }
    return await importGtfs(
      {
        path: path!,
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
