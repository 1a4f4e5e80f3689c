/** `chepiao queue`: an opening to which more will come than can be served at once. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseServiceDate, queuePerMinuteMax } from "@chepiao/kernel";
import { readConfig } from "../../config.ts";
import { type Command, readArgs, runIdOf, UsageError } from "../command.ts";
import { closeQueue, exempt, noteChance, openQueue, queueStatus, type Scope } from "./announce.ts";
import { fairnessLines, type QueueFairness, queueFairness } from "./fairness.ts";
import { dataName, fairnessFiles, pageName } from "./fairnessPage.ts";
import { openQueueStores } from "./stores.ts";

const help = `npm run chepiao -- queue open RUN|DATE --per-minute PEOPLE --inside PEOPLE [--at TIME] [--lasts MINUTES]
                              [--collect MINUTES] [--keep MINUTES] [--stay MINUTES] [--chance SOURCE]
                         chance RUN|DATE TEXT
                         exempt RUN|DATE [--lasts MINUTES]
                         status RUN|DATE
                         fairness RUN|DATE [--json | --out FOLDER]
                         close RUN|DATE

A queue before a run, or before all runs of an origin date: G1/2026-12-01, or 2026-12-01. Who comes before the opening is drawn by lot, one
lot a person; who comes later stands behind. Only who was let in may buy.

  open     announces it, and prints the hash by which everybody can check the draw afterwards: verify-draw
  chance   what came of the announced chance, once the root of the lots is published; they are drawn after that
  exempt   says that no queue of it is switched on by load, and that a queue of the day is none for that run
  status   how far it has come
  fairness how its run was sold, by the draw, the counter and the orders: numbers alone, so that you can publish them: --json, or --out for a page with its data file
  close    ends it, or an exemption; it ends by itself once nobody waits any more

  --per-minute PEOPLE  so many are let in a minute, 60,000 at most
  --inside PEOPLE      and no more than so many may be buying at a time
  --at TIME            "2026-11-17 08:00" at the railway; left out: when the sale opens, or now where it has opened
  --lasts MINUTES      from the opening, at the latest, or as long as the exemption lasts; left out: 120
  --collect MINUTES    lots are taken so long before it, and nobody buys without a pass; left out: as the policy says
  --keep MINUTES       who was called and does not come keeps the place for so long; left out: as the policy says
  --stay MINUTES       who was let in may buy for so long; left out: as the policy says
  --chance SOURCE      the draw needs a chance from there, which nobody at the railway can choose, such as "the winning numbers of lottery 123";
                       left out: the seed alone decides
  --out FOLDER         for fairness.html, in both languages, and fairness.json, whose hash the page shows

A platform may be running, and knows of it two seconds later. Opening and closing is on the audit trail.`;

const options = {
  "per-minute": { type: "string" },
  inside: { type: "string" },
  at: { type: "string" },
  lasts: { type: "string", default: "120" },
  collect: { type: "string" },
  keep: { type: "string" },
  stay: { type: "string" },
  chance: { type: "string" },
  json: { type: "boolean", default: false },
  out: { type: "string" },
} as const;

export const queueCommand: Command = {
  about: "an opening to which all come at once: announce its queue, end it, look",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [action, what, ...more] = positionals;
    if (what === undefined || more.length !== (action === "chance" ? 1 : 0)) throw new UsageError(help);
    const scope = scopeIn(what);
    const number = (name: Exclude<keyof typeof options, "json" | "out">, min: number, max: number) =>
      numberIn(name, values[name], min, max);
    const open = {
      scope,
      perMinute: number("per-minute", 1, queuePerMinuteMax),
      activeMax: number("inside", 1, 1_000_000),
      at: values.at ?? null,
      lastsMinutes: number("lasts", 1, 1_440)!,
      collectMinutes: number("collect", 0, 1_440),
      keepMinutes: number("keep", 1, 120),
      stayMinutes: number("stay", 1, 120),
      chanceFrom: values.chance === undefined ? null : chanceIn(values.chance),
    };
    const { perMinute, activeMax } = open;
    if (action === "open" && (perMinute === null || activeMax === null))
      throw new UsageError(`queue open takes --per-minute and --inside.\n\n${help}`);
    await using stores = await openQueueStores(readConfig(process.env));
    const say = (line: string) => console.log(line);
    if (action === "open") await openQueue(stores, { ...open, perMinute: perMinute!, activeMax: activeMax! }, say);
    else if (action === "chance") await noteChance(stores, scope, chanceIn(more[0]!), say);
    else if (action === "exempt") await exempt(stores, scope, open.lastsMinutes, say);
    else if (action === "status") await queueStatus(stores, scope, say);
    else if (action === "fairness") {
      const fair = await queueFairness(stores, scope);
      if (values.out !== undefined) publish(fair, resolve(values.out), say);
      else if (values.json) say(JSON.stringify(fair, null, 2));
      else for (const line of fairnessLines(fair)) say(line);
    } else if (action === "close") await closeQueue(stores, scope, say);
    else throw new UsageError(help);
    return 0;
  },
};

function publish(fair: QueueFairness, folder: string, say: (line: string) => void): void {
  const { data, page, sha256 } = fairnessFiles(fair);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, dataName), data);
  writeFileSync(join(folder, pageName), page);
  say(`${join(folder, pageName)} is for publishing, with ${dataName} beside it: SHA-256 ${sha256}`);
}

function scopeIn(text: string): Scope {
  if (text.includes("/")) return runIdOf(text);
  const date = parseServiceDate(text);
  if (date === null) throw new UsageError(`"${text}" is neither a run, such as G1/2026-12-01, nor a day.`);
  return date;
}

/** Whoever checks the draw types it. */
function chanceIn(text: string): string {
  if (!/^[!-~]([ -~]{0,198}[!-~])?$/.test(text))
    throw new UsageError("A chance is 1 to 200 letters, digits and signs of ASCII on one line, without blanks around.");
  return text;
}

function numberIn(name: string, text: string | undefined, min: number, max: number): number | null {
  if (text === undefined) return null;
  const number = /^\d{1,7}$/.test(text) ? Number(text) : NaN;
  if (!(number >= min && number <= max))
    throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, and is "${text}".`);
  return number;
}
