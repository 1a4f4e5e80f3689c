/** `trips.txt` and `stop_times.txt`: trips become trains with a number, stops in order, and distances. */
import type { TrainType } from "@chepiao/contracts";
import { stopsPerTrainMax } from "@chepiao/kernel";
import { daysOf, type PlannedStop, type ServiceDays, type TrainPlan } from "@chepiao/ports/timetable-store";
import { distancesOf, type DistanceStop, unitOf } from "./distance.ts";
import type { Problems } from "./problems.ts";
import type { StationTable } from "./stations.ts";
import type { Row } from "./table.ts";

export const stopTimeColumns = {
  required: ["trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time"],
  optional: ["shape_dist_traveled", "pickup_type", "drop_off_type"],
} as const;
type StopTimeRow = Row<(typeof stopTimeColumns)["required"][number] | (typeof stopTimeColumns)["optional"][number]>;

export type Trip = {
  readonly tripId: string;
  readonly shortName: string;
  readonly routeName: string;
  readonly routeType: number;
  readonly serviceId: string;
  readonly stops: RawStop[];
};
type RawStop = {
  readonly sequence: number;
  readonly stationId: string;
  arriveS: number | null;
  departS: number | null;
  readonly given: number | null;
  readonly passes: boolean;
  readonly line: number;
};

const file = "stop_times.txt";
const trainNumberLengthMax = 20;
/** Longer than any train of the world is under way; beyond it a time is a slip. */
const travelSecondsMax = 7 * 86_400;

/** Takes one row; `trips` has all trips of the feed, those that are no trains as null. */
export function takeStopTime(
  row: StopTimeRow,
  line: number,
  trips: ReadonlyMap<string, Trip | null>,
  stations: StationTable,
  problems: Problems,
): void {
  const trip = trips.get(row.trip_id);
  if (trip === null) return;
  if (!trip) return problems.error(file, line, `trip_id ${row.trip_id || "(empty)"} is not in trips.txt`);
  const stationId = stations.stationOf(row.stop_id);
  if (stationId === null) return problems.error(file, line, `stop_id ${row.stop_id || "(empty)"} is not in stops.txt`);
  if (!/^\d+$/.test(row.stop_sequence))
    return problems.error(file, line, `stop_sequence "${row.stop_sequence}" is not a whole number`);
  const arriveS = timeOf("arrival_time", row.arrival_time);
  const departS = timeOf("departure_time", row.departure_time);
  if (arriveS === undefined || departS === undefined) return;
  if (arriveS !== null && departS !== null && departS < arriveS)
    return problems.error(
      file,
      line,
      `trip ${row.trip_id} leaves ${row.departure_time}, before it arrives ${row.arrival_time}`,
    );
  const given = row.shape_dist_traveled === "" ? null : Number(row.shape_dist_traveled);
  if (given !== null && !(given >= 0))
    return problems.error(file, line, `shape_dist_traveled "${row.shape_dist_traveled}" is not a distance`);
  trip.stops.push({
    sequence: Number(row.stop_sequence),
    stationId,
    arriveS: arriveS ?? departS,
    departS: departS ?? arriveS,
    given,
    passes: row.pickup_type === "1" && row.drop_off_type === "1",
    line,
  });

  /** Null where there is none, undefined where it was wrong. */
  function timeOf(column: string, text: string): number | null | undefined {
    if (text === "") return null;
    const match = /^(\d{1,3}):([0-5]\d):([0-5]\d)$/.exec(text);
    const seconds = match ? Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]) : Number.NaN;
    if (seconds <= travelSecondsMax) return seconds;
    problems.error(file, line, `${column} "${text}" is ${match ? "more than 7 days" : "not a time (HH:MM:SS)"}`);
    return undefined;
  }
}

/** A trip whose stops hold together, or null where it is left out. */
type WholeTrip = { readonly trip: Trip; readonly stops: readonly (DistanceStop & { readonly stationId: string })[] };

export function trainsOf(
  trips: Iterable<Trip>,
  serviceDays: ReadonlyMap<string, ServiceDays>,
  stations: StationTable,
  compositionOf: (trainNumber: string, trainType: TrainType) => string,
  problems: Problems,
): TrainPlan[] {
  const whole: WholeTrip[] = [];
  for (const trip of trips) {
    const stops = wholeStops(trip, stations, problems);
    if (!stops) continue;
    if (serviceDays.has(trip.serviceId)) whole.push({ trip, stops });
    else problems.warn("trips that run on no day of the calendar taken over are left out", trip.tripId);
  }
  const unitM = unitOf(whole.map(({ stops }) => stops));
  const numbers = numberTrains(whole, serviceDays, problems);
  return whole.map(({ trip, stops }, index) => {
    const metres = distancesOf(stops, unitM);
    const trainNumber = numbers[index]!;
    const trainType = trainTypeOf(trainNumber, trip.routeType);
    return {
      trainNumber,
      trainType,
      compositionCode: compositionOf(trainNumber, trainType),
      days: serviceDays.get(trip.serviceId)!,
      stops: stops.map(({ stationId, arriveS, departS }, stop): PlannedStop => ({
        stationId,
        arriveS,
        departS,
        distanceM: metres[stop]!,
      })),
    };
  });
}

function wholeStops(trip: Trip, stations: StationTable, problems: Problems): WholeTrip["stops"] | null {
  const { tripId } = trip;
  const rows = trip.stops.sort((a, b) => a.sequence - b.sequence);
  for (let at = 1; at < rows.length; at++) {
    if (rows[at]!.sequence !== rows[at - 1]!.sequence) continue;
    problems.error(file, rows[at]!.line, `trip ${tripId} has stop_sequence ${rows[at]!.sequence} twice`);
    return null;
  }
  if (rows.length > 0 && !fillTimes(tripId, rows, problems)) return null;
  const kept: (RawStop & { arriveS: number; departS: number })[] = [];
  for (const [index, row] of (rows as (RawStop & { arriveS: number; departS: number })[]).entries()) {
    const before = rows[index - 1];
    if (before && row.arriveS < before.departS!) {
      const name = stations.nameOf(row.stationId);
      problems.error(file, row.line, `trip ${tripId} arrives at ${name} before it leaves the stop before`);
      return null;
    }
    const end = index === 0 || index === rows.length - 1;
    if (row.passes && !end) {
      problems.warn("stops where nobody may get on or off are left out", `${tripId} at ${row.stationId}`);
      continue;
    }
    const last = kept.at(-1);
    if (last?.stationId === row.stationId) {
      problems.warn("two stops in a row at one station are taken as one", `${tripId} at ${row.stationId}`);
      last.departS = row.departS;
    } else kept.push({ ...row });
  }
  if (kept.length < 2) {
    problems.warn("trips with fewer than two stations are left out", tripId);
    return null;
  }
  if (kept.length > stopsPerTrainMax) {
    const { line } = kept[stopsPerTrainMax]!;
    problems.error(
      file,
      line,
      `trip ${tripId} has ${kept.length} stops; ${stopsPerTrainMax} are the most (128 segments)`,
    );
    return null;
  }
  return kept.map(({ stationId, arriveS, departS, given }) => ({
    stationId,
    arriveS,
    departS,
    given,
    point: stations.pointOf(stationId),
  }));
}

/** Stops without a time lie evenly between those that have one; the ends must. */
function fillTimes(tripId: string, rows: readonly RawStop[], problems: Problems): boolean {
  for (const end of [rows[0]!, rows.at(-1)!]) {
    if (end.arriveS !== null) continue;
    problems.error(file, end.line, `trip ${tripId} has no time at its ${end === rows[0] ? "first" : "last"} stop`);
    return false;
  }
  let before = 0;
  rows.forEach((row, index) => {
    if (row.arriveS === null) return;
    const from = rows[before]!.departS!;
    for (let gap = before + 1; gap < index; gap++) {
      const seconds = Math.round(from + ((row.arriveS - from) * (gap - before)) / (index - before));
      rows[gap]!.arriveS = rows[gap]!.departS = seconds;
      problems.warn(
        "stops without a time are placed evenly between their neighbours",
        `${tripId} at ${rows[gap]!.stationId}`,
      );
    }
    before = index;
  });
  return true;
}

/**
 * A number means one train on a date. Where a feed has two, the one that leaves first keeps the number and the next is `-2`.
 * Trips without a number are called as their route, or by their trip_id.
 */
function numberTrains(
  whole: readonly WholeTrip[],
  serviceDays: ReadonlyMap<string, ServiceDays>,
  problems: Problems,
): string[] {
  const wanted = whole.map(({ trip }) => {
    const name = printable(trip.shortName);
    if (name !== "") return name;
    problems.warn("trips without trip_short_name are called as their route or trip_id", trip.tripId);
    return printable(trip.routeName) || printable(trip.tripId) || "train";
  });
  const daysByService = new Map([...serviceDays].map(([id, days]) => [id, daysOf(days)]));
  const numbers = [...wanted];
  const takenDays = new Map<string, Set<number>>(wanted.map((number) => [number, new Set()]));
  for (const [number, sharing] of Map.groupBy(wanted.keys(), (index) => wanted[index]!)) {
    if (sharing.length === 1) continue;
    const departure = (index: number) => whole[index]!.stops[0]!.departS;
    for (const index of sharing.toSorted((a, b) => departure(a) - departure(b) || a - b)) {
      const days = daysByService.get(whole[index]!.trip.serviceId)!;
      for (let nth = 1; ; nth++) {
        const suffix = nth === 1 ? "" : `-${nth}`;
        const candidate = number.slice(0, trainNumberLengthMax - suffix.length) + suffix;
        const taken = takenDays.get(candidate) ?? new Set();
        takenDays.set(candidate, taken);
        if (days.some((day) => taken.has(day))) continue;
        // A number of its own that another group will come to ask for stays that group's.
        if (nth > 1 && candidate !== number && wanted.includes(candidate)) continue;
        for (const day of days) taken.add(day);
        if (nth > 1)
          problems.warn("trips of one number on one date: the later is numbered apart", `${number} as ${candidate}`);
        numbers[index] = candidate;
        break;
      }
    }
  }
  return numbers;
}

/** As a train number may be: no spaces, no slash, at most 20 characters. */
const printable = (name: string): string =>
  name.replace(/\s+/g, "").replaceAll("/", "-").slice(0, trainNumberLengthMax);

/** By the number's letter as on Chinese railways, else by the kind of route. */
function trainTypeOf(trainNumber: string, routeType: number): TrainType {
  const letter = /^([GDCZTKLY])\d/.exec(trainNumber)?.[1];
  if (letter) return typeByLetter[letter as keyof typeof typeByLetter];
  return typeByRoute[routeType] ?? "emu";
}
const typeByLetter = {
  G: "highSpeed",
  D: "emu",
  C: "intercity",
  Z: "express",
  T: "express",
  K: "fast",
  L: "ordinary",
  Y: "ordinary",
} as const;
/** Extended route types; plain rail (2) and the rest have seats only. */
const typeByRoute: Readonly<Record<number, TrainType>> = {
  101: "highSpeed",
  105: "express",
  106: "intercity",
  108: "intercity",
  109: "intercity",
};
