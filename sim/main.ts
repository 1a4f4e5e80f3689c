/**
 * `npm run sim`: the whole platform in one seeded world, with everything that can go wrong going wrong. docs/operations/simulation.md
 * says how to read it. Nothing of the platform is loaded before it is known whether a bug is to be planted in it.
 */
import { parseArgs } from "node:util";
import { plant } from "./planted.ts";
import { plantedBugs } from "./plantedBugs.ts";
import { provePlanted } from "./prove.ts";

const help = `npm run sim -- [--seed N | --seeds A..B | --night MINUTES] [--steps M] …

One seed is one history: rounds of people who buy while things go wrong, each followed by a quiet moment and an audit of I1 to I8.
Ends with "seed N: M steps, hash H, V violations"; exit code 1 where V > 0.

  --seed N            that history; 1 where nothing is said
  --seeds A..B        several
  --night MINUTES     one after the other for so long; a kind of fault that never fired makes it red
  --steps M           how long each is: 30000 where nothing is said. A short one is as long as its quiet moments need
  --twice             tells each a second time and compares the hashes
  --story ORDER       the life of one order in the history of --seed
  --world KIND        cluster or embedded: of every seed, instead of what it chooses
  --rounds R          no more rounds than that
  --only IDS          of all people and faults only those, by commas: what a failure prints
  --shrink SECONDS    how long to look for a smaller failure: 60 where nothing is said, 0 for not at all
  --planted NAME      with that bug in the platform; without --seed, one seed after the other until it is found
  --planted all       each of them in turn, and a table; exit code 1 where one is not found
  --list-planted      their names`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    night: { type: "string" },
    steps: { type: "string", default: "30000" },
    twice: { type: "boolean", default: false },
    story: { type: "string" },
    rounds: { type: "string" },
    only: { type: "string" },
    world: { type: "string" },
    shrink: { type: "string", default: "60" },
    planted: { type: "string" },
    "list-planted": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const say = (line: string) => console.log(line);

function fail(why: string): never {
  console.error(`${why}\n\n${help}`);
  process.exit(2);
}

function wholeNumber(text: string, name: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 0 && text.trim() !== ""
    ? number
    : fail(`--${name} takes a number, not "${text}"`);
}

function seedsAsked(): { readonly first: number; readonly last: number } {
  if (values.seeds !== undefined) {
    const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(values.seeds) ?? fail(`--seeds takes A..B, not "${values.seeds}"`);
    return { first: Number(first), last: Number(last) };
  }
  const first = wholeNumber(values.seed ?? "1", "seed");
  return { first, last: first };
}

async function main(): Promise<number> {
  if (values.help) {
    say(help);
    return 0;
  }
  if (values["list-planted"]) {
    for (const { name, about } of plantedBugs) say(`${name.padEnd(36)} ${about}`);
    return 0;
  }
  if (values.planted === "all") return (await provePlanted(plantedBugs, values.steps, say)) ? 0 : 1;

  const bug = values.planted === undefined ? null : plantedBugs.find(({ name }) => name === values.planted);
  if (bug === undefined) fail(`there is no bug "${values.planted}" to be planted; --list-planted names them`);
  const assertLoaded = bug ? await plant(bug) : () => {};
  const untilFound = bug !== null && values.seed === undefined && values.seeds === undefined;
  const { first, last } = untilFound ? { first: 1, last: Number.MAX_SAFE_INTEGER } : seedsAsked();
  const steps = wholeNumber(values.steps, "steps");
  const rounds = values.rounds === undefined ? undefined : wholeNumber(values.rounds, "rounds");
  const only = values.only === undefined ? undefined : new Set(values.only.split(",").filter(Boolean));
  const kind = values.world;
  if (kind !== undefined && kind !== "cluster" && kind !== "embedded")
    fail(`--world takes cluster or embedded, not "${kind}"`);
  const nightMinutes = values.night === undefined ? null : wholeNumber(values.night, "night");

  if (values.story !== undefined) {
    const { storyOf } = await import("./story.ts");
    const story = storyOf({ seed: first, steps, rounds, only, kind }, values.story);
    for (const line of story) say(line);
    if (story.length === 0) say(`nothing is said of ${values.story} in the history of seed ${first}`);
    return 0;
  }
  const { runSession } = await import("./session.ts");
  const shrinkSeconds = wholeNumber(values.shrink, "shrink");
  const isWell = runSession(
    {
      first,
      last,
      steps,
      twice: values.twice,
      rounds,
      only,
      kind,
      nightMinutes,
      untilFound,
      planted: bug?.name ?? null,
      shrinkSeconds,
    },
    say,
  );
  assertLoaded();
  return isWell ? 0 : 1;
}

process.exit(await main());
