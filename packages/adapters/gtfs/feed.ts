/**
 * A GTFS static feed as a timetable. The zip is streamed file by file; a feed with errors gives none, and says for each which
 * file, which line and what. Nothing here knows a store: the caller hands the timetable on.
 *
 * `pathways.txt` and other files that say neither when trains run nor what they cost are left aside, and named.
 */
import type { Attribution, Currency, SeatClass, TrainType } from "@chepiao/contracts";
import { dateIn, type EpochMs, refuse, ok, type Result, type ServiceDate, type ZoneName } from "@chepiao/kernel";
import type { StoredStation, TrainPlan } from "@chepiao/ports/timetable-store";
import { readAgency } from "./agency.ts";
import { type Archive, Damaged, openArchive } from "./archive.ts";
import { readAttributions } from "./attributions.ts";
import { placeCalendar, readCalendar } from "./calendar.ts";
import { currencyDefault } from "./currency.ts";
import { createFaults, type Faults } from "./faults.ts";
import { readFeedFares } from "./feedFares.ts";
import { readFrequencies } from "./frequencies.ts";
import { readSeatTransfers } from "./joins.ts";
import type { TrainBefore } from "./numbers.ts";
import { createProblems, type FeedError, type FeedWarning, type Problems, ReadingEnded } from "./problems.ts";
import { noTrainsBut, readRoutes, readTrips, warnOfRoutes } from "./routes.ts";
import { createStationTable, stopColumns } from "./stations.ts";
import { type Columns, readTable, type Row } from "./table.ts";
import { stopTimeColumns, takeStopTime, trainsOf } from "./trains.ts";
import { readTranslations } from "./translations.ts";

export type FeedOptions = {
  readonly path: string;
  /** What day it is, is told by the feed's zone. */
  readonly now: EpochMs;
  /** Moves the calendar by whole weeks so that the first week of service takes in this date. */
  readonly rebase?: ServiceDate;
  /** How many days of trains, from `rebase`, else from today or the feed's first day if that is later. */
  readonly days?: number;
  /** Kinds of route (`route_type`) that are taken as trains besides those of rail. */
  readonly routeTypes?: ReadonlySet<number>;
  /** Leaves out trips that cannot be, where they are few, instead of refusing the feed. */
  readonly leavesOutFaulty?: boolean;
  readonly compositionOf: (trainNumber: string, trainType: TrainType) => string;
  /** Those of a composition: second class alone where it is left out. */
  readonly seatClassesOf?: (compositionCode: string) => ReadonlySet<SeatClass>;
  /** That of the platform, in which alone it sells: CNY where it is left out. */
  readonly currency?: Currency;
  /** Passes over the fares of the feed. */
  readonly leavesOutFares?: boolean;
  /** What is known of stations' cities beyond the feed. */
  readonly knownCity?: (stationName: string) => string | null;
  readonly isCity?: (name: string) => boolean;
  /** The trains whose place these take: those that are the same keep the numbers they have. */
  readonly before?: readonly TrainBefore[];
  /** What is being done, now and then. */
  readonly progress?: (message: string) => void;
  readonly limits?: FeedLimits;
};

export type FeedLimits = {
  /** What all files that are read may unpack to, in bytes. */
  readonly unpackedBytesMax: number;
  /** Rows of one file that stay in memory; stop times of buses, trams and ferries do not. */
  readonly rowsKeptMax: number;
};

/**
 * A zip of a few megabytes can unpack to whatever its maker likes. A country's feed of everything that moves is some gigabytes with tens
 * of millions of stop times, a few million of them of trains. One that is kept takes 130 bytes, so ten million are 1.3 GB.
 */
const feedLimits: FeedLimits = { unpackedBytesMax: 8 * 2 ** 30, rowsKeptMax: 10_000_000 };

export type Feed = {
  readonly feedName: string;
  readonly zone: ZoneName;
  readonly stations: readonly StoredStation[];
  readonly trains: readonly TrainPlan[];
  /** The station that a stop belongs to, or null where there is no such stop. */
  readonly stationOf: (stopId: string) => string | null;
  readonly attributions: readonly Attribution[];
  readonly first: ServiceDate;
  readonly last: ServiceDate;
  readonly warnings: readonly FeedWarning[];
  readonly rowWarnings: readonly FeedError[];
};

export type FeedRefused = {
  readonly errors: readonly FeedError[];
  readonly warnings: readonly FeedWarning[];
  /** They are all of single trips, without which the rest could be taken. */
  readonly areOfTrips: boolean;
};

const rowsPerProgress = 100_000;
const secondAlone: ReadonlySet<SeatClass> = new Set(["second"]);
/** What they say is no matter of buying a ticket: ways through stations, the lines on a map, where a bus may be called to. */
const filesPassedOver = [
  "pathways.txt",
  "levels.txt",
  "location_groups.txt",
  "location_group_stops.txt",
  "locations.geojson",
  "booking_rules.txt",
];
const filesRequired = ["agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"];

/** Throws `ArchiveRefused` where the path does not lead to a zip. */
export async function readFeed(options: FeedOptions): Promise<Result<Feed, FeedRefused>> {
  using archive = await openArchive(options.path);
  const problems = createProblems();
  const faults = createFaults(options.leavesOutFaulty ?? false, problems);
  try {
    const feed = await readAll(archive, options, faults, problems);
    if (feed && problems.errors.length === 0)
      return ok({ ...feed, warnings: problems.warnings(), rowWarnings: problems.rowWarnings });
  } catch (error) {
    if (!(error instanceof ReadingEnded)) throw error;
  }
  const { errors } = problems;
  return refuse({ errors, warnings: problems.warnings(), areOfTrips: errors.length === faults.count() });
}

async function readAll(
  archive: Archive,
  options: FeedOptions,
  faults: Faults,
  problems: Problems,
): Promise<Omit<Feed, "warnings" | "rowWarnings"> | null> {
  for (const file of filesRequired)
    if (!archive.has(file))
      problems.error(file, null, "is missing from the zip: no feed is without it, ask for one that is whole");
  const calendarFiles = ["calendar.txt", "calendar_dates.txt"].filter((file) => archive.has(file));
  if (calendarFiles.length === 0)
    problems.error(
      "calendar.txt",
      null,
      "is missing from the zip, and so is calendar_dates.txt: one of them has to say on which days trains run",
    );
  if (problems.errors.length > 0 && archive.inner.length > 0)
    problems.error(archive.inner[0]!, null, "lies in the zip: if that is the feed, unpack it and import it");
  if (problems.errors.length > 0) return null;
  const { progress = () => {}, limits = feedLimits } = options;
  let unpackedBytes = 0;

  async function read<R extends string, O extends string>(
    file: string,
    columns: Columns<R, O>,
    onRow: (row: Row<R | O>, line: number) => void,
    isKept: (row: Row<R | O>) => boolean = () => true,
  ): Promise<void> {
    if (!archive.has(file)) return;
    let rows = 0;
    let kept = 0;
    const counted = (row: Row<R | O>, line: number) => {
      if (++rows % rowsPerProgress === 0) progress(`${file}: ${rows} rows`);
      if (isKept(row) && ++kept > limits.rowsKeptMax)
        problems.end(file, line, `there are more than ${limits.rowsKeptMax} rows that would have to be kept`);
      onRow(row, line);
    };
    await readTable(file, unpacked(file), columns, problems, counted);
    progress(`${file}: ${rows} ${rows === 1 ? "row" : "rows"} read`);
  }

  async function* unpacked(file: string): AsyncGenerator<Uint8Array> {
    try {
      for await (const bytes of archive.read(file)) {
        unpackedBytes += bytes.length;
        if (unpackedBytes > limits.unpackedBytesMax)
          problems.end(file, null, `the zip unpacks to more than ${limits.unpackedBytesMax} bytes`);
        yield bytes;
      }
    } catch (error) {
      if (error instanceof Damaged) problems.damaged(file, error.message);
      throw error;
    }
  }

  const agency = await readAgency(read, problems);
  const stations = createStationTable(problems);
  await read("stops.txt", stopColumns, stations.take);
  stations.finish();
  const routes = await readRoutes(read, options.routeTypes ?? new Set(), problems);
  const calendar = await readCalendar(read, problems);
  const tripFile = await readTrips(read, routes, calendar, faults, problems);
  const { trips } = tripFile;
  await read(
    "stop_times.txt",
    stopTimeColumns,
    (row, line) => takeStopTime(row, line, { trips, stations, faults, problems }),
    (row) => trips.get(row.trip_id) !== null,
  );
  const departures = await readFrequencies(read, trips, faults, problems);
  const transfers = await readSeatTransfers(read, trips, problems);
  const prices = await readFeedFares(read, {
    archive,
    stations,
    routes,
    currency: options.currency ?? currencyDefault,
    isLeftOut: options.leavesOutFares ?? false,
    problems,
  });
  for (const file of filesPassedOver) if (archive.has(file)) problems.warn("files that are passed over", file);
  const translations = await readTranslations(read, problems);
  const attributions = await readAttributions(read, problems);
  if (!agency) return null;

  const running = [...trips.values()].filter((trip) => trip !== null);
  const used = new Set(running.map((trip) => trip.serviceId));
  const { rebase = null, days = null, now } = options;
  const today = dateIn(agency.zone, now);
  const placed = placeCalendar(calendar, used, { rebase, days, today });
  if (!placed) {
    // Where trips or days were refused, their errors say it better.
    if (problems.errors.length > 0) return null;
    const isWithout = running.length === 0;
    if (isWithout && routes.size > 0 && routes.values().every((route) => !route.isTaken))
      problems.error("routes.txt", null, noTrainsBut(routes));
    else
      problems.error(
        calendarFiles[0]!,
        null,
        isWithout ? "the feed has no trains: no trip in trips.txt is taken" : "no service runs on any day",
      );
    return null;
  }
  warnOfRoutes(tripFile, routes, problems);
  if (placed.repeatedDays > 0) problems.warn(`days after the feed's end repeat its last week`, `until ${placed.last}`);
  if (placed.cutDays > 0) problems.warn(`the calendar is longer than we keep and was cut`, `${placed.cutDays} days`);
  if (placed.last < today)
    problems.warn("the feed has ended, and nothing of it is on sale: see --rebase", `last day ${placed.last}`);

  progress("putting trains together");
  const trains = trainsOf({
    trips: running,
    departures,
    transfers,
    prices,
    serviceDays: placed.serviceDays,
    stations,
    isOfChina: agency.isOfChina,
    compositionOf: options.compositionOf,
    seatClassesOf: options.seatClassesOf ?? (() => secondAlone),
    before: options.before ?? [],
    faults,
    problems,
  });
  faults.finish(running.length);
  if (trains.length === 0 && problems.errors.length === 0)
    problems.error(
      "trips.txt",
      null,
      "the feed has no trains: no trip has two stops, one to board and a later one to leave",
    );
  const called = new Set(trains.flatMap((train) => train.stops.map((stop) => stop.stationId)));
  const { knownCity = () => null, isCity = () => false } = options;
  const { feedName, zone, isChinese } = agency;
  return {
    feedName,
    zone,
    stations: await stations.stations(called, { translations, zone, isChinese, knownCity, isCity }),
    trains,
    stationOf: stations.stationOf,
    attributions,
    first: placed.first,
    last: placed.last,
  };
}
