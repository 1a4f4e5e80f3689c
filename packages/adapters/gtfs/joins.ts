/**
 * Trips that go on as one another in one vehicle: of one `block_id`, or so said by `transfers.txt`. A passenger who stays in the seat needs
 * one ticket and one seat for the whole way, so they become one train wherever that train can be sold. On days on which but one of them
 * runs it is a train by itself.
 */
import type { StopSide } from "@chepiao/contracts";
import { daysOf, type ServiceDays, serviceDaysOf } from "@chepiao/ports/timetable-store";
import { stopsPerTrainMax } from "@chepiao/kernel";
import { trainNumberLengthMax, trainNumberOf } from "./numbers.ts";
import type { Problems } from "./problems.ts";
import type { Read } from "./table.ts";
import type { Departures, Trip, WholeStop, WholeTrip } from "./trip.ts";

/** One trip or several, one behind the other, on days on which they go on as one another. */
export type TripChain = { readonly parts: readonly WholeTrip[]; readonly days: ServiceDays };

/** What `transfers.txt` says of pairs of trips: that passengers may stay in their seats, or may not. */
export type SeatTransfers = {
  readonly mayStay: ReadonlyMap<string, ReadonlySet<string>>;
  readonly mustLeave: ReadonlyMap<string, ReadonlySet<string>>;
};

const transferColumns = { required: ["transfer_type"], optional: ["from_trip_id", "to_trip_id"] } as const;

export async function readSeatTransfers(
  read: Read,
  trips: ReadonlyMap<string, Trip | null>,
  problems: Problems,
): Promise<SeatTransfers> {
  const file = "transfers.txt";
  const mayStay = new Map<string, Set<string>>();
  const mustLeave = new Map<string, Set<string>>();
  await read(file, transferColumns, ({ transfer_type: type, from_trip_id: from, to_trip_id: to }, line) => {
    if (type !== "4" && type !== "5") return;
    const unknown = [from, to].find((tripId) => !trips.has(tripId));
    if (unknown !== undefined) {
      if (!problems.isSpoilt("trips.txt"))
        problems.warnAt(file, line, `trip_id ${unknown || "(empty)"} is not in trips.txt: the row is not used`);
      return;
    }
    const pairs = type === "4" ? mayStay : mustLeave;
    pairs.set(from, (pairs.get(from) ?? new Set()).add(to));
  });
  return { mayStay, mustLeave };
}

export type JoinsOf = {
  readonly serviceDays: ReadonlyMap<string, ServiceDays>;
  readonly transfers: SeatTransfers;
  readonly departures: Departures;
  readonly problems: Problems;
};

/** In the order of their first trips. */
export function joinTrips(trips: readonly WholeTrip[], given: JoinsOf): TripChain[] {
  const { serviceDays, transfers } = given;
  const vehicles = vehiclesOf(trips, transfers);
  const joined = new Map<WholeTrip, TripChain[]>();
  const shareDays = createSharedDays();
  for (const vehicle of vehicles)
    for (const { parts, days } of chainsOf(vehicle, given)) {
      const [first] = parts as [WholeTrip];
      const own = serviceDays.get(first.trip.serviceId)!;
      const isOwn = parts.length === 1 && days.length === shareDays.listOf(own).length;
      const chain = { parts, days: isOwn ? own : shareDays.of(days) };
      const known = joined.get(first);
      if (known) known.push(chain);
      else joined.set(first, [chain]);
    }
  const inVehicles = new Set(vehicles.flat());
  return trips.flatMap((trip) => {
    if (inVehicles.has(trip)) return joined.get(trip) ?? [];
    return [{ parts: [trip], days: serviceDays.get(trip.trip.serviceId)! }];
  });
}

/** Trips that one vehicle may go on as one another in: of one block, or joined by transfers. Those that stand alone are left out. */
function vehiclesOf(trips: readonly WholeTrip[], { mayStay }: SeatTransfers): WholeTrip[][] {
  const groupOf = new Map<string, WholeTrip[]>();
  const blocks = Map.groupBy(trips, ({ trip }) => (trip.blockId === "" ? null : trip.blockId));
  blocks.delete(null);
  const groups = new Set<WholeTrip[]>();
  const note = (group: WholeTrip[]) => {
    groups.add(group);
    for (const { trip } of group) groupOf.set(trip.tripId, group);
  };
  for (const block of blocks.values()) note(block);
  const byId = Map.groupBy(trips, ({ trip }) => trip.tripId);
  for (const [from, tos] of mayStay)
    for (const to of tos) {
      const [one, other] = [from, to].map((id) => groupOf.get(id) ?? byId.get(id) ?? []) as [WholeTrip[], WholeTrip[]];
      if (one === other) continue;
      groups.delete(one);
      groups.delete(other);
      note([...one, ...other]);
    }
  return [...groups].filter((group) => group.length > 1);
}

/** Days on which the same of the vehicle's trips run are looked at once. */
function chainsOf(vehicle: readonly WholeTrip[], given: JoinsOf): { parts: WholeTrip[]; days: number[] }[] {
  const services = [...new Set(vehicle.map(({ trip }) => trip.serviceId))];
  const servicesByDay = new Map<number, string[]>();
  for (const service of services)
    for (const day of daysOf(given.serviceDays.get(service)!)) {
      const running = servicesByDay.get(day);
      if (running) running.push(service);
      else servicesByDay.set(day, [service]);
    }
  const daysByServices = Map.groupBy(servicesByDay.keys(), (day) => JSON.stringify(servicesByDay.get(day)));
  const chains = new Map<string, { parts: WholeTrip[]; days: number[] }>();
  for (const [text, days] of daysByServices) {
    const running = new Set(JSON.parse(text) as string[]);
    const trips = vehicle.filter(({ trip }) => running.has(trip.serviceId));
    for (const parts of chained(trips, given)) {
      const key = parts.map((part) => `${part.trip.tripId} ${part.stops[0]!.departS}`).join("\n");
      const known = chains.get(key);
      if (known) known.days.push(...days);
      else chains.set(key, { parts, days: [...days] });
    }
  }
  return [...chains.values()];
}

/** Between the trips of a train that goes on as another. */
const turnroundSecondsMax = 60 * 60;

function chained(trips: readonly WholeTrip[], given: JoinsOf): WholeTrip[][] {
  const { problems, transfers } = given;
  const inOrder = trips.toSorted((a, b) => a.stops[0]!.departS - b.stops[0]!.departS);
  const byStart = Map.groupBy(inOrder, ({ stops }) => stops[0]!.stationId);
  const chains = new Map<WholeTrip, WholeTrip[]>();
  const followers = new Set<WholeTrip>();
  for (const trip of inOrder) {
    const chain = chains.get(trip) ?? [trip];
    chains.set(trip, chain);
    const { stationId, arriveS } = trip.stops.at(-1)!;
    const next = byStart.get(stationId)?.find((each) => {
      const waitS = each.stops[0]!.departS - arriveS;
      return (
        each !== trip && !followers.has(each) && waitS >= 0 && waitS <= turnroundSecondsMax && mayFollow(trip, each)
      );
    });
    if (!next) continue;
    const why = whyApart(chain, next, given.departures);
    const names = `${trip.trip.tripId} and ${next.trip.tripId}`;
    if (why !== null) problems.warn(`trips of one vehicle are sold as two trains, with a seat in each: ${why}`, names);
    else {
      problems.warn("trips of one vehicle are sold as one train, with one seat all the way", names);
      followers.add(next);
      chain.push(next);
      chains.set(next, chain);
    }
  }
  return [...new Set(chains.values())];

  function mayFollow(before: WholeTrip, after: WholeTrip): boolean {
    const [from, to] = [before.trip, after.trip];
    if (transfers.mayStay.get(from.tripId)?.has(to.tripId)) return true;
    return from.blockId !== "" && from.blockId === to.blockId && !transfers.mustLeave.get(from.tripId)?.has(to.tripId);
  }
}

/** Why a vehicle's next trip is no part of the same train, for people; null where it is. */
function whyApart(chain: readonly WholeTrip[], next: WholeTrip, departures: Departures): string | null {
  if ([...chain, next].some(({ trip }) => departures.has(trip.tripId))) return "they run by headway";
  const called = new Set(chain.flatMap(({ stops }) => stops.map((stop) => stop.stationId)));
  // A train is asked for by its number and two stations: nobody would know which of its turns is meant.
  if (next.stops.slice(1).some((stop) => called.has(stop.stationId))) return "the train turns back";
  if (called.size + next.stops.length - 1 > stopsPerTrainMax) return `together they have too many stops`;
  if (chain.at(-1)!.stops.at(-1)!.closedTo === "alighting" && next.stops[0]!.closedTo === "boarding")
    return "nobody may get on or off where they meet";
  return numberOf([...chain, next]).length > trainNumberLengthMax ? "their numbers are too long for one" : null;
}

/** A train that changes its number on the way is called by all of them; empty where the feed has none. */
export const numberOf = (parts: readonly WholeTrip[]): string =>
  [...new Set(parts.map(({ trip }) => trainNumberOf(trip.shortName)).filter((number) => number !== ""))].join("+");

/** The stops of all parts in a row; where two meet is one stop. */
export function stopsOf(parts: readonly WholeTrip[]): WholeTrip["stops"] {
  const [first, ...later] = parts as [WholeTrip, ...WholeTrip[]];
  return later.reduce<readonly WholeStop[]>((before, { stops }) => {
    const end = before.at(-1)!;
    const start = stops[0]!;
    const { closedTo: _closed, ...open } = end;
    const closedTo: StopSide | undefined =
      start.closedTo === "boarding" ? "boarding" : end.closedTo === "alighting" ? "alighting" : undefined;
    const joint = { ...open, departS: start.departS, route: start.route, closedTo };
    // Each trip counts its distance from where it begins.
    const alreadyM = (given: number | null) =>
      given === null || end.given === null || start.given === null ? null : end.given + given - start.given;
    return [...before.slice(0, -1), joint, ...stops.slice(1).map((stop) => ({ ...stop, given: alreadyM(stop.given) }))];
  }, first.stops);
}

/** One object for equal lists of days, as trains of one calendar share it. */
function createSharedDays() {
  const byText = new Map<string, ServiceDays>();
  const lists = new Map<ServiceDays, readonly number[]>();
  return {
    listOf(days: ServiceDays): readonly number[] {
      let list = lists.get(days);
      if (!list) lists.set(days, (list = daysOf(days)));
      return list;
    },
    of(list: readonly number[]): ServiceDays {
      const sorted = [...list].sort((a, b) => a - b);
      const key = sorted.join();
      let days = byText.get(key);
      if (!days) byText.set(key, (days = serviceDaysOf(sorted)!));
      return days;
    },
  };
}
