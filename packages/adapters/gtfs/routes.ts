/** `routes.txt` and `trips.txt`: which trips are trains. */
import type { FeedCalendar } from "./calendar.ts";
import type { Faults } from "./faults.ts";
import { trainNumberLengthMax, trainNumberOf } from "./numbers.ts";
import type { Problems } from "./problems.ts";
import { createRepeats } from "./repeats.ts";
import type { Read } from "./table.ts";
import type { Route, Trip } from "./trip.ts";

/** Rail and its extended kinds. Buses, ferries and the like share many feeds with trains, and are no business of ours. */
const isRail = (type: number) => type === 2 || (type >= 100 && type < 200);

const routeColumns = {
  required: ["route_id", "route_type"],
  optional: ["route_short_name", "route_long_name", "agency_id", "network_id"],
} as const;

/** `more` are types that are taken as trains besides those of rail. */
export async function readRoutes(
  read: Read,
  more: ReadonlySet<number>,
  problems: Problems,
): Promise<ReadonlyMap<string, Route>> {
  const routes = new Map<string, Route>();
  const texts = createRepeats("routes.txt", problems);
  await read("routes.txt", routeColumns, (row, line) => {
    const { route_id: id } = row;
    const known = texts.see(id, row, line);
    if (known === "same") return;
    if (known === "other")
      return problems.error(
        "routes.txt",
        line,
        `route_id ${id} comes twice, and not alike: leave one row, or give the other an id of its own`,
      );
    if (!/^\d{1,4}$/.test(row.route_type))
      return problems.error("routes.txt", line, `route_type "${row.route_type}" is not a number`);
    const type = Number(row.route_type);
    const longName = trainNumberOf(row.route_long_name, Infinity);
    const name = row.route_short_name || (longName.length <= trainNumberLengthMax ? longName : "");
    const { agency_id: agencyId, network_id: networkId } = row;
    routes.set(id, { id, name, type, isTaken: isRail(type) || more.has(type), agencyId, networkId });
  });
  return routes;
}

const tripColumns = {
  required: ["route_id", "service_id", "trip_id"],
  optional: ["trip_short_name", "block_id"],
} as const;

export type TripFile = {
  /** A trip that is no train, or is left out, is kept as null, so that its stop times are known to be left out. */
  readonly trips: ReadonlyMap<string, Trip | null>;
  readonly tripsByRoute: ReadonlyMap<Route, number>;
};

export async function readTrips(
  read: Read,
  routes: ReadonlyMap<string, Route>,
  calendar: FeedCalendar,
  faults: Faults,
  problems: Problems,
): Promise<TripFile> {
  const file = "trips.txt";
  const trips = new Map<string, Trip | null>();
  const tripsByRoute = new Map<Route, number>();
  await read(file, tripColumns, (row, line) => {
    const { trip_id: tripId, route_id: routeId, service_id: serviceId } = row;
    const route = routes.get(routeId);
    const known = trips.get(tripId);
    if (tripId === "") return problems.error(file, line, "a trip without trip_id");
    if (known === null) return;
    if (known === undefined) trips.set(tripId, null);
    else if (isSameTrip(known, row))
      return problems.warn("rows that come twice, letter for letter, count once", `${file}:${line}`);
    else
      return problems.error(
        file,
        line,
        `trip_id ${tripId} comes twice, and not alike: leave one row, or give the other an id of its own`,
      );
    if (!route) {
      if (problems.isSpoilt("routes.txt")) return;
      return faults.of(tripId, file, line, `trip ${tripId}: route_id ${routeId} is not in routes.txt`);
    }
    tripsByRoute.set(route, (tripsByRoute.get(route) ?? 0) + 1);
    if (!calendar.has(serviceId)) {
      if (!route.isTaken || problems.isSpoilt("calendar.txt") || problems.isSpoilt("calendar_dates.txt")) return;
      const missing = `trip ${tripId}: service_id ${serviceId} is in neither calendar.txt nor calendar_dates.txt`;
      return faults.of(tripId, file, line, missing);
    }
    if (!route.isTaken) return;
    const { trip_short_name: shortName, block_id: blockId } = row;
    trips.set(tripId, { tripId, shortName, route, serviceId, blockId, stops: [] });
  });
  return { trips, tripsByRoute };
}

const isSameTrip = (
  { shortName, route, serviceId, blockId }: Trip,
  row: Readonly<Record<"route_id" | "service_id" | "trip_short_name" | "block_id", string>>,
): boolean =>
  route.id === row.route_id &&
  serviceId === row.service_id &&
  shortName === row.trip_short_name &&
  blockId === row.block_id;

/** Says what is left out with routes that are no railways, and how to take it in. */
export function warnOfRoutes({ tripsByRoute }: TripFile, routes: ReadonlyMap<string, Route>, problems: Problems): void {
  const left = [...routes.values()].filter((route) => !route.isTaken);
  for (const route of left)
    problems.warn("routes that are not railways are left out", `${route.id}, route_type ${route.type}`);
  for (const route of left)
    for (let trip = 0; trip < (tripsByRoute.get(route) ?? 0); trip++)
      problems.warn("trips of routes that are not railways are left out: see --route-types", `of ${route.id}`);
}

/** Why a feed whose every route was left out has no trains. */
export function noTrainsBut(routes: ReadonlyMap<string, Route>): string {
  const byType = Map.groupBy(routes.values(), (route) => route.type);
  const types = [...byType.keys()].sort((a, b) => a - b);
  const said = types.map((type) => {
    const names = byType.get(type)!.map((route) => route.name || route.id);
    return `route_type ${type} (${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""})`;
  });
  return `the feed has no trains but ${said.join(", ")}: take them in with --route-types ${types.join(",")}`;
}
