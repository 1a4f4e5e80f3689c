/**
 * Takes a railway's GTFS feed over. Everything that can be wrong with the call or the feed is told as a sentence; a feed with
 * errors changes nothing.
 */
import {
  ArchiveRefused,
  createProblems,
  type Feed,
  type FeedError,
  type Fares,
  type Problems,
  readCompositions,
  readFares,
  readFeed,
  readRollingStock,
  ReadingEnded,
  type RollingStock,
} from "@chepiao/adapters/gtfs";
import { type Composition, type Currency, type RunId, seatsOf } from "@chepiao/contracts";
import { addDays, dateIn, type EpochMs, parseServiceDate, type ZoneName } from "@chepiao/kernel";
import {
  type Conflict,
  type ConflictReason,
  daysOf,
  type Replaced,
  type TimetableStore,
  type TrainPlan,
} from "@chepiao/ports/timetable-store";
import { builtInCompositions, defaultComposition } from "@chepiao/services/timetable";
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
  /** As typed: kinds of route by commas. */
  readonly routeTypes?: string;
  readonly leavesOutFaulty?: boolean;
  readonly leavesOutFares?: boolean;
  /** The platform's, as its policy has it. */
  readonly currency?: Currency;
  /** As the platform's policy has it: who waits for added trains has theirs before anybody else may buy them. Without it none is added. */
  readonly saleWindowDays?: number;
  /** Says what would come of it, and changes nothing. */
  readonly isTrial?: boolean;
  readonly store: TimetableStore;
  readonly soldRuns: () => Promise<ReadonlySet<RunId>>;
  readonly now: EpochMs;
};

/** 0 imported, 1 the feed (or a file beside it) has errors and nothing was changed, 2 called wrongly. */
export type ImportExit = 0 | 1 | 2;

export const importHelp = `npm run chepiao -- import gtfs FEED.zip [--rebase DATE] [--days N] [--dry-run]
npm run chepiao -- import demo
npm run chepiao -- import rt FEED.pb|URL

Takes over a GTFS static feed as the timetable, all or nothing, or the network made up for demonstrations. Runs with sold seats that the feed drops or changes stay as they
were sold, and are listed.

\`import rt\` takes over once what becomes of trains on the day, from a GTFS-Realtime feed (trip updates and alerts): delays and notices for ten minutes,
cancellations until a newer feed takes them back. GTFS_RT_URL has a platform read addresses by itself.

  --rebase YYYY-MM-DD      move the feed's calendar by whole weeks, so that its first week of service takes in this date
  --days N                 N days of trains from --rebase, else from today; a shorter feed repeats its last week
  --rolling-stock FILE     CSV: train_number,composition (G1,CR400AF-16; or G*,CRH380)
  --compositions FILE      JSON: [{ "code": "…", "coaches": [{ "no": 1, "sections": [{ "seatClass": "second", "rows": 18 }] }] }]
  --fares FILE             CSV: train_number,seat_class,from_stop_id,to_stop_id,fare,percent
  --without-fares          pass over the fares of the feed
  --route-types N,N        kinds of route (route_type) that are trains besides 2 and 100 to 199, such as 1 for a metro
  --leave-out-faulty       leave out trips that cannot be, and list them, where they are no more than one in ten
  --dry-run                say what the import would change, sold runs above all, and change nothing

Without a rolling-stock file trains are made up by the letter of their number (G, D, C, Z, T, K) where the feed's zone is China's, else by the
route's type. Trains that a newer feed has again keep the numbers that were made for them: they are known by where and when they leave.
Without distances in the feed, rails count as 1.2 times the straight line between stations.`;

const linesShown = 20;
const daysAskedMax = 730;
/** From which day trains may still be under way, in whatever zone. */
const underWaySince = (now: EpochMs) => addDays(dateIn("UTC" as ZoneName, now), -8);

/** Of trains that anybody can board on a day on sale, in whatever zone. */
const datesOnSale = (now: EpochMs, saleWindowDays: number) => ({
  from: underWaySince(now),
  until: addDays(dateIn("UTC" as ZoneName, now), saleWindowDays),
});

export async function importGtfs(options: ImportOptions, print: (line: string) => void): Promise<ImportExit> {
  const rebase = options.rebase === undefined ? undefined : parseServiceDate(options.rebase);
  if (rebase === null) return refusedCall(print, `--rebase takes a day, YYYY-MM-DD, not "${options.rebase}".`);
  const days = options.days === undefined ? undefined : Number(options.days);
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= daysAskedMax))
    return refusedCall(print, `--days takes a whole number from 1 to ${daysAskedMax}, not "${options.days}".`);

  const routeTypes = options.routeTypes === undefined ? [] : options.routeTypes.split(",");
  if (!routeTypes.every((type) => /^\d{1,4}$/.test(type)))
    return refusedCall(print, `--route-types takes numbers by commas, such as 0,1, not "${options.routeTypes}".`);

  const problems = createProblems();
  const beside = await readBeside(options, problems);
  if (!beside) return refusedFeed(print, problems.errors);

  print(`Reading ${options.path}`);
  try {
    const feed = await readFeed({
      path: options.path,
      now: options.now,
      ...(rebase ? { rebase } : {}),
      ...(days ? { days } : {}),
      routeTypes: new Set(routeTypes.map(Number)),
      leavesOutFaulty: options.leavesOutFaulty ?? false,
      leavesOutFares: options.leavesOutFares ?? false,
      ...(options.currency && { currency: options.currency }),
      compositionOf: (trainNumber, trainType) =>
        beside.stock?.compositionOf(trainNumber) ?? defaultComposition[trainType],
      seatClassesOf: (code) => new Set(seatsOf(beside.compositions.get(code)!).keys()),
      before: (await options.store.load(underWaySince(options.now)))?.trains ?? [],
      knownCity: (stationName) => cityByStation.get(stationName) ?? null,
      isCity: (name) => cities.has(name),
      progress: (message) => print(`  ${message}`),
    });
    if (!feed.ok) {
      refusedFeed(print, feed.error.errors);
      if (feed.error.areOfTrips && !options.leavesOutFaulty)
        print("Each of them is of one trip: --leave-out-faulty leaves those out and takes the rest.");
      return 1;
    }
    const { feedName, zone, stations, trains, attributions } = feed.value;
    beside.stock?.warnOfUnmet(feed.value);
    // What the trains were made from is most of what a large feed takes, and is not needed any more.
    Bun.gc(true);
    const replaced = await options.store.replace(
      {
        feedName,
        zone,
        stations,
        trains,
        attributions,
        compositions: [...beside.compositions.values()],
        fareOverrides: beside.fares?.(feed.value, seatClassesBy(beside.compositions)) ?? [],
      },
      {
        soldRuns: options.soldRuns,
        progress: progressPrinter(print),
        isTrial: options.isTrial ?? false,
        ...(options.saleWindowDays !== undefined && { onSale: datesOnSale(options.now, options.saleWindowDays) }),
      },
    );
    const done = options.isTrial ? "Would import" : "Imported";
    print(`${done} "${feedName}" as timetable version ${replaced.version}.`);
    printSummary(print, feed.value, replaced, [...feed.value.rowWarnings, ...problems.rowWarnings]);
    if (options.isTrial) print("Nothing was changed.");
    return 0;
  } catch (error) {
    if (error instanceof ArchiveRefused) return refusedCall(print, error.message);
    throw error;
  }
}

type Beside = {
  readonly compositions: ReadonlyMap<string, Composition>;
  readonly stock: RollingStock | null;
  readonly fares: Fares | null;
};

/** The files beside the feed; null where something is wrong with them. */
async function readBeside(options: ImportOptions, problems: Problems): Promise<Beside | null> {
  const { compositions: own, rollingStock, fares } = options;
  try {
    const compositions = mergedCompositions(own ? await readCompositions(own, problems) : []);
    const beside = {
      compositions,
      stock: rollingStock ? await readRollingStock(rollingStock, new Set(compositions.keys()), problems) : null,
      fares: fares ? await readFares(fares, problems, options.currency) : null,
    };
    return problems.errors.length === 0 ? beside : null;
  } catch (error) {
    if (error instanceof ReadingEnded) return null;
    throw error;
  }
}

const seatClassesBy = (compositions: ReadonlyMap<string, Composition>) => (train: TrainPlan) =>
  new Set(seatsOf(compositions.get(train.compositionCode)!).keys());

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
  rowWarnings: readonly FeedError[],
): void {
  const daysOfService = new Map(feed.trains.map(({ days }) => [days, 0]));
  for (const days of daysOfService.keys()) daysOfService.set(days, daysOf(days).length);
  const runs = feed.trains.reduce((sum, { days }) => sum + daysOfService.get(days)!, 0);
  print(
    `  ${counted(feed.stations.length, "station")}, ${counted(feed.trains.length, "train")}, ${counted(runs, "run")}`,
  );
  print(`  from ${feed.first} to ${feed.last}, times of ${feed.zone}`);
  const total = feed.warnings.reduce((sum, { count }) => sum + count, rowWarnings.length);
  print(total === 0 ? "  no warnings" : `  ${counted(total, "warning")}:`);
  for (const { kind, count, example } of feed.warnings) print(`    ${count} × ${kind} (${example})`);
  printRows(print, "    ", rowWarnings);
  if (replaced.addedCount > 0)
    print(`  ${counted(replaced.addedCount, "added run")} on days on sale, first for who waits for added trains`);
  if (replaced.conflicts.length > 0) printConflicts(print, replaced.conflicts);
}

const reasonTexts: Record<ConflictReason, string> = {
  dropped: "is not in the feed",
  numberChanged: "is called otherwise in the feed",
  zoneChanged: "has another time zone in the feed",
  stopsChanged: "calls at other stations in the feed",
  timesChanged: "has other times in the feed",
  compositionChanged: "has other seats in the feed",
};

function printConflicts(print: (line: string) => void, conflicts: readonly Conflict[]): void {
  const stay = conflicts.length === 1 ? "stays as it was sold" : "stay as they were sold";
  print(`  ${counted(conflicts.length, "sold run")} could not follow the feed and ${stay}:`);
  for (const { runId, reason } of conflicts.slice(0, linesShown)) print(`    ${runId} ${reasonTexts[reason]}`);
  printRest(print, conflicts.length);
}

function refusedFeed(print: (line: string) => void, errors: readonly FeedError[]): ImportExit {
  print(`Nothing was imported: ${counted(errors.length, "error")}.`);
  printRows(print, "  ", errors);
  return 1;
}

function printRows(print: (line: string) => void, indent: string, rows: readonly FeedError[]): void {
  for (const { file, line, message } of rows.slice(0, linesShown))
    print(`${indent}${file}${line === null ? "" : `:${line}`}: ${message}`);
  printRest(print, rows.length);
}

function refusedCall(print: (line: string) => void, message: string): ImportExit {
  print(message);
  return 2;
}

const printRest = (print: (line: string) => void, count: number) => {
  if (count > linesShown) print(`    … and ${count - linesShown} more`);
};
const counted = (count: number, thing: string) => `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
