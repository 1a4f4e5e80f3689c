/**
 * What the timetable is after a newer feed has come while seats of the older one are sold. Pure, so that every store does the
 * same: a sold run either goes on under the newer feed with the same stops, times and seats, or stays exactly as it was sold.
 */
import { type Composition, runId, type RunId, trainAndDateOf } from "@chepiao/contracts";
import {
  assert,
  dateOfDayNumber,
  dayNumber,
  parseServiceDate,
  type ServiceDate,
  stopsPerTrainMax,
} from "@chepiao/kernel";
import { daysOf, runsOnDate, serviceDaysOf } from "./service-days.ts";
import type {
  Conflict,
  ConflictReason,
  NamedTimetable,
  NamedTrain,
  OriginDates,
  PlannedStop,
  TimetableImport,
} from "./timetable-store.ts";

/** Ids of one version never meet those of another: version · this + place in the list. */
const trainsPerVersionMax = 10_000_000;

type Unnumbered = Omit<NamedTrain, "trainVersionId">;

export function takeOver(
  current: NamedTimetable | null,
  next: TimetableImport,
  soldRuns: ReadonlySet<RunId>,
  onSale?: OriginDates,
): { readonly timetable: NamedTimetable; readonly conflicts: readonly Conflict[]; readonly addedCount: number } {
  checkImport(next);
  const version = (current?.version ?? 0) + 1;
  const compositions = new Map(next.compositions.map((composition) => [composition.code, composition]));
  const trains: Unnumbered[] = next.trains.map(({ compositionCode, ...train }) => ({
    ...train,
    zone: next.zone,
    composition: compositions.get(compositionCode)!,
  }));
  const conflicts: Conflict[] = [];
  const keptDays = new Map<NamedTrain, Set<number>>();
  const takenDays = new Map<Unnumbered, Set<number>>();
  const stations = new Map(next.stations.map((station) => [station.stationId, station]));

  if (current && soldRuns.size > 0) {
    const byNumber = Map.groupBy(trains, (train) => train.trainNumber);
    const newNamesOf = createNewNames(current, trains);
    const partsBefore = createParts(current.trains);
    for (const { train, date, run } of soldRunsOf(current, soldRuns)) {
      const namesake = byNumber.get(train.trainNumber)?.find(({ days }) => runsOnDate(days, date));
      const difference = namesake && differenceOf(train, namesake);
      if (namesake && !difference) continue;
      const rivals = newNamesOf(train, date);
      conflicts.push({ runId: run, reason: difference ?? (rivals.length > 0 ? "numberChanged" : "dropped") });
      add(keptDays, train, dayNumber(date));
      for (const rival of namesake ? [namesake, ...rivals] : rivals) {
        add(takenDays, rival, dayNumber(date));
        // What else went into a train of several parts goes on as it was, too, or it would be missing on that date.
        for (const part of partsBefore(rival, date)) add(keptDays, part, dayNumber(date));
      }
    }
    const stationsBefore = new Map(current.stations.map((station) => [station.stationId, station]));
    for (const { stationId } of [...keptDays.keys()].flatMap((train) => train.stops))
      if (!stations.has(stationId)) stations.set(stationId, stationsBefore.get(stationId)!);
  }

  const kept = [...keptDays].map(([train, days]): Unnumbered => ({ ...train, days: serviceDaysOf([...days])! }));
  const followed = trains.flatMap((train) => {
    const taken = takenDays.get(train);
    // A train whose every day stays with the older feed has nothing left to run.
    const days = taken ? serviceDaysOf(daysOf(train.days).filter((day) => !taken.has(day))) : train.days;
    return days ? [{ ...train, days }] : [];
  });
  conflicts.sort((a, b) => (a.runId < b.runId ? -1 : 1));
  const brought = current && onSale ? addedRuns(current.trains, [...followed, ...kept], onSale) : [];
  const added = [...brought, ...stillAdded(current?.added ?? [], [...followed, ...kept])];
  return {
    conflicts,
    addedCount: brought.length,
    timetable: {
      version,
      feedName: next.feedName,
      zone: next.zone,
      stations: [...stations.values()],
      trains: [...followed, ...kept].map((train, index) => ({
        ...train,
        trainVersionId: version * trainsPerVersionMax + index,
      })),
      fareOverrides: next.fareOverrides,
      attributions: next.attributions ?? [],
      ...(added.length > 0 && { added }),
    },
  };
}

type Running = Pick<NamedTrain, "trainNumber" | "days">;

/** Runs of those dates that are there now and were not before. */
function addedRuns(before: readonly Running[], now: readonly Running[], { from, until }: OriginDates): RunId[] {
  const [first, last] = [dayNumber(from), dayNumber(until)];
  const daysIn = ({ days }: Running) => daysOf(days).filter((day) => day >= first && day <= last);
  const known = new Map<string, Set<number>>();
  for (const train of before) for (const day of daysIn(train)) add(known, train.trainNumber, day);
  return now.flatMap((train) =>
    daysIn(train)
      .filter((day) => !known.get(train.trainNumber)?.has(day))
      .map((day) => runId(train.trainNumber, dateOfDayNumber(day))),
  );
}

function stillAdded(added: readonly RunId[], now: readonly Running[]): RunId[] {
  if (added.length === 0) return [];
  const byNumber = Map.groupBy(now, ({ trainNumber }) => trainNumber);
  return added.filter((run) => {
    const [trainNumber, date] = trainAndDateOf(run);
    return byNumber.get(trainNumber)?.some(({ days }) => runsOnDate(days, date)) ?? false;
  });
}

function* soldRunsOf(current: NamedTimetable, soldRuns: ReadonlySet<RunId>) {
  const byNumber = Map.groupBy(current.trains, (train) => train.trainNumber);
  for (const run of soldRuns) {
    const slash = run.lastIndexOf("/");
    const date = parseServiceDate(run.slice(slash + 1));
    if (!date) continue;
    const train = byNumber.get(run.slice(0, slash))?.find(({ days }) => runsOnDate(days, date));
    if (train) yield { train, date, run };
  }
}

function differenceOf(before: NamedTrain, after: Unnumbered): ConflictReason | null {
  if (before.zone !== after.zone) return "zoneChanged";
  const same = (equal: (a: PlannedStop, b: PlannedStop) => boolean) =>
    before.stops.length === after.stops.length && before.stops.every((stop, index) => equal(stop, after.stops[index]!));
  if (!same((a, b) => a.stationId === b.stationId && a.closedTo === b.closedTo)) return "stopsChanged";
  if (!same((a, b) => a.arriveS === b.arriveS && a.departS === b.departS)) return "timesChanged";
  return sameSeats(before.composition, after.composition) ? null : "compositionChanged";
}

/**
 * Finds the trains that a sold one has become where the newer feed calls it otherwise, joins it with another or parts it: the same calls at
 * the same times, or some of them and no others between, under a number that nothing had on that date. Were both on sale, the seats of one
 * train would be sold twice (I1).
 */
function createNewNames(current: NamedTimetable, trains: readonly Unnumbered[]) {
  const byNumber = Map.groupBy(current.trains, (train) => train.trainNumber);
  const isKnown = (trainNumber: string, date: ServiceDate) =>
    byNumber.get(trainNumber)?.some(({ days }) => runsOnDate(days, date)) ?? false;
  const partsOf = createParts(trains);
  const wholesOf = createWholes(trains);
  return (train: NamedTrain, date: ServiceDate): Unnumbered[] =>
    [...partsOf(train, date), ...wholesOf(train, date)].filter(
      (each) => each.zone === train.zone && !isKnown(each.trainNumber, date),
    );
}

type Calling = Pick<NamedTrain, "stops" | "days" | "trips">;

/** Only such a train may be parted: a shorter one of the same calls is another that goes where it went. */
const isJoined = ({ trips = [] }: Calling): boolean => trips.length > 1;

/** Of these trains those that are that one, or a part of it, on that date. */
function createParts<T extends Calling>(trains: readonly T[]) {
  const byStart = Map.groupBy(trains, ({ stops }) => startAt(stops[0]!));
  return (whole: Calling, date: ServiceDate): T[] =>
    whole.stops
      .slice(0, -1)
      .flatMap((stop, at) => (byStart.get(startAt(stop)) ?? []).filter((part) => isPartAt(part, whole, at)))
      .filter(({ days }) => runsOnDate(days, date));
}

/** Of these trains those that the other is a true part of, on that date. */
function createWholes<T extends Calling>(trains: readonly T[]) {
  let byCall: Map<string, { train: T; at: number }[]> | null = null;
  const callsOf = (train: T) => train.stops.slice(0, -1).map((stop, at) => ({ train, at, key: startAt(stop) }));
  return (part: Calling, date: ServiceDate): T[] => {
    // Made for the first that is looked for: most imports change no sold train.
    byCall ??= Map.groupBy(trains.filter(isJoined).flatMap(callsOf), ({ key }) => key);
    return (byCall.get(startAt(part.stops[0]!)) ?? [])
      .filter(({ train, at }) => train.stops.length > part.stops.length && isPartAt(part, train, at))
      .map(({ train }) => train)
      .filter(({ days }) => runsOnDate(days, date));
  };
}

const startAt = ({ departS, stationId }: PlannedStop) => `${departS} ${stationId}`;

/** At their ends, one has no arrival and the other no departure that means something. */
const isPartAt = ({ stops }: Calling, whole: Calling, at: number): boolean =>
  at + stops.length <= whole.stops.length &&
  (stops.length === whole.stops.length || isJoined(whole)) &&
  stops.every((stop, n) => {
    const call = whole.stops[at + n]!;
    return (
      stop.stationId === call.stationId &&
      (n === 0 || stop.arriveS === call.arriveS) &&
      (n === stops.length - 1 || stop.departS === call.departS)
    );
  });

const sameSeats = (a: Composition, b: Composition): boolean =>
  a === b || JSON.stringify(a.coaches) === JSON.stringify(b.coaches);

/** An importer has looked at all of this and told its user; what comes here wrong is our own fault. */
function checkImport(next: TimetableImport): void {
  const stations = new Set(next.stations.map((station) => station.stationId));
  const codes = new Set(next.compositions.map((composition) => composition.code));
  assert(stations.size === next.stations.length, "each station comes once");
  assert(codes.size === next.compositions.length, "each composition comes once");
  // What a run was exchanged for is an operator's word, kept beside timetables: seats of a feed's train are numbered by its coaches alone.
  assert(
    next.compositions.every(({ replaces }) => !replaces),
    "no composition of a feed replaces another",
  );
  assert(next.trains.length < trainsPerVersionMax, "more trains than a version has ids for");
  for (const train of next.trains) {
    const { trainNumber, stops } = train;
    assert(codes.has(train.compositionCode), `${trainNumber}: no composition ${train.compositionCode}`);
    assert(stops.length >= 2 && stops.length <= stopsPerTrainMax, `${trainNumber}: ${stops.length} stops`);
    assert(
      stops.every((stop) => stations.has(stop.stationId)),
      `${trainNumber}: stops at an unknown station`,
    );
  }
  for (const [trainNumber, versions] of Map.groupBy(next.trains, (train) => train.trainNumber)) {
    if (versions.length === 1) continue;
    const taken = new Set<number>();
    for (const day of versions.flatMap((train) => daysOf(train.days))) {
      assert(!taken.has(day), `${trainNumber}: two trains of this number on one date`);
      taken.add(day);
    }
  }
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}
