/**
 * What the timetable is after a newer feed has come while seats of the older one are sold. Pure, so that every store does the
 * same: a sold run either goes on under the newer feed with the same stops, times and seats, or stays exactly as it was sold.
 */
import type { Composition, RunId } from "@chepiao/contracts";
import { assert, dayNumber, parseServiceDate, stopsPerTrainMax } from "@chepiao/kernel";
import { daysOf, runsOnDate, serviceDaysOf } from "./service-days.ts";
import type {
  Conflict,
  ConflictReason,
  PlannedStop,
  StoredTimetable,
  StoredTrain,
  TimetableImport,
} from "./timetable-store.ts";

/** Ids of one version never meet those of another: version · this + place in the list. */
const trainsPerVersionMax = 10_000_000;

type Unnumbered = Omit<StoredTrain, "trainVersionId">;

export function takeOver(
  current: StoredTimetable | null,
  next: TimetableImport,
  soldRuns: ReadonlySet<RunId>,
): { readonly timetable: StoredTimetable; readonly conflicts: readonly Conflict[] } {
  checkImport(next);
  const version = (current?.version ?? 0) + 1;
  const compositions = new Map(next.compositions.map((composition) => [composition.code, composition]));
  const trains: Unnumbered[] = next.trains.map(({ compositionCode, ...train }) => ({
    ...train,
    zone: next.zone,
    composition: compositions.get(compositionCode)!,
  }));
  const conflicts: Conflict[] = [];
  const keptDays = new Map<StoredTrain, number[]>();
  const takenDays = new Map<Unnumbered, number[]>();
  const stations = new Map(next.stations.map((station) => [station.stationId, station]));

  if (current && soldRuns.size > 0) {
    const byNumber = Map.groupBy(trains, (train) => train.trainNumber);
    for (const { train, date, run } of soldRunsOf(current, soldRuns)) {
      const rival = byNumber.get(train.trainNumber)?.find(({ days }) => runsOnDate(days, date));
      const reason = rival ? differenceOf(train, rival) : "dropped";
      if (!reason) continue;
      conflicts.push({ runId: run, reason });
      push(keptDays, train, dayNumber(date));
      if (rival) push(takenDays, rival, dayNumber(date));
    }
    const stationsBefore = new Map(current.stations.map((station) => [station.stationId, station]));
    for (const { stationId } of [...keptDays.keys()].flatMap((train) => train.stops))
      if (!stations.has(stationId)) stations.set(stationId, stationsBefore.get(stationId)!);
  }

  const kept = [...keptDays].map(([train, days]): Unnumbered => ({ ...train, days: serviceDaysOf(days)! }));
  const followed = trains.flatMap((train) => {
    const taken = takenDays.get(train);
    // A train whose every day stays with the older feed has nothing left to run.
    const days = taken ? serviceDaysOf(daysOf(train.days).filter((day) => !taken.includes(day))) : train.days;
    return days ? [{ ...train, days }] : [];
  });
  conflicts.sort((a, b) => (a.runId < b.runId ? -1 : 1));
  return {
    conflicts,
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
    },
  };
}

function* soldRunsOf(current: StoredTimetable, soldRuns: ReadonlySet<RunId>) {
  const byNumber = Map.groupBy(current.trains, (train) => train.trainNumber);
  for (const run of soldRuns) {
    const slash = run.lastIndexOf("/");
    const date = parseServiceDate(run.slice(slash + 1));
    if (!date) continue;
    const train = byNumber.get(run.slice(0, slash))?.find(({ days }) => runsOnDate(days, date));
    if (train) yield { train, date, run };
  }
}

function differenceOf(before: StoredTrain, after: Unnumbered): ConflictReason | null {
  if (before.zone !== after.zone) return "zoneChanged";
  const same = (equal: (a: PlannedStop, b: PlannedStop) => boolean) =>
    before.stops.length === after.stops.length && before.stops.every((stop, index) => equal(stop, after.stops[index]!));
  if (!same((a, b) => a.stationId === b.stationId)) return "stopsChanged";
  if (!same((a, b) => a.arriveS === b.arriveS && a.departS === b.departS)) return "timesChanged";
  return sameSeats(before.composition, after.composition) ? null : "compositionChanged";
}

const sameSeats = (a: Composition, b: Composition): boolean =>
  a === b || JSON.stringify(a.coaches) === JSON.stringify(b.coaches);

/** An importer has looked at all of this and told its user; what comes here wrong is our own fault. */
function checkImport(next: TimetableImport): void {
  const stations = new Set(next.stations.map((station) => station.stationId));
  const codes = new Set(next.compositions.map((composition) => composition.code));
  assert(stations.size === next.stations.length, "each station comes once");
  assert(codes.size === next.compositions.length, "each composition comes once");
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

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
