/**
 * A GTFS static feed as a timetable. The zip is streamed file by file; a feed with errors gives none, and says for each which
 * file, which line and what. Nothing here knows a store: the caller hands the timetable on.
 *
 * Fares (`fare_*.txt`) are not read: fares come from the platform's tables and overrides. `frequencies.txt`, `pathways.txt`
 * and other files that do not say when trains run are left aside.
 */
import type { Station, TrainType } from "@chepiao/contracts";
import { parseZone, refuse, ok, type Result, type ServiceDate, type ZoneName } from "@chepiao/kernel";
import type { TrainPlan } from "@chepiao/ports/timetable-store";
import { type Archive, openArchive } from "./archive.ts";
import { type FeedCalendar, noService, parseDay, placeCalendar } from "./calendar.ts";
import { createProblems, type FeedError, type FeedWarning, type Problems, TooManyErrors } from "./problems.ts";
import { createStationTable, stopColumns } from "./stations.ts";
import { type Columns, readTable, type Row } from "./table.ts";
import { stopTimeColumns, takeStopTime, trainsOf, type Trip } from "./trains.ts";

export type FeedOptions = {
  readonly path: string;
  readonly today: ServiceDate;
  /** Moves the calendar by whole weeks so that the first week of service takes in this date. */
  readonly rebase?: ServiceDate;
  /** How many days of trains, from `rebase`, else from today or the feed's first day if that is later. */
  readonly days?: number;
  readonly compositionOf: (trainNumber: string, trainType: TrainType) => string;
  /** What is known of stations' cities beyond the feed. */
  readonly knownCity?: (stationName: string) => string | null;
  readonly isCity?: (name: string) => boolean;
  /** What is being done, now and then. */
  readonly progress?: (message: string) => void;
};

export type Feed = {
  readonly feedName: string;
  readonly zone: ZoneName;
  readonly stations: readonly Station[];
  readonly trains: readonly TrainPlan[];
  readonly first: ServiceDate;
  readonly last: ServiceDate;
  readonly warnings: readonly FeedWarning[];
};

export type FeedRefused = { readonly errors: readonly FeedError[]; readonly warnings: readonly FeedWarning[] };

const rowsPerProgress = 100_000;
const filesRequired = ["agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"];

/** Throws `ArchiveRefused` where the path does not lead to a zip. */
export async function readFeed(options: FeedOptions): Promise<Result<Feed, FeedRefused>> {
  using archive = await openArchive(options.path);
  const problems = createProblems();
  try {
    const feed = await readAll(archive, options, problems);
    if (feed && problems.errors.length === 0) return ok({ ...feed, warnings: problems.warnings() });
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
  }
  return refuse({ errors: problems.errors, warnings: problems.warnings() });
}

async function readAll(
  archive: Archive,
  options: FeedOptions,
  problems: Problems,
): Promise<Omit<Feed, "warnings"> | null> {
  for (const file of filesRequired) if (!archive.has(file)) problems.error(file, null, "is missing from the zip");
  const calendarFiles = ["calendar.txt", "calendar_dates.txt"].filter((file) => archive.has(file));
  if (calendarFiles.length === 0)
    problems.error("calendar.txt", null, "is missing from the zip, and so is calendar_dates.txt");
  if (problems.errors.length > 0) return null;
  const progress = options.progress ?? (() => {});

  async function read<R extends string, O extends string>(
    file: string,
    columns: Columns<R, O>,
    onRow: (row: Row<R | O>, line: number) => void,
  ): Promise<void> {
    if (!archive.has(file)) return;
    let rows = 0;
    const counted = (row: Row<R | O>, line: number) => {
      if (++rows % rowsPerProgress === 0) progress(`${file}: ${rows} rows`);
      onRow(row, line);
    };
    await readTable(file, await archive.read(file), columns, problems, counted);
    progress(`${file}: ${rows} rows read`);
  }

  const agency = await readAgency(read, problems);
  const stations = createStationTable(problems);
  await read("stops.txt", stopColumns, stations.take);
  stations.finish();
  const routes = await readRoutes(read, problems);
  const calendar = await readCalendar(read, problems);
  const trips = await readTrips(read, routes, calendar, problems);
  await read("stop_times.txt", stopTimeColumns, (row, line) => takeStopTime(row, line, trips, stations, problems));
  if (archive.has("frequencies.txt"))
    problems.warn("frequencies.txt is not read: its trips run once, as listed", "frequencies.txt");
  const english = await readTranslations(read);
  if (!agency) return null;

  const running = [...trips.values()].filter((trip) => trip !== null);
  const used = new Set(running.map((trip) => trip.serviceId));
  const { rebase = null, days = null, today } = options;
  const placed = placeCalendar(calendar, used, { rebase, days, today });
  if (!placed) {
    // Where trips or days were refused, their errors say it better.
    if (problems.errors.length === 0)
      problems.error(
        calendarFiles[0]!,
        null,
        running.length === 0 ? "the feed has no trains" : "no service runs on any day",
      );
    return null;
  }
  if (placed.repeatedDays > 0) problems.warn(`days after the feed's end repeat its last week`, `until ${placed.last}`);
  if (placed.cutDays > 0) problems.warn(`the calendar is longer than we keep and was cut`, `${placed.cutDays} days`);
  if (placed.last < today)
    problems.warn("the feed has ended, and nothing of it is on sale: see --rebase", `last day ${placed.last}`);

  progress("putting trains together");
  const trains = trainsOf(running, placed.serviceDays, stations, options.compositionOf, problems);
  if (trains.length === 0 && problems.errors.length === 0) problems.error("trips.txt", null, "the feed has no trains");
  const called = new Set(trains.flatMap((train) => train.stops.map((stop) => stop.stationId)));
  return {
    ...agency,
    stations: await stations.stations(
      called,
      english,
      options.knownCity ?? (() => null),
      options.isCity ?? (() => false),
    ),
    trains,
    first: placed.first,
    last: placed.last,
  };
}

type Read = <R extends string, O extends string>(
  file: string,
  columns: Columns<R, O>,
  onRow: (row: Row<R | O>, line: number) => void,
) => Promise<void>;

async function readAgency(read: Read, problems: Problems): Promise<{ feedName: string; zone: ZoneName } | null> {
  const names: string[] = [];
  let zone: ZoneName | null = null;
  const columns = { required: ["agency_name", "agency_timezone"], optional: [] } as const;
  await read("agency.txt", columns, ({ agency_name: name, agency_timezone: text }, line) => {
    const known = parseZone(text);
    if (!known || text === "") problems.error("agency.txt", line, `agency_timezone "${text}" is not an IANA time zone`);
    else if (zone !== null && zone !== known)
      problems.error("agency.txt", line, `agency_timezone ${known} differs from ${zone} of the agency before`);
    else zone = known;
    names.push(name);
  });
  if (names.length === 0) problems.error("agency.txt", null, "there is no agency in it");
  return zone && { zone, feedName: names.join(", ").slice(0, 200) };
}

type Route = { readonly name: string; readonly type: number };

/** Rail and its extended kinds. Buses, ferries and the like share many feeds with trains, and are no business of ours. */
const isRail = (type: number) => type === 2 || (type >= 100 && type < 200);

async function readRoutes(read: Read, problems: Problems): Promise<ReadonlyMap<string, Route | null>> {
  const routes = new Map<string, Route | null>();
  const columns = { required: ["route_id", "route_type"], optional: ["route_short_name", "route_long_name"] } as const;
  await read("routes.txt", columns, (row, line) => {
    const { route_id: id } = row;
    const type = Number(row.route_type || Number.NaN);
    if (routes.has(id)) return problems.error("routes.txt", line, `route_id ${id} comes twice`);
    if (!Number.isInteger(type))
      return problems.error("routes.txt", line, `route_type "${row.route_type}" is not a number`);
    if (!isRail(type)) problems.warn("routes that are not railways are left out", `${id}, route_type ${type}`);
    routes.set(id, isRail(type) ? { name: row.route_short_name, type } : null);
  });
  return routes;
}

const weekdayColumns = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

async function readCalendar(read: Read, problems: Problems): Promise<FeedCalendar> {
  const calendar = new Map<string, ReturnType<typeof noService>>();
  const weekly = { required: ["service_id", ...weekdayColumns, "start_date", "end_date"], optional: [] } as const;
  await read("calendar.txt", weekly, (row, line) => {
    const wrong = (message: string) => problems.error("calendar.txt", line, `service ${row.service_id}: ${message}`);
    const from = parseDay(row.start_date);
    const until = parseDay(row.end_date);
    if (calendar.has(row.service_id)) return wrong("comes twice");
    if (from === null) return wrong(`start_date "${row.start_date}" is not a day (YYYYMMDD)`);
    if (until === null) return wrong(`end_date "${row.end_date}" is not a day (YYYYMMDD)`);
    if (until < from) return wrong("ends before it starts");
    let weekdays = 0;
    for (const [bit, column] of weekdayColumns.entries()) {
      if (row[column] !== "0" && row[column] !== "1") return wrong(`${column} is "${row[column]}", neither 0 nor 1`);
      if (row[column] === "1") weekdays |= 1 << bit;
    }
    calendar.set(row.service_id, { ...noService(), week: { weekdays, from, until } });
  });
  const exceptions = { required: ["service_id", "date", "exception_type"], optional: [] } as const;
  await read("calendar_dates.txt", exceptions, (row, line) => {
    const wrong = (message: string) =>
      problems.error("calendar_dates.txt", line, `service ${row.service_id}: ${message}`);
    const day = parseDay(row.date);
    if (day === null) return wrong(`date "${row.date}" is not a day (YYYYMMDD)`);
    const service = calendar.get(row.service_id) ?? noService();
    calendar.set(row.service_id, service);
    if (row.exception_type === "1") service.added.add(day);
    else if (row.exception_type === "2") service.removed.add(day);
    else wrong(`exception_type "${row.exception_type}" is neither 1 nor 2`);
  });
  return calendar;
}

/** A trip that is no train is kept as null, so that its stop times are known to be left out. */
async function readTrips(
  read: Read,
  routes: ReadonlyMap<string, Route | null>,
  calendar: FeedCalendar,
  problems: Problems,
): Promise<ReadonlyMap<string, Trip | null>> {
  const trips = new Map<string, Trip | null>();
  const columns = { required: ["route_id", "service_id", "trip_id"], optional: ["trip_short_name"] } as const;
  await read("trips.txt", columns, (row, line) => {
    const wrong = (message: string) => problems.error("trips.txt", line, message);
    const { trip_id: tripId, route_id: routeId, service_id: serviceId } = row;
    const route = routes.get(routeId);
    if (tripId === "") return wrong("a trip without trip_id");
    if (trips.has(tripId)) return wrong(`trip_id ${tripId} comes twice`);
    if (route === undefined) return wrong(`trip ${tripId}: route_id ${routeId} is not in routes.txt`);
    if (!calendar.has(serviceId))
      return wrong(`trip ${tripId}: service_id ${serviceId} is in neither calendar.txt nor calendar_dates.txt`);
    const { name, type } = route ?? { name: "", type: 0 };
    const trip = { tripId, shortName: row.trip_short_name, routeName: name, routeType: type, serviceId, stops: [] };
    trips.set(tripId, route && trip);
  });
  return trips;
}

/** English station names, from either form that `translations.txt` has had. */
async function readTranslations(read: Read): Promise<(stopId: string, name: string) => string> {
  const byRecord = new Map<string, string>();
  const byText = new Map<string, string>();
  const columns = {
    required: [],
    optional: ["table_name", "field_name", "language", "translation", "record_id", "field_value", "trans_id", "lang"],
  } as const;
  await read("translations.txt", columns, (row) => {
    if ((row.language || row.lang).slice(0, 2).toLowerCase() !== "en") return;
    if (row.table_name !== "" && (row.table_name !== "stops" || row.field_name !== "stop_name")) return;
    if (row.record_id !== "") byRecord.set(row.record_id, row.translation);
    else if (row.field_value || row.trans_id) byText.set(row.field_value || row.trans_id, row.translation);
  });
  return (stopId, name) => byRecord.get(stopId) ?? byText.get(name) ?? "";
}
