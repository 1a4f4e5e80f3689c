/** `trips.txt` and `stop_times.txt`: trips become trains with a number, stops in order, and distances. */
import type { SeatClass, TrainType } from "@chepiao/contracts";
import { stopsPerTrainMax } from "@chepiao/kernel";
import type { FeedTrip, PlannedStop, ServiceDays, TrainPlan } from "@chepiao/ports/timetable-store";
import { distancesOf, unitOf } from "./distance.ts";
import type { Faults } from "./faults.ts";
import { createPricing } from "./feedFares.ts";
import { joinTrips, numberOf, type SeatTransfers, stopsOf, type TripChain } from "./joins.ts";
import { numberTrains, type TrainBefore, trainNumberOf, type UnnumberedTrain } from "./numbers.ts";
import type { PriceList } from "./priceList.ts";
import type { Problems } from "./problems.ts";
import type { StationTable } from "./stations.ts";
import type { Row } from "./table.ts";
import { type Departures, type RawStop, secondsOf, type Trip, type WholeTrip } from "./trip.ts";

export const stopTimeColumns = {
  required: ["trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time"],
  optional: ["shape_dist_traveled", "pickup_type", "drop_off_type"],
} as const;
type StopTimeRow = Row<(typeof stopTimeColumns)["required"][number] | (typeof stopTimeColumns)["optional"][number]>;

const file = "stop_times.txt";
/** Longer than any train of the world is under way; beyond it a time is a slip. */
const travelSecondsMax = 7 * 86_400;

export type StopTimesOf = {
  readonly trips: ReadonlyMap<string, Trip | null>;
  readonly stations: StationTable;
  readonly faults: Faults;
  readonly problems: Problems;
};

/** Takes one row; `trips` has all trips of the feed, those that are no trains as null. */
export function takeStopTime(row: StopTimeRow, line: number, { trips, stations, faults, problems }: StopTimesOf): void {
  const trip = trips.get(row.trip_id);
  if (trip === null || (!trip && problems.isSpoilt("trips.txt"))) return;
  const wrong = (message: string) => faults.of(row.trip_id, file, line, message);
  if (!trip) return wrong(`trip_id ${row.trip_id || "(empty)"} is not in trips.txt`);
  const stationId = stations.stationOf(row.stop_id);
  if (stationId === null && problems.isSpoilt("stops.txt")) return;
  if (stationId === null) return wrong(`stop_id ${row.stop_id || "(empty)"} is not in stops.txt`);
  if (!/^\d+$/.test(row.stop_sequence)) return wrong(`stop_sequence "${row.stop_sequence}" is not a whole number`);
  const arriveS = timeOf("arrival_time", row.arrival_time);
  const departS = timeOf("departure_time", row.departure_time);
  if (arriveS === undefined || departS === undefined) return;
  if (arriveS !== null && departS !== null && departS < arriveS)
    return wrong(`trip ${row.trip_id} leaves ${row.departure_time}, before it arrives ${row.arrival_time}`);
  const given = row.shape_dist_traveled === "" ? null : Number(row.shape_dist_traveled);
  if (given !== null && !(given >= 0))
    return wrong(`shape_dist_traveled "${row.shape_dist_traveled}" is not a distance`);
  trip.stops.push({
    sequence: Number(row.stop_sequence),
    stopId: stations.sameStop(row.stop_id),
    stationId,
    arriveS: arriveS ?? departS,
    departS: departS ?? arriveS,
    given,
    boards: row.pickup_type !== "1",
    alights: row.drop_off_type !== "1",
    line,
  });

  /** Null where there is none, undefined where it was wrong. */
  function timeOf(column: string, text: string): number | null | undefined {
    if (text === "") return null;
    const seconds = secondsOf(text);
    if (seconds <= travelSecondsMax) return seconds;
    wrong(`${column} "${text}" is ${Number.isNaN(seconds) ? "not a time (HH:MM:SS)" : "more than 7 days"}`);
    return undefined;
  }
}

export type TrainsOf = {
  readonly trips: readonly Trip[];
  readonly departures: Departures;
  readonly transfers: SeatTransfers;
  readonly prices: PriceList | null;
  readonly serviceDays: ReadonlyMap<string, ServiceDays>;
  readonly stations: StationTable;
  readonly isOfChina: boolean;
  readonly compositionOf: (trainNumber: string, trainType: TrainType) => string;
  readonly seatClassesOf: (compositionCode: string) => ReadonlySet<SeatClass>;
  readonly before: readonly TrainBefore[];
  readonly faults: Faults;
  readonly problems: Problems;
};

export function trainsOf(given: TrainsOf): TrainPlan[] {
  const { serviceDays, problems, isOfChina, compositionOf, seatClassesOf, prices } = given;
  const whole: WholeTrip[] = [];
  for (const trip of given.trips) {
    const stops = given.faults.has(trip.tripId) ? null : wholeStops(trip, given);
    // Their rows are not needed any more, and those of a country's trains are millions.
    trip.stops.length = 0;
    if (!stops) continue;
    if (serviceDays.has(trip.serviceId)) whole.push(...asOftenAsItRuns({ trip, stops }, given.departures));
    else problems.warn("trips that run on no day of the calendar taken over are left out", trip.tripId);
  }
  const chains: (TripChain | null)[] = joinTrips(whole, given);
  const unitM = unitOf(whole.map(({ stops }) => stops));
  const numbers = numberTrains(
    chains.map((chain) => unnumbered(chain!, problems)),
    given.before,
    problems,
  );
  const pricing = prices && createPricing(prices, problems);
  whole.length = 0;
  return numbers.map((trainNumber, index): TrainPlan => {
    const { parts, days } = chains[index]!;
    // What it is made from is not needed again.
    chains[index] = null;
    const stops = stopsOf(parts);
    const metres = distancesOf(stops, unitM);
    const { tripId: trip, route, shortName } = parts[0]!.trip;
    const trainType = (isOfChina && typeByLetterOf(trainNumber)) || (typeByRoute[route.type] ?? "emu");
    // Files beside the feed may name a train by the number under which it sets out.
    const startsAs = (parts.length > 1 && trainNumberOf(shortName)) || trainNumber;
    const compositionCode = compositionOf(startsAs, trainType);
    const fares = pricing?.({
      trip,
      calls: stops,
      closed: stops.map(({ closedTo }) => closedTo),
      seatClasses: seatClassesOf(compositionCode),
    });
    return {
      trainNumber,
      trainType,
      compositionCode,
      days,
      stops: stops.map(({ stationId, arriveS, departS, closedTo }, stop): PlannedStop => ({
        stationId,
        arriveS,
        departS,
        distanceM: metres[stop]!,
        ...(closedTo && { closedTo }),
      })),
      ...(fares && fares.length > 0 && { fares }),
      trips: tripsOf(parts),
    };
  });
}

function tripsOf(parts: readonly WholeTrip[]): FeedTrip[] {
  let firstStop = 0;
  return parts.map(({ trip: { tripId, route }, stops }) => {
    const trip = { tripId, routeId: route.id, firstStop, sequences: stops.map((stop) => stop.sequence) };
    firstStop += stops.length - 1;
    return trip;
  });
}

/** Of a trip by headway the times say how long it takes, and not when it leaves. */
function asOftenAsItRuns(whole: WholeTrip, departures: Departures): readonly WholeTrip[] {
  const times = departures.get(whole.trip.tripId);
  if (!times) return [whole];
  return times.map((departS) => {
    const laterS = departS - whole.stops[0]!.departS;
    const stops = whole.stops.map((stop) => ({
      ...stop,
      arriveS: stop.arriveS + laterS,
      departS: stop.departS + laterS,
    }));
    return { ...whole, stops };
  });
}

function wholeStops(trip: Trip, { stations, faults, problems }: TrainsOf): WholeTrip["stops"] | null {
  const { tripId } = trip;
  const rows = withoutRepeats(
    trip.stops.sort((a, b) => a.sequence - b.sequence),
    problems,
  );
  const wrong = (line: number, message: string): null => {
    faults.of(tripId, file, line, message);
    return null;
  };
  const twice = rows.find((row, at) => row.sequence === rows[at - 1]?.sequence);
  if (twice) return wrong(twice.line, `trip ${tripId} has stop_sequence ${twice.sequence} twice`);
  for (const end of [rows[0], rows.at(-1)])
    if (end?.arriveS === null)
      return wrong(end.line, `trip ${tripId} has no time at its ${end === rows[0] ? "first" : "last"} stop`);
  fillTimes(tripId, rows, problems);
  const kept: (RawStop & { arriveS: number; departS: number })[] = [];
  for (const [index, row] of (rows as (RawStop & { arriveS: number; departS: number })[]).entries()) {
    const before = rows[index - 1];
    if (before && row.arriveS < before.departS!)
      return wrong(
        row.line,
        `trip ${tripId} arrives at ${stations.nameOf(row.stationId)} before it leaves the stop before`,
      );
    const end = index === 0 || index === rows.length - 1;
    if (!row.boards && !row.alights && !end) {
      problems.warn("stops where nobody may get on or off are left out", `${tripId} at ${row.stationId}`);
      continue;
    }
    const last = kept.at(-1);
    if (last?.stationId === row.stationId) {
      problems.warn("two stops in a row at one station are taken as one", `${tripId} at ${row.stationId}`);
      last.departS = row.departS;
      last.boards ||= row.boards;
      last.alights ||= row.alights;
    } else kept.push(row);
  }
  if (kept.length < 2) {
    problems.warn("trips with fewer than two stations are left out", tripId);
    return null;
  }
  if (kept.length > stopsPerTrainMax)
    return wrong(
      kept[stopsPerTrainMax]!.line,
      `trip ${tripId} has ${kept.length} stops; ${stopsPerTrainMax} are the most (128 segments)`,
    );
  if (!sellsAnything(kept)) {
    problems.warn("trips that nobody may get on and off again are left out", tripId);
    return null;
  }
  return kept.map(({ sequence, stopId, stationId, arriveS, departS, given, boards, alights }, index) => ({
    sequence,
    stopId,
    route: trip.route,
    stationId,
    arriveS,
    departS,
    given,
    point: stations.pointOf(stationId),
    // Nobody gets off where the train begins, nor on where it ends, whatever the feed says.
    closedTo: !boards && index < kept.length - 1 ? "boarding" : !alights && index > 0 ? "alighting" : undefined,
  }));
}

/** Rows that say the same of one stop count once. */
function withoutRepeats(rows: readonly RawStop[], problems: Problems): RawStop[] {
  const textOf = ({ line: _line, ...rest }: RawStop) => JSON.stringify(rest);
  return rows.filter((row, at) => {
    const before = rows[at - 1];
    if (row.sequence !== before?.sequence || textOf(row) !== textOf(before)) return true;
    problems.warn("rows that come twice, letter for letter, count once", `${file}:${row.line}`);
    return false;
  });
}

/** A passenger may board at a stop and alight at a later one. */
function sellsAnything(stops: readonly Pick<RawStop, "boards" | "alights">[]): boolean {
  const boarding = stops.findIndex((stop) => stop.boards);
  return boarding >= 0 && boarding < stops.findLastIndex((stop) => stop.alights);
}

/** Stops without a time lie evenly between those that have one; the ends have. */
function fillTimes(tripId: string, rows: readonly RawStop[], problems: Problems): void {
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
}

/** Trips without a number are called as their route, or by their trip_id. */
function unnumbered({ parts, days }: TripChain, problems: Problems): UnnumberedTrain {
  const { tripId, route } = parts[0]!.trip;
  const own = numberOf(parts);
  if (own === "") problems.warn("trips without trip_short_name are called as their route or trip_id", tripId);
  return {
    tripId,
    wanted: own || trainNumberOf(route.name) || trainNumberOf(tripId) || "train",
    isMade: own === "",
    stations: stopsOf(parts).map((stop) => stop.stationId),
    departS: parts[0]!.stops[0]!.departS,
    days,
  };
}

/** By the number's letter, as on Chinese railways; elsewhere a letter means something else. */
function typeByLetterOf(trainNumber: string): TrainType | null {
  const letter = /^([GDCZTKLY])\d/.exec(trainNumber)?.[1];
  return letter === undefined ? null : typeByLetter[letter as keyof typeof typeByLetter];
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
