/** `chepiao waitlist`: how long the lines of runs are, whether it takes entries, and whom one more coach would serve. */
import type { Stores } from "@chepiao/adapters/sql";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import { lengthsOf, oneMoreCoach } from "@chepiao/services/waitlist";
import { type Config, readConfig } from "../config.ts";
import { openTimetable } from "../wiring/timetable.ts";
import { type Command, CommandFailed, readArgs, runIdOf, UsageError } from "./command.ts";
import { readFolder } from "./folder.ts";
import { operatorActs, type OperatorTrail } from "./operator.ts";
import { openCommandStores } from "./stores.ts";
import { table } from "./table.ts";

const help = `npm run chepiao -- waitlist length          how many entries wait for each run, the longest line first
npm run chepiao -- waitlist length RUN      who waits for the run, by way and class
npm run chepiao -- waitlist what-if RUN     whom one more coach of each kind would serve
npm run chepiao -- waitlist stop RUN        takes no further entries for it; those that wait go on
npm run chepiao -- waitlist reopen RUN      takes entries again

RUN is a train and its origin date: G1/2026-12-01. May be asked beside a running platform. Stopping and reopening is on the
audit trail.`;

const actions = ["length", "what-if", "stop", "reopen"] as const;
type Action = (typeof actions)[number];

export const waitlistCommand: Command = {
  about: "the lines of runs: their length, whether it takes entries, whom one more coach would serve",
  help,
  async run(args) {
    const { positionals } = readArgs(args, {}, help);
    const [said, run, ...more] = positionals;
    const action = actions.find((known) => known === said);
    if (!action || (run === undefined && action !== "length") || more.length > 0) throw new UsageError(help);
    const runId = run === undefined ? null : runIdOf(run);
    await using opened = await openStores(readConfig(process.env));
    console.log(runId === null ? await lengthsText(opened) : await answer(opened, action, runId));
    return 0;
  },
};

export type WaitlistStores = Pick<Stores, "policies" | "runStates" | "timetable" | "waitlist" | "withdrawnCoaches"> & {
  readonly auditTrail: OperatorTrail;
  readonly config: Config;
};

/** What is printed of a run. */
export async function answer(stores: WaitlistStores, action: Action, runId: RunId): Promise<string> {
  if (action === "length") return lengthText(stores, runId);
  if (action === "what-if") return whatIfText(stores, runId);
  return stop(stores, runId, action === "stop");
}

async function lengthsText({ waitlist }: WaitlistStores): Promise<string> {
  const waiting = await waitlist.waitedFor();
  if (waiting.size === 0) return "Nobody waits.";
  const stopped = await waitlist.stopped([...waiting.keys()]);
  const rows = [...waiting]
    .sort(([, one], [, other]) => other - one)
    .map(([runId, entries]) => [runId, String(entries), stopped.has(runId) ? "no" : "yes"]);
  return table([["run", "entries", "takes entries"], ...rows]).join("\n");
}

async function lengthText({ waitlist }: WaitlistStores, runId: RunId): Promise<string> {
  const lengths = lengthsOf(runId, await waitlist.ofRun(runId));
  const isStopped = (await waitlist.stopped([runId])).has(runId);
  const takes = isStopped ? "It takes no further entries." : "It takes entries.";
  if (lengths.length === 0) return `Nobody waits for ${runId}. ${takes}`;
  const rows = lengths.map((each) => [
    `${each.from}–${each.to}`,
    each.seatClasses.join(" or "),
    String(each.entries),
    String(each.passengers),
  ]);
  return [...table([["way", "class", "entries", "passengers"], ...rows]), "", takes].join("\n");
}

async function whatIfText(stores: WaitlistStores, runId: RunId): Promise<string> {
  const { timetable } = await openTimetable({ config: stores.config, clock: createSystemClock() }, stores);
  const run = timetable.run(...trainAndDateOf(runId));
  if (!run) throw new CommandFailed(`The timetable does not know ${runId}.`);
  const waiting = await stores.waitlist.ofRun(runId);
  const rows = oneMoreCoach(run.train.composition, runId, waiting).map((each) => [
    `like coach ${each.coachNo}`,
    each.seats.map(({ seatClass, count }) => `${count} ${seatClass}`).join(", "),
    `${each.entries} of ${waiting.length}`,
    String(each.passengers),
  ]);
  return table([["one more coach", "seats", "entries served", "passengers"], ...rows]).join("\n");
}

async function stop({ waitlist, auditTrail }: WaitlistStores, runId: RunId, isStopped: boolean): Promise<string> {
  const what = isStopped ? "stop the waitlist" : "reopen the waitlist";
  await operatorActs(auditTrail, { action: "changeWaitlist", subject: `run ${runId}`, what }, () =>
    waitlist.setStopped(runId, isStopped, createSystemClock().now()),
  );
  return isStopped
    ? `${runId} takes no further entries in its waitlist.`
    : `${runId} takes entries in its waitlist again.`;
}

/** A folder's database beside the platform that runs on it: rows of their own, in transactions of their own. */
async function openStores(config: Config): Promise<WaitlistStores & AsyncDisposable> {
  if (config.engines === "embedded") {
    const files = readFolder(config);
    const database = await openSqlite(files.database);
    return {
      ...createStores(database),
      config,
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  }
  const opened = await openCommandStores(config);
  return {
    ...opened.stores,
    config,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
