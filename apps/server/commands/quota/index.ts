/** `chepiao quota`: how many seats may be held between which stops, and from when on; tried before, set, shown and dropped while trains are sold. */
import { type SeatClass, seatClasses } from "@chepiao/contracts";
import { readConfig } from "../../config.ts";
import { type Command, readArgs, runIdOf, UsageError } from "../command.ts";
import { dropQuotas, importQuotas, showQuotas } from "./change.ts";
import { openQuotaStores } from "./stores.ts";
import { tryQuotas } from "./trial.ts";

const help = `npm run chepiao -- quota import FILE [--dry-run]
                         try FILE [--run RUN] [--recorded RUN] [--demand PERCENT] [--waiting PERCENT] [--seed NUMBER]
                         show RUN
                         drop RUN [--class CLASS] [--dry-run]

How many seats of a class may be held over the ways of a group of stations, and from when on. A file is CSV:

  train,date,class,from,to,when,seats
  G1,2026-12-01..2026-12-31,second,北京南,济南西|南京南,opening,20%
  G1,2026-12-01..2026-12-31,second,北京南,济南西|南京南,daily,+5%
  G1,2026-12-01..2026-12-31,second,北京南,济南西|南京南,departure-1d,all

  from, to   stations or cities, each by name or id, with | between; * is any stop
  when       opening, opening+3d, opening+12h, daily, departure-1d, departure-2h, or 2026-11-20 08:00
  seats      120, 20% of the class's; +15, +5% are so many more than before; all: open to everybody

  import     replaces the quotas of each train, date and class that the file names. Wrong files are refused whole, with their lines
  try        sells a train with and without the file's quotas, to the demand of another run (--recorded) or to a made-up one: --demand
             150 is one and a half times its seats, of those who are refused --waiting 30 in a hundred wait for seats
  show       what is set, what is held of it, and when it grows
  drop       takes away the quotas of a run, or of one class
  --dry-run  says what would change for runs on sale, and changes nothing

RUN is a train and its origin date: G1/2026-12-01. A platform may be running, and has taken over what was set a second later. Setting
and dropping is on the audit trail.`;

const options = {
  "dry-run": { type: "boolean", default: false },
  class: { type: "string" },
  run: { type: "string" },
  recorded: { type: "string" },
  demand: { type: "string", default: "150" },
  waiting: { type: "string", default: "30" },
  seed: { type: "string", default: "1" },
} as const;

export const quotaCommand: Command = {
  about: "how many seats may be sold between which stops: try, import, show, drop",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [action, what, ...more] = positionals;
    if (what === undefined || more.length > 0) throw new UsageError(help);
    const isTrial = values["dry-run"];
    const seatClass = classIn(values.class);
    const onRun = action === "show" || action === "drop" ? runIdOf(what) : null;
    const trial = {
      runId: values.run === undefined ? null : runIdOf(values.run),
      recorded: values.recorded === undefined ? null : runIdOf(values.recorded),
      demandPercent: numberIn("--demand", values.demand, 1_000),
      waitingPercent: numberIn("--waiting", values.waiting, 100),
      seed: numberIn("--seed", values.seed, 2 ** 32 - 1),
    };
    await using stores = await openQuotaStores(readConfig(process.env));
    const say = (line: string) => console.log(line);
    if (action === "import") await importQuotas(stores, { path: what, isTrial }, say);
    else if (action === "try") await tryQuotas(stores, { path: what, ...trial }, say);
    else if (action === "show") await showQuotas(stores, onRun!, say);
    else if (action === "drop") await dropQuotas(stores, { runId: onRun!, seatClass, isTrial }, say);
    else throw new UsageError(help);
    return 0;
  },
};

function classIn(text: string | undefined): SeatClass | null {
  if (text === undefined) return null;
  const seatClass = seatClasses.find((known) => known === text);
  if (!seatClass) throw new UsageError(`--class takes one of ${seatClasses.join(", ")}, and is "${text}".`);
  return seatClass;
}

function numberIn(name: string, text: string, max: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(number <= max)) throw new UsageError(`${name} takes a whole number up to ${max}, and is "${text}".`);
  return number;
}
