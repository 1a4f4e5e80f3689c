/** `chepiao retention`: erases now who travelled long ago, as the platform does by itself once a day, or says how much that would be. */
import { createSystemClock } from "@chepiao/adapters/system";
import { dayMs } from "@chepiao/kernel";
import { createRetention, travellersKeptMs } from "@chepiao/services/order";
import { type Config, readConfig, settingIn } from "../config.ts";
import { bringInLine } from "../wiring/orderSearchFile.ts";
import { type Command, readArgs, UsageError } from "./command.ts";
import { readFolder } from "./folder.ts";
import { operatorActs } from "./operator.ts";
import { type CommandStores, openCommandStores } from "./stores.ts";

const help = `npm run chepiao -- retention [--dry-run]

Erases names and documents of travellers from orders whose trip ended more than TRAVELLERS_KEPT_DAYS ago and that are over;
trips, seats and amounts stay. The platform does this by itself once a day: this does it at once, after the setting was made
shorter. It may be done as often as one likes, and is on the audit trail.

  --dry-run   say of how many orders, and change nothing

A platform on a data folder must not be running; on a cluster it may.`;

export const retentionCommand: Command = {
  about: "erase now who travelled long ago",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, { "dry-run": { type: "boolean", default: false } }, help);
    if (positionals.length > 0) throw new UsageError(help);
    const config = readConfig(process.env);
    const isEmbedded = config.engines === "embedded";
    // Before it is opened, which would make one.
    const files = isEmbedded ? readFolder(config) : null;
    await using opened = await openCommandStores(config);
    const afterErasing = files ? { afterErasing: () => bringInLine(files) } : {};
    console.log(await erase(config, opened, { dryRun: values["dry-run"], ...afterErasing }));
    return 0;
  },
};

type Erasing = { readonly dryRun: boolean; readonly afterErasing?: () => Promise<void> };

/** What is printed. */
export async function erase(
  config: Config,
  { stores }: Pick<CommandStores, "stores">,
  { dryRun, ...after }: Erasing,
): Promise<string> {
  const keptMs = settingIn(config)(travellersKeptMs);
  const clock = createSystemClock();
  const retention = createRetention({ clock, store: stores.orders, travellersKeptMs: keptMs, ...after });
  const days = `${keptMs / dayMs} days`;
  if (dryRun) return `Orders that name travellers longer than ${days} after the trip: ${await retention.due()}.`;
  const note = { action: "eraseTravellers", what: `from orders, ${days} after the trip` } as const;
  const count = await operatorActs(stores.auditTrail, note, retention.pass, (erased) => `${erased} orders`);
  return `Travellers were erased from ${count} orders, ${days} after the trip.`;
}
