/**
 * The timetable in memory, as every process holds it. Runs are not stored: one is made when first asked for and kept while its
 * day is in use. Journeys between two stations are found once, by walking the two stations' calls side by side, and then kept
 * as rows of numbers; a date only asks each train whether it runs.
 */
import { LRUCache } from "lru-cache";
import {
  type Composition,
  type Leg,
  type Policy,
  type PolicyVersion,
  exchangedTrain,
  type Run,
  runId,
  type RunId,
  type RunStop,
  type Seat,
  type SeatClass,
  serviceOpensAt,
  standingParent,
  type Station,
  type StationCall,
  type StopSide,
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
  instantOfClock,
  minuteOfClock,
  minuteMs,
  type ServiceDate,
  serviceDayStart,
  type ZoneName,
} from "@chepiao/kernel";
import { daysOf, type FareOverride, type ServiceDays, type StoredTimetable } from "@chepiao/ports/timetable-store";
import { fareOf, type FareRules } from "./fares.ts";
import { adultFareSet, railwayFare } from "./railwayFares.ts";
import { createStationIndex } from "./stationIndex.ts";

type RunStatesRead = Pick<Timetable, "stateOf" | "notices" | "cancellations">;
/** Nobody says anything. */
const noStates: RunStatesRead = { stateOf: () => null, notices: () => [], cancellations: () => 0 };

const folded = (trainNumber: string): string => trainNumber.normalize("NFKC").toLowerCase();

const daySeconds = 86_400;
/** Days of runs, station pairs, and legs in answers kept; the least used goes first. */
const daysKept = 64;
const pairsKept = 50_000;
/** The search room keeps about a kilobyte with each leg. */
const legsKept = 100_000;
/** On boards of stations: a busy one has some two thousand a day. */
const callsKept = 50_000;
const datesKept = 4_000;

type Around = {
  readonly states?: RunStatesRead;
  /** What runs are made of that are not made of what the timetable says. */
  readonly exchanged?: ReadonlyMap<RunId, Composition>;
  /** Of the timetable, the policy and what was exchanged together. */
  readonly version?: number;
};

export function createTimetable(
  stored: StoredTimetable,
  inForce: PolicyVersion,
  { states = noStates, exchanged = new Map(), version = stored.version }: Around = {},
): Timetable {
  const { sale, fares: fareRules } = inForce.policy;
  const windowsOpen = createOpenings({ policy: inForce.policy, zone: stored.zone });
  const shown = stored.stations.map(
    ({ aliases: _aliases, zone: _zone, stopIds: _stopIds, ...station }): Station => station,
  );
  const stationZones = new Map(stored.stations.flatMap(({ stationId, zone }) => (zone ? [[stationId, zone]] : [])));
  const stationByStop = new Map(
    stored.stations.flatMap(({ stationId, stopIds = [] }) => stopIds.map((stopId) => [stopId, stationId] as const)),
  );
  const stations = new Map(shown.map((station) => [station.stationId, station]));
  const trains = stored.trains.map((train): TrainVersion => {
    const stops = train.stops.map((stop): RunStop => {
      const zone = stationZones.get(stop.stationId);
      const { name } = stations.get(stop.stationId)!;
      return { ...stop, name, ...(zone && zone !== train.zone ? { zone } : {}) };
    });
    const { trainVersionId, trainNumber, trainType, zone, composition, fares } = train;
    return { trainVersionId, trainNumber, trainType, zone, stops, composition, ...(fares && { fares }) };
  });
  const services = createServices(stored.trains.map((train) => train.days));
  const trainsByNumber = Map.groupBy(trains.keys(), (index) => trains[index]!.trainNumber);
  let foldedNumbers: ReadonlyMap<string, string> | null = null;
  /** Made when first somebody types a number that is not written so. */
  const numbersByFolded = () =>
    (foldedNumbers ??= new Map([...trainsByNumber.keys()].reverse().map((number) => [folded(number), number])));
  const boardings = callsByStation(trains, "boarding");
  const alightings = callsByStation(trains, "alighting");
  const callCount = (stationId: string) =>
    Math.max(boardings.get(stationId)?.length ?? 0, alightings.get(stationId)?.length ?? 0);
  const stationIndex = createStationIndex(stored.stations, callCount);
  const overrides = Map.groupBy(stored.fareOverrides, (override) => override.trainNumber);

  const days = new LRUCache<number, Day>({ max: daysKept });
  const pairs = new LRUCache<string, Int32Array>({ max: pairsKept });
  const answers = new LRUCache<string, readonly Leg[]>({
    maxSize: legsKept,
    sizeCalculation: (legs) => 1 + legs.length,
  });
  const boards = new LRUCache<string, readonly StationCall[]>({
    maxSize: callsKept,
    sizeCalculation: (calls) => 1 + calls.length,
  });
  const trainZones = [...new Set(trains.map((train) => train.zone))];
  const plainDates = new LRUCache<ServiceDate, boolean>({ max: datesKept });

  const exchangedTrains = new Map<RunId, TrainVersion>();

  /** The one object of that run while its day is kept. */
  function runAt(train: number, day: number): Run {
    let kept = days.get(day);
    if (!kept) days.set(day, (kept = makeDay(dateOfDayNumber(day), trains.length)));
    return (kept.runs[train] ??= kept.makeRun(trainOn(trains[train]!, kept.originDate)));
  }

  /** As it is made of on that day. */
  function trainOn(train: TrainVersion, originDate: ServiceDate): TrainVersion {
    if (exchanged.size === 0) return train;
    const run = runId(train.trainNumber, originDate);
    const composition = exchanged.get(run);
    if (!composition) return train;
    let other = exchangedTrains.get(run);
    if (!other) exchangedTrains.set(run, (other = exchangedTrain(train, composition)));
    return other;
  }

  function pairOf(from: string, to: string): Int32Array {
    const key = `${from}\n${to}`;
    let pair = pairs.get(key);
    if (!pair) pairs.set(key, (pair = journeys(boardings.get(from), alightings.get(to))));
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
          const stop = trains[train]!.stops[fromStop]!;
          const origin = day - Math.floor(stop.departS / daySeconds);
          if (plain && stop.zone === undefined) {
            if (services.runs(train, origin)) legs.push({ run: runAt(train, origin), fromStop, toStop });
            continue;
          }
          // Close to a change of the clock, and in another zone, the seconds may name another day than the station's clock does.
          for (const candidate of [origin - 1, origin, origin + 1]) {
            if (!services.runs(train, candidate)) continue;
            const leg = { run: runAt(train, candidate), fromStop, toStop };
            if (dateIn(stop.zone ?? leg.run.train.zone, departureOf(leg)) === boardingDate) legs.push(leg);
          }
        }
      }
    }
    return legs.sort(byDeparture);
  }

  function findCalls(stationId: string, side: StopSide, date: ServiceDate): readonly StationCall[] {
    const day = dayNumber(date);
    const plain = isPlain(date);
    const found: StationCall[] = [];
    for (const key of (side === "boarding" ? boardings : alightings).get(stationId) ?? []) {
      const [train, stop] = [Math.floor(key / stopsPerKey), key % stopsPerKey];
      const { stops } = trains[train]!;
      // Nobody boards where a train ends, or gets off where it begins.
      if (stop === (side === "boarding" ? stops.length - 1 : 0)) continue;
      const { zone, arriveS, departS } = stops[stop]!;
      const origin = day - Math.floor((side === "boarding" ? departS : arriveS) / daySeconds);
      const isSure = plain && zone === undefined;
      for (const candidate of isSure ? [origin] : [origin - 1, origin, origin + 1]) {
        if (!services.runs(train, candidate)) continue;
        const call = { run: runAt(train, candidate), stop };
        if (isSure || dateIn(zone ?? call.run.train.zone, callAt(call, side)) === date) found.push(call);
      }
    }
    return found.sort((a, b) => byCall(a, b, side));
  }

  /** No change of the clock is near, in any zone of these trains. */
  function isPlain(date: ServiceDate): boolean {
    let plain = plainDates.get(date);
    if (plain === undefined) plainDates.set(date, (plain = trainZones.every((zone) => isPlainIn(zone, date))));
    return plain;
  }

  return {
    zone: stored.zone,
    zones: [...new Set([stored.zone, ...stationZones.values()])],
    zoneOf: (stationId) => stationZones.get(stationId) ?? stored.zone,
    stations: shown,
    attributions: stored.attributions,
    version,
    policy: inForce,
    station: (stationId) => stations.get(stationId) ?? null,
    resolvePlace: stationIndex.resolve,
    suggestStations: stationIndex.suggest,
    cityEnglish: stationIndex.cityEnglish,
    run(trainNumber, originDate) {
      const day = dayNumber(originDate);
      for (const train of trainsByNumber.get(trainNumber) ?? [])
        if (services.runs(train, day)) return runAt(train, day);
      return null;
    },
    stateOf: states.stateOf,
    notices: states.notices,
    cancellations: states.cancellations,
    stationOfStop: (stopId) => stationByStop.get(stopId) ?? (stations.has(stopId) ? stopId : null),
    knowsTrain: (trainNumber) => trainsByNumber.has(trainNumber),
    trainCalled: (text) => (trainsByNumber.has(text) ? text : (numbersByFolded().get(folded(text)) ?? null)),
    legs(from, to, boardingDate) {
      const key = `${boardingDate}\n${from.join("\t")}\n${to.join("\t")}`;
      let legs = answers.get(key);
      if (!legs) answers.set(key, (legs = findLegs(from, to, boardingDate)));
      return legs;
    },
    calls(stationId, side, date) {
      const key = `${date} ${side} ${stationId}`;
      let calls = boards.get(key);
      if (!calls) boards.set(key, (calls = findCalls(stationId, side, date)));
      return calls;
    },
    *runsOn(originDate) {
      const day = dayNumber(originDate);
      for (let train = 0; train < trains.length; train++) if (services.runs(train, day)) yield runAt(train, day);
    },
    saleOpensAt: windowsOpen,
    saleClosesAt({ dayStart, train: { stops } }, fromStop) {
      const { stationId, departS } = stops[fromStop]!;
      const closesMinutes = sale.stations[stationId]?.closesMinutes ?? sale.closesMinutes;
      return epochMs(dayStart + departS * 1_000 - closesMinutes * minuteMs);
    },
    stopIndex({ train: { stops } }, stationId, after = 0, side) {
      for (let at = after; at < stops.length; at++) {
        const stop = stops[at]!;
        if (stop.stationId === stationId && (side === undefined || stop.closedTo !== side)) return at;
      }
      return -1;
    },
    fare(run, seatClass, fromStop, toStop, ticketType, seat) {
      const ofTrain = overrides.get(run.train.trainNumber);
      return journeyFare(run.train, ofTrain, seatClass, fromStop, toStop, ticketType, seat, fareRules);
    },
  };
}

/** Of several overrides the one for these two stations wins, then the later one; what is set by hand goes before the railway's fares. */
function journeyFare(
  train: TrainVersion,
  overrides: readonly FareOverride[] | undefined,
  seatClass: SeatClass,
  fromStop: number,
  toStop: number,
  ticketType: TicketType,
  seat: Seat | undefined,
  rules: FareRules,
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
  const byHand = (fitting?.findLast(({ between }) => between) ?? fitting?.at(-1))?.set;
  const way = { fromStop, toStop };
  const own = byHand || ticketType === "adult" ? null : railwayFare(train, paidClass, ticketType, way);
  if (own !== null) return own;
  const request = { trainType: train.trainType, distanceM: to.distanceM - from.distanceM };
  const computed = (of: typeof paidClass) =>
    fareOf({ ...request, seatClass: of, kind: undefined, ticketType: "adult", override: undefined }, rules);
  const override = adultFareSet(train, paidClass, way, byHand, computed);
  return fareOf({ ...request, seatClass: paidClass, kind: seat?.kind, ticketType, override }, rules);
}

function parentOf(composition: Composition): Exclude<SeatClass, "standing"> {
  const parent = standingParent(composition);
  assert(parent !== null && parent !== "standing", `composition ${composition.code} has no standing places`);
  return parent;
}

type Day = {
  readonly originDate: ServiceDate;
  readonly runs: (Run | undefined)[];
  makeRun(train: TrainVersion): Run;
};

function makeDay(originDate: ServiceDate, trainCount: number): Day {
  // The same for every train of a zone, and most days have but one.
  const byZone = new Map<ZoneName, EpochMs>();
  return {
    originDate,
    runs: Array.from({ length: trainCount }),
    makeRun(train) {
      let dayStart = byZone.get(train.zone);
      if (dayStart === undefined) byZone.set(train.zone, (dayStart = serviceDayStart(originDate, train.zone)));
      return { runId: runId(train.trainNumber, originDate), originDate, train, dayStart };
    },
  };
}

/** A railway's rules, and the zone of its clock. */
type Opening = { readonly policy: Pick<Policy, "sale" | "service">; readonly zone: ZoneName };

/**
 * By the clock where one boards; not before tickets are bought at all.
 * @param stationId of the station where one boards; without it, of those for which the policy says nothing
 */
export function saleOpensAt(
  boardingDate: ServiceDate,
  { policy: { sale, service }, zone }: Opening,
  stationZone = zone,
  stationId?: string,
): EpochMs {
  const clock = (stationId === undefined ? undefined : sale.stations[stationId]?.opensAt) ?? sale.opensAt;
  const opensAt = instantOfClock(addDays(boardingDate, 1 - sale.windowDays), minuteOfClock(clock), stationZone);
  return serviceOpensAt(service?.hours, zone, opensAt) ?? opensAt;
}

/** Asked by every purchase and every page of offers: worked out once for each stop of a run. */
function createOpenings(rules: Opening): Timetable["saleOpensAt"] {
  const known = new WeakMap<Run, EpochMs[]>();
  return (run, fromStop) => {
    let ofRun = known.get(run);
    if (!ofRun) known.set(run, (ofRun = []));
    return (ofRun[fromStop] ??= openingOf(run, run.train.stops[fromStop]!, rules));
  };
}

function openingOf(
  { dayStart, train }: Run,
  { stationId, departS, zone = train.zone }: RunStop,
  rules: Opening,
): EpochMs {
  const boardingDate = dateIn(zone, epochMs(dayStart + departS * 1_000));
  return saleOpensAt(boardingDate, rules, zone, stationId);
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

/** Each call of each train at a station at which that may be done, as train · 256 + stop, rising. */
const stopsPerKey = 256;
function callsByStation(trains: readonly TrainVersion[], side: StopSide): ReadonlyMap<string, readonly number[]> {
  const calls = new Map<string, number[]>();
  trains.forEach((train, index) => {
    train.stops.forEach(({ stationId, closedTo }, stop) => {
      if (closedTo === side) return;
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

const callAt = ({ run, stop }: StationCall, side: StopSide): EpochMs => {
  const { arriveS, departS } = run.train.stops[stop]!;
  return epochMs(run.dayStart + (side === "boarding" ? departS : arriveS) * 1_000);
};

const byCall = (a: StationCall, b: StationCall, side: StopSide): number =>
  callAt(a, side) - callAt(b, side) ||
  (a.run.runId < b.run.runId ? -1 : a.run.runId > b.run.runId ? 1 : 0) ||
  a.stop - b.stop;

/** A train is under way for less than this many days. */
const travelDaysMax = 7;

/** Every day from which a train may still be under way, and the next, begins 24 hours after the one before. */
function isPlainIn(zone: ZoneName, date: ServiceDate): boolean {
  const midnight = (day: ServiceDate) => Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds;
  const span = midnight(addDays(date, 2)) - midnight(addDays(date, -travelDaysMax));
  return span === (travelDaysMax + 2) * dayMs;
}
