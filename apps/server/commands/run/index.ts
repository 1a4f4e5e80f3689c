/** `chepiao run`: where a train does not run on a day it is taken off sale, and everybody who has a ticket for that gets the money back. */
import { type RunId, runId, trainAndDateOf } from "@chepiao/contracts";
import { addDays, hourMs, parseServiceDate, type ServiceDate } from "@chepiao/kernel";
import { confirmAbove, type RefitAsked, type Stretch } from "@chepiao/services/operations";
import { readConfig } from "../../config.ts";
import { type Command, CommandFailed, readArgs, UsageError } from "../command.ts";
import { cancelRun, restoreRun, runStatus } from "./cancel.ts";
import { exchangeRun } from "./exchange.ts";
import { tryRefit } from "./refit.ts";
import { stopsBeyond } from "./shorten.ts";
import { openRunStores, type RunStores } from "./stores.ts";
import { loseCoachOn } from "./lose.ts";
import { reinstateCoach, withdrawCoach } from "./withdraw.ts";

const chooseHoursMax = 72;
const loseDaysMax = 31;

const help = `npm run chepiao -- run cancel TRAIN DATE [--reason TEXT] [--dry-run] [--confirm TICKETS] [--choose HOURS]
                       shorten TRAIN DATE --from STATION --to STATION [the same]
                       status TRAIN DATE [--orders]
                       restore TRAIN DATE
                       try TRAIN DATE --without-coach NO | --composition CODE
                       withdraw TRAIN DATE --coach NO[,NO|-NO] [--reason TEXT] [--dry-run]
                       lose-coach TRAIN DATE[..DATE] --coach NO[,NO|-NO] [the same] [--confirm N]
                       reinstate TRAIN DATE --coach NO[,NO|-NO] [the same]
                       exchange TRAIN DATE COMPOSITION [the same] [--confirm N]

A train that does not run on a day, or not all the way. DATE is that of its first departure: G1 2026-12-01.

  cancel   takes it off sale, through every channel; a few seconds later a platform that runs gives all money back: every ticket
           of that run without a fee, nothing of an order's other trains. Orders that wait for their money end, and so does waiting for it
  shorten  the same for whatever begins before the one station or ends behind the other: the train runs between them alone, and
           tickets for that stay as they are. Shortened once more it is by less, and restored to more
  status   what was given back, what is left, and which orders could not be done, and why
  restore  takes it back, unless money has gone back already
  try      where those would sit who have seats, if the train ran without that coach or in the composition of another train of the
           day: each move, and who finds no seat. Changes nothing
  withdraw takes a coach off sale, as before the train loses it: none of its seats is sold or given to who waits, and none that is given
           back; who has one keeps it
  lose-coach  takes it off sale, and gives who has a seat there another of the train: in his class or a better one, without paying. Who
           finds none changes or gives back without a fee. Of several, 9-16 or 5,7, said at once, nobody is moved into another. From one
           date to another, ${loseDaysMax} days at most, it is said of each on which the train runs
  reinstate puts it back on sale, and moves nobody any more
  exchange has it run in another composition, that of another train of the day, or one that it was before. Who has a place that both have
           keeps it; who has not is given another, as of a lost coach, and meanwhile nobody else is sold a seat of it. Exchanged back, it is undone

  --from, --to        stations or cities, by name or id
  --reason TEXT       is on the audit trail, with who did it
  --dry-run           says how many tickets, passengers, orders, how much money, and how many who wait; changes nothing
  --choose HOURS      money goes back by itself only after so many hours, ${chooseHoursMax} at most: until then who has a ticket takes another train
                      instead, without a fee, or gives it back himself. Left out where a word grows, what is left of the hours stands
  --orders            a row for each order: what of it went back, or which order it has become
  --confirm TICKETS   for more than ${confirmAbove} tickets: up to how many, as the dry run has said

A platform may be running; one that is not goes on with it when it is started.`;

const options = {
  reason: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  confirm: { type: "string" },
  choose: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  "without-coach": { type: "string" },
  composition: { type: "string" },
  coach: { type: "string" },
  orders: { type: "boolean", default: false },
} as const;

export const runCommand: Command = {
  about: "a train that does not run on a day, not all the way, without a coach or as another: off sale, and money back",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [action, train, date, exchangedFor, ...more] = positionals;
    if (train === undefined || date === undefined || more.length > 0) throw new UsageError(help);
    if ((exchangedFor !== undefined) !== (action === "exchange")) throw new UsageError(help);
    const { run, until } = runsIn(action, train, date);
    const confirmed = ticketsIn(values.confirm);
    const chooseMs = values.choose === undefined ? undefined : hoursIn(values.choose) * hourMs;
    const stretch = stretchIn(action, values);
    const refit = refitIn(action, values);
    const coachNos = coachesIn(action, values.coach);
    await using stores = await openRunStores(readConfig(process.env));
    const say = (line: string) => console.log(line);
    const wish = { run, reason: values.reason ?? "", isTrial: values["dry-run"], confirmed, chooseMs };
    if (action === "cancel") await cancelRun(stores, wish, say);
    else if (stretch) await cancelRun(stores, { ...wish, skipped: stopsBeyond(stores, run, stretch) }, say);
    else if (refit) await tryRefit(stores, run, refit, say);
    else if (action === "withdraw") await withdrawCoach(stores, { ...wish, coachNos }, say);
    else if (action === "lose-coach") await loseCoachOn(stores, daysOf(stores, run, until), { ...wish, coachNos }, say);
    else if (exchangedFor !== undefined) await exchangeRun(stores, { ...wish, composition: exchangedFor }, say);
    else if (action === "reinstate") await reinstateCoach(stores, { ...wish, coachNos }, say);
    else if (action === "status") await runStatus(stores, run, say, values.orders);
    else if (action === "restore") await restoreRun(stores, run, say);
    else throw new UsageError(help);
    return 0;
  },
};

/** Of `lose-coach` alone two dates may be said, the first and the last. */
function runsIn(action: string | undefined, train: string, dates: string): { run: RunId; until: ServiceDate | null } {
  const [, first, last] = /^(.+)\.\.(.+)$/.exec(dates) ?? [];
  if (first === undefined || last === undefined || action !== "lose-coach")
    return { run: runOf(train, dates), until: null };
  const [run, until] = [runOf(train, first), trainAndDateOf(runOf(train, last))[1]];
  const [, from] = trainAndDateOf(run);
  if (until < from || until >= addDays(from, loseDaysMax))
    throw new UsageError(`"${dates}" are not one day to ${loseDaysMax}, from the first to the last.`);
  return { run, until };
}

/** Those on which the timetable has the train. */
function daysOf({ timetable }: Pick<RunStores, "timetable">, first: RunId, until: ServiceDate | null): RunId[] {
  if (until === null) return [first];
  const [train, from] = trainAndDateOf(first);
  const runs: RunId[] = [];
  for (let date = from; date <= until; date = addDays(date, 1))
    if (timetable.run(train, date)) runs.push(runId(train, date));
  if (runs.length === 0) throw new CommandFailed(`The timetable has ${train} on no day from ${from} to ${until}.`);
  return runs;
}

function runOf(train: string, date: string): RunId {
  const day = parseServiceDate(date);
  if (train === "" || train.includes("/") || day === null)
    throw new UsageError(
      `"${train} ${date}" is no run: a train and the day of its first departure, such as G1 2026-12-01.`,
    );
  return runId(train, day);
}

/** Of nothing else: who means to shorten a train must not cancel it by a slip. */
function stretchIn(action: string | undefined, { from, to }: Partial<Stretch>): Stretch | null {
  const isShortened = action === "shorten";
  if (isShortened ? !from || !to : from !== undefined || to !== undefined)
    throw new UsageError(
      "shorten takes --from STATION and --to STATION, between which the train runs; nothing else does.",
    );
  return isShortened ? { from: from!, to: to! } : null;
}

type RefitValues = { readonly "without-coach"?: string | undefined; readonly composition?: string | undefined };

function refitIn(action: string | undefined, values: RefitValues): RefitAsked | null {
  const { "without-coach": coach, composition } = values;
  const given = [coach, composition].filter((each) => each !== undefined).length;
  if (given !== (action === "try" ? 1 : 0))
    throw new UsageError("try takes either --without-coach NO or --composition CODE; nothing else does.");
  if (composition !== undefined) return { composition };
  if (coach === undefined) return null;
  if (!/^\d{1,3}$/.test(coach)) throw new UsageError(`--without-coach takes the number of a coach, and is "${coach}".`);
  return { withoutCoach: Number(coach) };
}

const ofCoach: ReadonlySet<string> = new Set(["withdraw", "lose-coach", "reinstate"]);

const coachesMax = 40;

/** Of nothing else: `5`, `5,7` or `9-16`; none where none is meant. */
function coachesIn(action: string | undefined, coach: string | undefined): readonly number[] {
  if ((coach !== undefined) !== ofCoach.has(action ?? ""))
    throw new UsageError("withdraw, lose-coach and reinstate take --coach NO; nothing else does.");
  const nos = coach?.split(",").map((part): readonly number[] => {
    const [, first, last = first] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part) ?? [];
    const length = first === undefined ? 0 : Number(last) - Number(first) + 1;
    if (length < 1 || length > coachesMax)
      throw new UsageError(`--coach takes numbers of coaches, such as 5 or 5,7 or 9-16, and is "${coach}".`);
    return Array.from({ length }, (_, n) => Number(first) + n);
  });
  return [...new Set(nos?.flat())].toSorted((a, b) => a - b);
}

function hoursIn(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > chooseHoursMax)
    throw new UsageError(`--choose takes hours, ${chooseHoursMax} at most, and is "${text}".`);
  return Number(text);
}

function ticketsIn(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`--confirm takes a number of tickets, and is "${text}".`);
  return Number(text);
}
