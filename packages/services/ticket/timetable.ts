/**
 * The timetable in memory, as every process holds it. Runs are not stored: one is made when first asked for and kept while its
 * day is in use. Journeys between two stations are found once, by walking the two stations' calls side by side, and then kept
 * as rows of numbers; a date only asks each train whether it runs.
 */
import { LRUCache } from "lru-cache";
import {
  type Composition,
  type Leg,
  type Run,
  runId,
  type RunStop,
  type Seat,
  type SeatClass,
  standingParent,
  type TicketType,
  type Timetable,
  type TrainVersion,
} from "@chepiao/contracts";
import {
  addDays,
  assert,
  dateIn,
  dateOfDayNumber,
  dayMs,
  dayNumber,
  type EpochMs,
  epochMs,
  type Fen,
  minuteMs,
  type ServiceDate,
  serviceDayStart,
  type ZoneName,
} from "@chepiao/kernel";
import { daysOf, type FareOverride, type ServiceDays, type StoredTimetable } from "@chepiao/ports/timetable-store";
import { fareOf } from "./fares.ts";
import { createPlaces } from "./places.ts";

export type SaleRules = {
  /** How many origin dates are on sale at once, today's included. */
  readonly saleWindowDays: number;
  /** Minutes after midnight at which the last of them opens. */
  readonly openingMinute: number;
};

const daySeconds = 86_400;
/** Days of runs, station pairs, and legs in answers kept; the least used goes first. */
const daysKept = 64;
const pairsKept = 50_000;
/** Whoever prepares answers keeps about a kilobyte with each leg. */
const legsKept = 100_000;
const datesKept = 4_000;

export function createTimetable(stored: StoredTimetable, rules: SaleRules): Timetable {
  const stations = new Map(stored.stations.map((station) => [station.stationId, station]));
  const trains = stored.trains.map((train): TrainVersion => {
    const stops = train.stops.map((stop): RunStop => ({ ...stop, name: stations.get(stop.stationId)!.name }));
    const { trainVersionId, trainNumber, trainType, zone, composition } = train;
    return { trainVersionId, trainNumber, trainType, zone, stops, composition };
  });
  const services = createServices(stored.trains.map((train) => train.days));
  const trainsByNumber = Map.groupBy(trains.keys(), (index) => trains[index]!.trainNumber);
  const calls = callsByStation(trains);
  const places = createPlaces(stored.stations, (stationId) => calls.get(stationId)?.length ?? 0);
  const overrides = Map.groupBy(stored.fareOverrides, (override) => override.trainNumber);

  const days = new LRUCache<number, Day>({ max: daysKept });
  const pairs = new LRUCache<string, Int32Array>({ max: pairsKept });
  const answers = new LRUCache<string, readonly Leg[]>({
    maxSize: legsKept,
    sizeCalculation: (legs) => 1 + legs.length,
  });
  const zones = [...new Set(trains.map((train) => train.zone))];
  const plainDates = new LRUCache<ServiceDate, boolean>({ max: datesKept });

  /** The one object of that run while its day is kept. */
  function runAt(train: number, day: number): Run {
    let kept = days.get(day);
    if (!kept) days.set(day, (kept = makeDay(dateOfDayNumber(day), trains.length, rules)));
    return (kept.runs[train] ??= kept.makeRun(trains[train]!));
  }

  function pairOf(from: string, to: string): Int32Array {
    const key = `${from}\n${to}`;
    let pair = pairs.get(key);
    if (!pair) pairs.set(key, (pair = journeys(calls.get(from), calls.get(to))));
    return pair;
  }

  function findLegs(from: readonly string[], to: readonly string[], boardingDate: ServiceDate): readonly Leg[] {
    const day = dayNumber(boardingDate);
    const plain = isPlain(boardingDate);
    const legs: Leg[] = [];
    for (const fromStation of from) {
      for (const toStation of to) {
        if (fromStation === toStation) continue;
        const pair = pairOf(fromStation, toStation);
        for (let at = 0; at < pair.length; at += 3) {
          const train = pair[at]!;
          const fromStop = pair[at + 1]!;
          const toStop = pair[at + 2]!;
          const origin = day - Math.floor(trains[train]!.stops[fromStop]!.departS / daySeconds);
          if (plain) {
            if (services.runs(train, origin)) legs.push({ run: runAt(train, origin), fromStop, toStop });
            continue;
          }
          // Close to a change of the clock the seconds may name another day than the station's clock does.
          for (const candidate of [origin - 1, origin, origin + 1]) {
            if (!services.runs(train, candidate)) continue;
            const leg = { run: runAt(train, candidate), fromStop, toStop };
            if (dateIn(leg.run.train.zone, departureOf(leg)) === boardingDate) legs.push(leg);
          }
        }
      }
    }
    return legs.sort(byDeparture);
  }

  /** No change of the clock is near, in any zone of these trains. */
  function isPlain(date: ServiceDate): boolean {
    let plain = plainDates.get(date);
    if (plain === undefined) plainDates.set(date, (plain = zones.every((zone) => isPlainIn(zone, date))));
    return plain;
  }

  return {
    zone: stored.zone,
    stations: stored.stations,
    version: stored.version,
    station: (stationId) => stations.get(stationId) ?? null,
    resolvePlace: places.resolve,
    suggestStations: places.suggest,
    run(trainNumber, originDate) {
      const day = dayNumber(originDate);
      for (const train of trainsByNumber.get(trainNumber) ?? [])
        if (services.runs(train, day)) return runAt(train, day);
      return null;
    },
    knowsTrain: (trainNumber) => trainsByNumber.has(trainNumber),
    legs(from, to, boardingDate) {
      const key = `${boardingDate}\n${from.join("\t")}\n${to.join("\t")}`;
      let legs = answers.get(key);
      if (!legs) answers.set(key, (legs = findLegs(from, to, boardingDate)));
      return legs;
    },
    *runsOn(originDate) {
      const day = dayNumber(originDate);
      for (let train = 0; train < trains.length; train++) if (services.runs(train, day)) yield runAt(train, day);
    },
    stopIndex({ train: { stops } }, stationId, after = 0) {
      for (let stop = after; stop < stops.length; stop++) if (stops[stop]!.stationId === stationId) return stop;
      return -1;
    },
    fare(run, seatClass, fromStop, toStop, ticketType, seat) {
      const ofTrain = overrides.get(run.train.trainNumber);
      return journeyFare(run.train, ofTrain, seatClass, fromStop, toStop, ticketType, seat);
    },
  };
}

/** Of several overrides the one for these two stations wins, then the later one. */
function journeyFare(
  train: TrainVersion,
  overrides: readonly FareOverride[] | undefined,
  seatClass: SeatClass,
  fromStop: number,
  toStop: number,
  ticketType: TicketType,
  seat: Seat | undefined,
): Fen {
  assert(fromStop < toStop, "a fare is for a way forward");
  const from = train.stops[fromStop]!;
  const to = train.stops[toStop]!;
  const paidClass = seatClass === "standing" ? parentOf(train.composition) : seatClass;
  const fitting = overrides?.filter(
    ({ seatClass: of, between }) =>
      of === paidClass &&
      (!between || (between.fromStationId === from.stationId && between.toStationId === to.stationId)),
  );
  return fareOf({
    trainType: train.trainType,
    distanceM: to.distanceM - from.distanceM,
    seatClass: paidClass,
    kind: seat?.kind,
    ticketType,
    override: (fitting?.findLast(({ between }) => between) ?? fitting?.at(-1))?.set,
  });
}

function parentOf(composition: Composition): Exclude<SeatClass, "standing"> {
  const parent = standingParent(composition);
  assert(parent !== null && parent !== "standing", `composition ${composition.code} has no standing places`);
  return parent;
}

type Day = { readonly runs: (Run | undefined)[]; makeRun(train: TrainVersion): Run };

function makeDay(originDate: ServiceDate, trainCount: number, rules: SaleRules): Day {
  // The same for every train of a zone, and most days have but one.
  const byZone = new Map<ZoneName, Pick<Run, "dayStart" | "saleOpensAt">>();
  return {
    runs: Array.from({ length: trainCount }),
    makeRun(train) {
      let instants = byZone.get(train.zone);
      if (!instants) {
        const dayStart = serviceDayStart(originDate, train.zone);
        byZone.set(train.zone, (instants = { dayStart, saleOpensAt: saleOpensAt(originDate, train.zone, rules) }));
      }
      return { runId: runId(train.trainNumber, originDate), originDate, train, ...instants };
    },
  };
}

export function saleOpensAt(originDate: ServiceDate, zone: ZoneName, rules: SaleRules): EpochMs {
  const openingDay = addDays(originDate, 1 - rules.saleWindowDays);
  return epochMs(serviceDayStart(openingDay, zone) + rules.openingMinute * minuteMs);
}

/** Which train runs on which day, as one bit each. Trains of one calendar share its bits. */
function createServices(services: readonly ServiceDays[]) {
  type Bits = { readonly first: number; readonly words: Int32Array };
  const known = new Map<ServiceDays, Bits>();
  const byTrain = services.map((service) => {
    let bits = known.get(service);
    if (!bits) {
      const first = dayNumber(service.validFrom);
      const words = new Int32Array((dayNumber(service.validUntil) - first + 32) >>> 5);
      for (const day of daysOf(service)) words[(day - first) >>> 5]! |= 1 << ((day - first) & 31);
      known.set(service, (bits = { first, words }));
    }
    return bits;
  });
  return {
    runs(train: number, day: number): boolean {
      const { first, words } = byTrain[train]!;
      const bit = day - first;
      return bit >= 0 && bit >>> 5 < words.length && (words[bit >>> 5]! & (1 << (bit & 31))) !== 0;
    },
  };
}

/** Each call of each train at a station as train · 256 + stop, rising. */
const stopsPerKey = 256;
function callsByStation(trains: readonly TrainVersion[]): ReadonlyMap<string, readonly number[]> {
  const calls = new Map<string, number[]>();
  trains.forEach((train, index) => {
    train.stops.forEach(({ stationId }, stop) => {
      const list = calls.get(stationId);
      if (list) list.push(index * stopsPerKey + stop);
      else calls.set(stationId, [index * stopsPerKey + stop]);
    });
  });
  return calls;
}

/**
 * Ways from one station to another as triples train, from, to. Where a train calls twice, only the ways that cannot be
 * shortened: nobody boards before the last call from which the next arrival is the same.
 */
function journeys(from: readonly number[] | undefined, to: readonly number[] | undefined): Int32Array {
  const found: number[] = [];
  if (!from || !to) return new Int32Array();
  let next = 0;
  for (let at = 0; at < from.length; at++) {
    const boarding = from[at]!;
    while (next < to.length && to[next]! <= boarding) next++;
    if (next === to.length) break;
    const train = Math.floor(boarding / stopsPerKey);
    const arrival = to[next]!;
    if (Math.floor(arrival / stopsPerKey) !== train) continue;
    // A later call at `from`, still before that arrival, makes this one pointless.
    if (at + 1 < from.length && from[at + 1]! < arrival) continue;
    found.push(train, boarding % stopsPerKey, arrival % stopsPerKey);
  }
  return Int32Array.from(found);
}

const departureOf = (leg: Leg) => epochMs(leg.run.dayStart + leg.run.train.stops[leg.fromStop]!.departS * 1_000);
const arrivalOf = (leg: Leg) => leg.run.dayStart + leg.run.train.stops[leg.toStop]!.arriveS * 1_000;

function byDeparture(a: Leg, b: Leg): number {
  return (
    departureOf(a) - departureOf(b) ||
    arrivalOf(a) - arrivalOf(b) ||
    (a.run.runId < b.run.runId ? -1 : a.run.runId > b.run.runId ? 1 : 0) ||
    a.fromStop - b.fromStop ||
    a.toStop - b.toStop
  );
}

/** A train is under way for less than this many days. */
const travelDaysMax = 7;

/** Every day from which a train may still be under way, and the next, begins 24 hours after the one before. */
function isPlainIn(zone: ZoneName, date: ServiceDate): boolean {
  const midnight = (day: ServiceDate) => Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds;
  const span = midnight(addDays(date, 2)) - midnight(addDays(date, -travelDaysMax));
  return span === (travelDaysMax + 2) * dayMs;
}
