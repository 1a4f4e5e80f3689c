/**
 * Takes a railway's GTFS feed over. Everything that can be wrong with the call or the feed is told as a sentence; a feed with
 * errors changes nothing.
 */
import {
  ArchiveRefused,
  createProblems,
  type Feed,
  type FeedError,
  type FeedWarning,
  readCompositions,
  readFares,
  readFeed,
  readRollingStock,
} from "@chepiao/adapters/gtfs";
import type { Composition, RunId } from "@chepiao/contracts";
import { dateIn, type EpochMs, parseServiceDate, type ZoneName } from "@chepiao/kernel";
import {
  type Conflict,
  type ConflictReason,
  daysOf,
  type Replaced,
  type TimetableStore,
} from "@chepiao/ports/timetable-store";
import { builtInCompositions, defaultComposition } from "@chepiao/services/ticket";
import { demoStations } from "../data/demo/stations.ts";

export type ImportOptions = {
  /** The feed's zip. */
  readonly path: string;
  /** As typed: `YYYY-MM-DD`, and a whole number. */
  readonly rebase?: string;
  readonly days?: string;
  readonly rollingStock?: string;
  readonly compositions?: string;
  readonly fares?: string;
  readonly store: TimetableStore;
  readonly soldRuns: () => Promise<ReadonlySet<RunId>>;
  readonly now: EpochMs;
};

/** 0 imported, 1 the feed (or a file beside it) has errors and nothing was changed, 2 called wrongly. */
export type ImportExit = 0 | 1 | 2;

export const importHelp = `npm run chepiao -- import gtfs FEED.zip [--rebase DATE] [--days N]
npm run chepiao -- import demo

Takes over a GTFS static feed as the timetable, all or nothing, or the network made up for demonstrations. Runs with sold seats that the feed drops or changes stay as they
were sold, and are listed.

  --rebase YYYY-MM-DD      move the feed's calendar by whole weeks, so that its first week of service takes in this date
  --days N                 N days of trains from --rebase, else from today; a shorter feed repeats its last week
  --rolling-stock FILE     CSV: train_number,composition (G1,CR400AF-16; or G*,CRH380)
  --compositions FILE      JSON: [{ "code": "…", "coaches": [{ "no": 1, "sections": [{ "seatClass": "second", "rows": 18 }] }] }]
  --fares FILE             CSV: train_number,seat_class,from_stop_id,to_stop_id,fare_yuan,percent

Without a rolling-stock file trains are made up by the letter of their number (G, D, C, Z, T, K), else by the route's type.
Without distances in the feed, rails count as 1.2 times the straight line between stations.`;

const linesShown = 20;
const daysAskedMax = 730;

export async function importGtfs(options: ImportOptions, print: (line: string) => void): Promise<ImportExit> {
  const rebase = options.rebase === undefined ? undefined : parseServiceDate(options.rebase);
  if (rebase === null) return refusedCall(print, `--rebase takes a day, YYYY-MM-DD, not "${options.rebase}".`);
  const days = options.days === undefined ? undefined : Number(options.days);
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= daysAskedMax))
    return refusedCall(print, `--days takes a whole number from 1 to ${daysAskedMax}, not "${options.days}".`);

  const beside = createProblems();
  const compositions = mergedCompositions(
    options.compositions ? await readCompositions(options.compositions, beside) : [],
  );
  const stock = options.rollingStock
    ? await readRollingStock(options.rollingStock, new Set(compositions.keys()), beside)
    : () => null;
  const fareOverrides = options.fares ? await readFares(options.fares, beside) : [];
  if (beside.errors.length > 0) return refusedFeed(print, beside.errors);

  const today = dateIn("UTC" as ZoneName, options.now);
  print(`Reading ${options.path}`);
  try {
    const feed = await readFeed({
      path: options.path,
      today,
      ...(rebase ? { rebase } : {}),
      ...(days ? { days } : {}),
      compositionOf: (trainNumber, trainType) => stock(trainNumber) ?? defaultComposition[trainType],
      knownCity: (stationName) => cityByStation.get(stationName) ?? null,
      isCity: (name) => cities.has(name),
      progress: (message) => print(`  ${message}`),
    });
    if (!feed.ok) return refusedFeed(print, feed.error.errors);
    const unknown = fareOverrides.filter(
      ({ trainNumber }) => !feed.value.trains.some((train) => train.trainNumber === trainNumber),
    );
    const { feedName, zone, stations, trains } = feed.value;
    const replaced = await options.store.replace(
      { feedName, zone, stations, trains, compositions: [...compositions.values()], fareOverrides },
      { soldRuns: options.soldRuns, progress: progressPrinter(print) },
    );
    const strangers =
      unknown.length > 0
        ? [
            {
              kind: "fares of trains that are not in the feed",
              count: unknown.length,
              example: unknown[0]!.trainNumber,
            },
          ]
        : [];
    printSummary(print, feed.value, replaced, [...feed.value.warnings, ...strangers]);
    return 0;
  } catch (error) {
    if (error instanceof ArchiveRefused) return refusedCall(print, error.message);
    throw error;
  }
}

/** A composition of the operator's replaces the built-in one of its code. */
const mergedCompositions = (own: readonly Composition[]): ReadonlyMap<string, Composition> =>
  new Map([...builtInCompositions, ...own].map((composition) => [composition.code, composition]));

/** GTFS has no cities; the demonstration network knows those of the larger Chinese stations. */
const cityByStation = new Map(demoStations.map((station) => [station.name, station.city]));
const cities = new Set(cityByStation.values());

function progressPrinter(print: (line: string) => void): (share: number) => void {
  let quarters = 0;
  return (share) => {
    if (Math.floor(share * 4) <= quarters) return;
    quarters = Math.floor(share * 4);
    print(`  writing: ${quarters * 25} %`);
  };
}

function printSummary(
  print: (line: string) => void,
  feed: Feed,
  replaced: Replaced,
  warnings: readonly FeedWarning[],
): void {
  const daysOfService = new Map(feed.trains.map(({ days }) => [days, 0]));
  for (const days of daysOfService.keys()) daysOfService.set(days, daysOf(days).length);
  const runs = feed.trains.reduce((sum, { days }) => sum + daysOfService.get(days)!, 0);
  print(`Imported "${feed.feedName}" as timetable version ${replaced.version}.`);
  print(
    `  ${counted(feed.stations.length, "station")}, ${counted(feed.trains.length, "train")}, ${counted(runs, "run")}`,
  );
  print(`  from ${feed.first} to ${feed.last}, times of ${feed.zone}`);
  const total = warnings.reduce((sum, { count }) => sum + count, 0);
  print(total === 0 ? "  no warnings" : `  ${counted(total, "warning")}:`);
  for (const { kind, count, example } of warnings) print(`    ${count} × ${kind} (${example})`);
  if (replaced.conflicts.length > 0) printConflicts(print, replaced.conflicts);
}

const reasonTexts: Record<ConflictReason, string> = {
  dropped: "is not in the feed",
  zoneChanged: "has another time zone in the feed",
  stopsChanged: "calls at other stations in the feed",
  timesChanged: "has other times in the feed",
  compositionChanged: "has other seats in the feed",
};

function printConflicts(print: (line: string) => void, conflicts: readonly Conflict[]): void {
  print(`  ${counted(conflicts.length, "sold run")} could not follow the feed and stay as they were sold:`);
  for (const { runId, reason } of conflicts.slice(0, linesShown)) print(`    ${runId} ${reasonTexts[reason]}`);
  printRest(print, conflicts.length);
}

function refusedFeed(print: (line: string) => void, errors: readonly FeedError[]): ImportExit {
  print(`Nothing was imported: ${counted(errors.length, "error")}.`);
  for (const { file, line, message } of errors.slice(0, linesShown))
    print(`  ${file}${line === null ? "" : `:${line}`}: ${message}`);
  printRest(print, errors.length);
  return 1;
}

function refusedCall(print: (line: string) => void, message: string): ImportExit {
  print(message);
  return 2;
}

const printRest = (print: (line: string) => void, count: number) => {
  if (count > linesShown) print(`    … and ${count - linesShown} more`);
};
const counted = (count: number, thing: string) => `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
