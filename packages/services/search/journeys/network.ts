/**
 * The timetable as rounds of trains read it: stations and trains by number, the calls of each train in typed arrays, and the calls at
 * each station. Made once a timetable; what runs on a day is added when that day is first asked for.
 */
import {
  type Run,
  type RunStop,
  type SeatClass,
  seatClasses,
  type Timetable,
  type TrainVersion,
  isOffered,
} from "@chepiao/contracts";
import { dateOfDayNumber, type EpochMs, instantOfClock, secondMs, type ZoneName } from "@chepiao/kernel";

/** A journey is one with seats, but for who asks for standing room. */
export const isWanted = (seatClass: SeatClass, asked: SeatClass | null): boolean =>
  asked === null ? seatClass !== "standing" : seatClass === asked;

export const daySeconds = 86_400;
/** Stops of one train: a call is `pattern * stopsPerTrain + stop`, a way `from * stopsPerTrain + to`. */
export const stopsPerTrain = 256;
/** Days of runs that are kept; of more, all are made anew. */
const daysKept = 96;
/** Lowest fares that are kept: 64 MB. */
const floorsMax = 2 ** 24;

/** A train, whatever the day. Times are seconds of its origin day. */
export type Pattern = {
  readonly train: TrainVersion;
  readonly stations: Int32Array;
  readonly arrives: Int32Array;
  readonly departs: Int32Array;
  readonly boards: Uint8Array;
  readonly alights: Uint8Array;
  /** It calls somewhere twice. */
  readonly isLoop: boolean;
  readonly classes: readonly SeatClass[];
  /** What the cheapest class costs over a way, -1 where that was not asked yet. Of the class asked for, if any. */
  readonly floors: Map<SeatClass | null, Int32Array>;
};

/** Runs of one origin day, in seconds since the epoch. */
export type RunTimes = {
  readonly patterns: Int32Array;
  readonly startS: Float64Array;
  /** The first departure, in order of which they are, and the last arrival. */
  readonly firstS: Float64Array;
  readonly lastS: Float64Array;
  /** The last of all. */
  readonly endS: number;
};

export type Network = {
  readonly timetable: Timetable;
  readonly patterns: readonly Pattern[];
  /** Trains that call there may be known later: once their days are opened. */
  station(stationId: string): number;
  readonly stationIds: readonly string[];
  /** The other stations of its city. */
  mates(station: number): readonly number[];
  /** Every call there of trains that are known. */
  calls(station: number): readonly number[];
  /** The runs of that origin day, by pattern. All days that a question needs are opened before its stations' calls are read. */
  day(dayNumber: number): readonly (Run | undefined)[];
  /** The same runs, the first to set out first. */
  runTimes(dayNumber: number): RunTimes;
  /** The lowest fare of an adult, in any class or the one. */
  floorOf(pattern: number, from: number, to: number, seatClass: SeatClass | null): number;
  /** Whoever rides from `from` to `to` rides no shorter way between the same stations. */
  isShortest(pattern: number, from: number, to: number): boolean;
  midnight(dayNumber: number, zone: ZoneName): EpochMs;
};

export function createNetwork(timetable: Timetable): Network {
  const patterns: Pattern[] = [];
  const patternOf = new Map<TrainVersion, number>();
  const stationIds: string[] = [];
  const stationOf = new Map<string, number>();
  const calls: number[][] = [];
  const matesKept: (readonly number[] | undefined)[] = [];
  const days = new Map<number, (Run | undefined)[]>();
  let floorsKept = 0;
  const times = new Map<number, RunTimes>();
  const midnights = new Map<string, EpochMs>();
  const byCity = Map.groupBy(timetable.stations, ({ city }) => city);

  function stationIndex(stationId: string): number {
    let index = stationOf.get(stationId);
    if (index === undefined) {
      stationOf.set(stationId, (index = stationIds.length));
      stationIds.push(stationId);
      calls.push([]);
    }
    return index;
  }

  function patternIndex(train: TrainVersion): number {
    const known = patternOf.get(train);
    if (known !== undefined) return known;
    const index = patterns.length;
    const stations = Int32Array.from(train.stops, ({ stationId }) => stationIndex(stationId));
    stations.forEach((station, stop) => calls[station]!.push(index * stopsPerTrain + stop));
    const flags = (side: RunStop["closedTo"]) =>
      Uint8Array.from(train.stops, ({ closedTo }) => Number(closedTo !== side));
    patterns.push({
      train,
      stations,
      arrives: Int32Array.from(train.stops, ({ arriveS }) => arriveS),
      departs: Int32Array.from(train.stops, ({ departS }) => departS),
      boards: flags("boarding"),
      alights: flags("alighting"),
      isLoop: new Set(stations).size < stations.length,
      classes: seatClasses.filter((seatClass) => isOffered(train.composition, seatClass)),
      floors: new Map(),
    });
    patternOf.set(train, index);
    return index;
  }

  function openDay(dayNumber: number): (Run | undefined)[] {
    if (days.size >= daysKept) {
      days.clear();
      times.clear();
    }
    const runs: (Run | undefined)[] = [];
    for (const run of timetable.runsOn(dateOfDayNumber(dayNumber))) {
      const index = patternIndex(run.train);
      while (runs.length <= index) runs.push(undefined);
      runs[index] = run;
    }
    days.set(dayNumber, runs);
    return runs;
  }

  const dayOf = (dayNumber: number) => days.get(dayNumber) ?? openDay(dayNumber);

  function timesOf(dayNumber: number): RunTimes {
    const all = dayOf(dayNumber).flatMap((run, pattern) => {
      if (!run) return [];
      const { departs, arrives } = patterns[pattern]!;
      const startS = run.dayStart / secondMs;
      return { pattern, startS, firstS: startS + departs[0]!, lastS: startS + arrives.at(-1)! };
    });
    all.sort((one, other) => one.firstS - other.firstS);
    const found = {
      patterns: Int32Array.from(all, ({ pattern }) => pattern),
      startS: Float64Array.from(all, ({ startS }) => startS),
      firstS: Float64Array.from(all, ({ firstS }) => firstS),
      lastS: Float64Array.from(all, ({ lastS }) => lastS),
      endS: all.reduce((latest, { lastS }) => Math.max(latest, lastS), -Infinity),
    };
    times.set(dayNumber, found);
    return found;
  }

  /** Of more fares than may be kept, all are asked anew. */
  function keepFloors(floors: Pattern["floors"], seatClass: SeatClass | null, ways: number): Int32Array {
    if (floorsKept + ways > floorsMax) {
      for (const pattern of patterns) pattern.floors.clear();
      floorsKept = 0;
    }
    floorsKept += ways;
    const ofTrain = new Int32Array(ways).fill(-1);
    floors.set(seatClass, ofTrain);
    return ofTrain;
  }

  function matesOf(station: number): readonly number[] {
    const city = timetable.station(stationIds[station]!)?.city;
    const inCity = city === undefined ? [] : (byCity.get(city) ?? []);
    return inCity.map(({ stationId }) => stationIndex(stationId)).filter((other) => other !== station);
  }

  return {
    timetable,
    patterns,
    stationIds,
    station: stationIndex,
    mates: (station) => (matesKept[station] ??= matesOf(station)),
    calls: (station) => calls[station]!,
    day: dayOf,
    runTimes: (dayNumber) => times.get(dayNumber) ?? timesOf(dayNumber),
    floorOf(pattern, from, to, seatClass) {
      const { floors, classes, train, stations } = patterns[pattern]!;
      const at = from * stations.length + to;
      let ofTrain = floors.get(seatClass);
      if (ofTrain && ofTrain[at]! >= 0) return ofTrain[at]!;
      const asked = classes.filter((each) => isWanted(each, seatClass));
      if (asked.length === 0) return floorMax;
      ofTrain ??= keepFloors(floors, seatClass, stations.length ** 2);
      // Whatever the day, a train costs the same.
      const run = { train } as Run;
      return (ofTrain[at] = Math.min(floorMax, ...asked.map((each) => timetable.fare(run, each, from, to, "adult"))));
    },
    isShortest(pattern, from, to) {
      const { isLoop, stations, boards, alights } = patterns[pattern]!;
      if (!isLoop) return true;
      for (let at = from + 1; at < to; at++) {
        if (boards[at] && stations[at] === stations[from]) return false;
        if (alights[at] && stations[at] === stations[to]) return false;
      }
      return stations[from] !== stations[to];
    },
    midnight(dayNumber, zone) {
      const key = `${dayNumber} ${zone}`;
      let at = midnights.get(key);
      if (at === undefined) midnights.set(key, (at = instantOfClock(dateOfDayNumber(dayNumber), 0, zone)));
      return at;
    },
  };
}

/** Of a class that the train does not have: dearer than anything. */
export const floorMax = 2 ** 31 - 1;
