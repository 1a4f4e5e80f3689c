/** `chepiao import`: a railway's timetable from a GTFS feed, the one made up for demonstrations, or what becomes of trains on the day. */
import { createSystemClock } from "@chepiao/adapters/system";
import type { Currency } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { type Config, readConfig, settingIn } from "../config.ts";
import type { PolicyStore } from "@chepiao/ports/policy-store";
import { takeOverDemo } from "../data/demo/takeOver.ts";
import { firstPolicy, readPolicies } from "@chepiao/services/policy";
import { type Command, readArgs, UsageError } from "./command.ts";
import { importGtfs, importHelp } from "./import.ts";
import { importRealtime } from "./importRealtime.ts";
import { openCommandStores } from "./stores.ts";
import { openTimetable } from "../wiring/timetable.ts";

const options = {
  rebase: { type: "string" },
  days: { type: "string" },
  "rolling-stock": { type: "string" },
  compositions: { type: "string" },
  fares: { type: "string" },
  "route-types": { type: "string" },
  "leave-out-faulty": { type: "boolean" },
  "without-fares": { type: "boolean" },
  "dry-run": { type: "boolean" },
} as const;

export const importCommand: Command = {
  about: "take over a railway's timetable from a GTFS feed",
  help: importHelp,
  async run(args) {
    const { values, positionals } = readArgs(args, options, importHelp);
    const [kind, path] = positionals;
    const isDemo = kind === "demo" && positionals.length === 1;
    const isFeed = kind === "gtfs" && positionals.length === 2;
    const isRealtime = kind === "rt" && positionals.length === 2;
    if (!isDemo && !isFeed && !isRealtime) throw new UsageError(importHelp);
    const config = readConfig(process.env);
    await using opened = await openCommandStores(config);
    const { orders, timetable } = opened.stores;
    if (isDemo) {
      await takeOverDemo(timetable, config.demoSeed, orders.soldRuns);
      return 0;
    }
    if (isRealtime) {
      const clock = createSystemClock();
      const { stores } = opened;
      return await importRealtime(
        { place: path!, stores, clock, openTimetable: () => openTimetable({ config, clock }, stores) },
        console.log,
      );
    }
    const now = epochMs(Date.now());
    return await importGtfs(
      {
        path: path!,
        ...(values.rebase === undefined ? {} : { rebase: values.rebase }),
        ...(values.days === undefined ? {} : { days: values.days }),
        ...(values["rolling-stock"] === undefined ? {} : { rollingStock: values["rolling-stock"] }),
        ...(values.compositions === undefined ? {} : { compositions: values.compositions }),
        ...(values.fares === undefined ? {} : { fares: values.fares }),
        ...(values["route-types"] === undefined ? {} : { routeTypes: values["route-types"] }),
        leavesOutFaulty: values["leave-out-faulty"] ?? false,
        currency: await currencyOf(opened.stores.policies, config),
        saleWindowDays: (await readPolicies(opened.stores.policies, settingIn(config)(firstPolicy))).at(now).policy.sale
          .windowDays,
        leavesOutFares: values["without-fares"] ?? false,
        isTrial: values["dry-run"] ?? false,
        store: timetable,
        soldRuns: orders.soldRuns,
        now,
      },
      console.log,
    );
  },
};

/** Books stay in the currency that they were begun in; those of a platform that has not started yet begin in what the settings say. */
async function currencyOf(policies: PolicyStore, config: Config): Promise<Currency> {
  const [first] = await policies.all();
  return (first?.policy ?? settingIn(config)(firstPolicy)).currency;
}
