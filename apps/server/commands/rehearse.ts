/** `chepiao rehearse`: an opening that can be tried before it comes, with a crowd that is made up. */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type SeatClass, seatClasses } from "@chepiao/contracts";
import { queuePerMinuteMax, type ServiceDate } from "@chepiao/kernel";
import { readConfig } from "../config.ts";
import { crowdMax } from "../rehearsal/crowd.ts";
import { createClusterPlatform } from "../rehearsal/clusterPlatform.ts";
import { createOwnPlatform } from "../rehearsal/ownPlatform.ts";
import { type Fault, faultsMax, parseFaults } from "../rehearsal/faults.ts";
import { pageOf } from "../rehearsal/page.ts";
import { rehearse, type RehearsalWish } from "../rehearsal/rehearse.ts";
import type { Rehearsed } from "../rehearsal/report.ts";
import { assertSpace } from "../rehearsal/space.ts";
import { type Command, readArgs, runIdOf, UsageError } from "./command.ts";
import { table } from "./table.ts";

/** A place without a seat is sold after the seats alone. */
const seatedClasses = seatClasses.filter((each) => each !== "standing");

const help = `npm run chepiao -- rehearse [RUN] [options]

The opening of one run, such as G1/2026-12-01, with a crowd that is made up: people who queue, buy, pay and give up, and bots with many accounts
that try without waiting. Takes the timetable and the policy of the platform in DATA_DIR, or the demo network where there is none, starts a platform
of its own with them on this machine, and takes that away afterwards. Nothing is sold for real, and your own platform is only read.

  RUN              one that is on sale now; left out: the largest of tomorrow
  --people N       2000
  --bots N         as many accounts of bots as people
  --class CLASS    ${seatedClasses.join(", ")}; left out: the one with the most seats
  --collect S      seconds before the opening in which people come; left out: one for each 1,000 of the crowd, 10 at least
  --per-minute N   so many are called a minute (6000)
  --inside N       and no more than so many buy at a time (300)
  --per-document N accounts of bots that have one document (5, which is as many as may)
  --seed N         another crowd (1)
  --connections N  that the crowd shares (128)
  --haste N        people read and type so many times as fast as in life (1)
  --minutes N      it ends so long after the opening in any case (20)
  --engines        on the engines that the settings name (MYSQL_URL, REDIS_NODES, KAFKA_BROKERS …), under a name of its own there, each role in a process
                   on this machine; left out: embedded, on none of them
  --faults LIST    what goes wrong at which second after the opening: 20:kill,40:pause kills the platform and starts it again, and has it silent for 5 s;
                   with --engines a process of a role: 20:kill:order,40:pause:queue
  --out FOLDER     for rehearsal.json and rehearsal.html; left out: rehearsal

Exit code 1: a promise was not kept. Goals, such as the time of an answer, say ✗ and are the machine's, too.`;

const options = {
  people: { type: "string", default: "2000" },
  bots: { type: "string" },
  class: { type: "string" },
  collect: { type: "string" },
  "per-minute": { type: "string", default: "6000" },
  inside: { type: "string", default: "300" },
  "per-document": { type: "string", default: "5" },
  seed: { type: "string", default: "1" },
  connections: { type: "string", default: "128" },
  haste: { type: "string", default: "1" },
  minutes: { type: "string", default: "20" },
  out: { type: "string", default: "rehearsal" },
  engines: { type: "boolean", default: false },
  faults: { type: "string" },
} as const;
type Values = ReturnType<typeof readArgs<typeof options>>["values"];

export const rehearseCommand: Command = {
  about: "try an opening before it comes, with people and bots that are made up",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    if (positionals.length > 1) throw new UsageError(help);
    const wish = wishOf(values, positionals[0]);
    const say = (line: string) => console.log(`  ${line}`);
    assertSpace(wish.people + wish.bots, tmpdir());
    const config = readConfig(process.env);
    await using platform = values.engines ? await createClusterPlatform(config, say) : await createOwnPlatform(config);
    await using ground = await platform.openGround();
    const came = await rehearse({ ground, wish, start: () => platform.start(), say });
    const folder = resolve(values.out);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "rehearsal.json"), `${JSON.stringify(came, null, 2)}\n`);
    writeFileSync(join(folder, "rehearsal.html"), pageOf(came));
    console.log(
      [
        "",
        ...summaryOf(came),
        "",
        `  ${join(folder, "rehearsal.html")} has all of it, rehearsal.json beside it for programs.`,
      ].join("\n"),
    );
    return came.promises.some(({ kind, kept }) => kind === "promise" && kept === false) ? 1 : 0;
  },
};

function wishOf(values: Values, run: string | undefined): RehearsalWish {
  const people = numberIn(values, "people", 0, crowdMax);
  const bots = values.bots === undefined ? people : numberIn(values, "bots", 0, crowdMax);
  const size = people + bots;
  if (size === 0 || size > crowdMax) throw new UsageError(`A crowd is of 1 to ${crowdMax} people and bots.`);
  const engines = values.engines ? "cluster" : "embedded";
  const [trainNumber, originDate] = run === undefined ? [] : runIdOf(run).split("/");
  return {
    people,
    bots,
    run: run === undefined ? null : { trainNumber: trainNumber!, originDate: originDate as ServiceDate },
    seatClass: classIn(values.class),
    collectSeconds:
      values.collect === undefined ? Math.max(10, Math.ceil(size / 1_000)) : numberIn(values, "collect", 4, 3_600),
    perMinute: numberIn(values, "per-minute", 1, queuePerMinuteMax),
    inside: numberIn(values, "inside", 1, 1_000_000),
    accountsPerBotDocument: numberIn(values, "per-document", 1, 5),
    seed: numberIn(values, "seed", 0, 2 ** 31),
    connections: numberIn(values, "connections", 1, 2_000),
    haste: numberIn(values, "haste", 1, 20),
    minutesMax: numberIn(values, "minutes", 1, 120),
    engines,
    faults: faultsIn(values.faults, engines),
  };
}

type NumberOption = Exclude<keyof typeof options, "class" | "engines" | "faults" | "out">;

function numberIn(values: Values, name: NumberOption, min: number, max: number): number {
  const text = values[name] ?? "";
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(number >= min && number <= max))
    throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, and is "${text}".`);
  return number;
}

function classIn(text: string | undefined): SeatClass | null {
  if (text === undefined) return null;
  const seatClass = seatedClasses.find((each) => each === text);
  if (!seatClass) throw new UsageError(`--class takes one of ${seatedClasses.join(", ")}.`);
  return seatClass;
}

function faultsIn(text: string | undefined, engines: RehearsalWish["engines"]): readonly Fault[] {
  const faults = text === undefined ? [] : parseFaults(text, engines);
  if (faults === null)
    throw new UsageError(
      `--faults takes up to ${faultsMax} such as ${engines === "embedded" ? "20:kill,40:pause" : "20:kill:order,40:pause:queue"}, and is "${text}".`,
    );
  return faults;
}

const marks = { true: "✓", false: "✗", null: "–" } as const;

function summaryOf({ run, stock, soldOutAfter, people, bots, fairness, promises }: Rehearsed): readonly string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `  ${run}: ${stock} seats, ${soldOutAfter === null ? "not sold out" : `sold out ${soldOutAfter} s after the opening`}`,
    ...table([
      ["", "accounts", "documents", "lots", "seats"],
      ["people", ...[people.accounts, people.persons, people.lots, people.seats].map(String)],
      ["bots", ...[bots.accounts, bots.persons, bots.lots, bots.seats].map(String)],
      [
        "share of bots",
        ...[fairness.botShare.accounts, fairness.botShare.persons, fairness.botShare.lots, fairness.botShare.seats].map(
          percent,
        ),
      ],
    ]).map((line) => `  ${line}`),
    "",
    ...promises.map(({ kind, name, kept, figure }) => `  ${marks[`${kept}`]} ${kind}: ${name}: ${figure}`),
  ];
}
