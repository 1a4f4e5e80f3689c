/**
 * What trains are called. A number means one train on a date, so where a feed has two of one number, or no numbers at all, they are
 * told apart by counting. Seats are sold under the number: a train that was called so before is the same train, and keeps it, though
 * a newer feed brings others before it. Who it is, is told by where and when it sets out, and where it calls.
 */
import { daysOf, type ServiceDays, type StoredTrain } from "@chepiao/ports/timetable-store";
import type { Problems } from "./problems.ts";

/** A train of the timetable that the feed takes the place of. */
export type TrainBefore = Pick<StoredTrain, "trainNumber" | "days" | "stops">;

export type UnnumberedTrain = {
  readonly tripId: string;
  /** As the feed calls it, which others may be called too. */
  readonly wanted: string;
  /** The name is its route's or its trip's, because the feed has no number for it. */
  readonly isMade: boolean;
  readonly stations: readonly string[];
  readonly departS: number;
  readonly days: ServiceDays;
};

export const trainNumberLengthMax = 20;
/** A train that is moved by no more is the one it was. */
const movedSecondsMax = 30 * 60;

/** As a train number may be: no spaces, no slash, at most 20 characters. */
export const trainNumberOf = (name: string, lengthMax = trainNumberLengthMax): string =>
  name.replace(/\s+/g, "").replaceAll("/", "-").slice(0, lengthMax);

export function numberTrains(
  trains: readonly UnnumberedTrain[],
  before: readonly TrainBefore[],
  problems: Problems,
): string[] {
  const days = createDays();
  const numbers: (string | undefined)[] = trains.map(() => undefined);
  const wanted = new Set(trains.map((train) => train.wanted));
  const takenDays = new Map<string, Set<number>>();
  const known = createKnown(before, days);

  /** False where another train has that number on one of those days. */
  function take(index: number, number: string): boolean {
    const taken = takenDays.get(number) ?? new Set();
    takenDays.set(number, taken);
    const own = days.listOf(trains[index]!.days);
    if (own.some((day) => taken.has(day))) return false;
    for (const day of own) taken.add(day);
    numbers[index] = number;
    return true;
  }

  function keepNumber(index: number, number: string): void {
    const train = trains[index]!;
    if (numbers[index] !== undefined || !take(index, number) || number === train.wanted) return;
    problems.warn("trips keep the number they have in the timetable before", `${train.tripId} as ${number}`);
  }

  /** Up to which all were taken on the days of a calendar, for the many trains that share it. */
  const countedTo = new Map<string, Map<ServiceDays, number>>();

  function count(index: number): void {
    const { wanted: number, isMade, days: service } = trains[index]!;
    const counted = countedTo.get(number) ?? new Map<ServiceDays, number>();
    countedTo.set(number, counted);
    for (let nth = counted.get(service) ?? 1; ; nth++) {
      counted.set(service, nth);
      const suffix = nth === 1 ? "" : `-${nth}`;
      const candidate = number.slice(0, trainNumberLengthMax - suffix.length) + suffix;
      // A number of its own that other trips ask for stays theirs; seats sold under one that was made stay with the train they are of.
      if (nth > 1 && candidate !== number && wanted.has(candidate)) continue;
      if ((nth > 1 || isMade) && known.hasOn(candidate, trains[index]!.days)) continue;
      if (!take(index, candidate)) continue;
      if (nth > 1)
        problems.warn("trips of one number on one date: the later is numbered apart", `${number} as ${candidate}`);
      return;
    }
  }

  for (const group of Map.groupBy(trains.keys(), (index) => trains[index]!.wanted).values()) {
    const unnamed = () => group.filter((index) => numbers[index] === undefined);
    // Most trains are as they were: only for the others is looked further.
    for (const movedMaxS of [0, movedSecondsMax]) {
      const likenesses = unnamed().flatMap((each) => known.likenesses(each, trains[each]!, movedMaxS));
      for (const { index, number } of likenesses.sort(byLikeness)) keepNumber(index, number);
    }
    for (const index of unnamed().sort((a, b) => trains[a]!.departS - trains[b]!.departS || a - b)) count(index);
  }
  return numbers as string[];
}

/** That a trip is the train that was called so. */
type Likeness = {
  readonly index: number;
  readonly number: string;
  /** 0 the same calls from the same minute, 1 the same beginning, 2 moved by some minutes. */
  readonly rank: number;
  readonly sharesDays: boolean;
  readonly movedS: number;
};

const byLikeness = (a: Likeness, b: Likeness): number =>
  a.rank - b.rank || Number(b.sharesDays) - Number(a.sharesDays) || a.movedS - b.movedS || a.index - b.index;

function createKnown(before: readonly TrainBefore[], days: ReturnType<typeof createDays>) {
  const byNumber = Map.groupBy(before, (train) => train.trainNumber);
  const byStem = new Map<string, TrainBefore[]>();
  for (const train of before) {
    const stem = /^(.+)-\d+$/.exec(train.trainNumber)?.[1];
    for (const key of stem === undefined ? [train.trainNumber] : [train.trainNumber, stem]) {
      const ofStem = byStem.get(key);
      if (ofStem) ofStem.push(train);
      else byStem.set(key, [train]);
    }
  }

  /** Those that were called as the trip wants to be, or were numbered apart from it: of a long name the end gave way. */
  function findNamesakes(wanted: string): ReadonlyMap<string, readonly TrainBefore[]> {
    const stems = new Set([0, 2, 3, 4, 5].map((suffix) => wanted.slice(0, trainNumberLengthMax - suffix)));
    const found = [...stems].flatMap((stem) =>
      (byStem.get(stem) ?? []).filter(({ trainNumber }) => trainNumber !== stem || stem === wanted),
    );
    found.sort((a, b) => a.stops[0]!.departS - b.stops[0]!.departS);
    return Map.groupBy(found, (train) => train.stops[0]!.stationId);
  }

  const namesakes = new Map<string, ReturnType<typeof findNamesakes>>();
  /** Of those, the ones that leave the same station about that time. */
  function similar({ wanted, stations, departS }: UnnumberedTrain, movedMaxS: number): readonly TrainBefore[] {
    let ofName = namesakes.get(wanted);
    if (!ofName) namesakes.set(wanted, (ofName = findNamesakes(wanted)));
    const there = ofName.get(stations[0]!) ?? [];
    const from = firstLeavingFrom(there, departS - movedMaxS);
    return there.slice(from, firstLeavingFrom(there, departS + movedMaxS + 1, from));
  }

  return {
    hasOn: (number: string, service: ServiceDays): boolean =>
      byNumber.get(number)?.some((train) => days.meet(train.days, service)) ?? false,

    likenesses: (index: number, trip: UnnumberedTrain, movedMaxS: number): Likeness[] =>
      similar(trip, movedMaxS).flatMap((train) => {
        const { stops, trainNumber: number } = train;
        const movedS = Math.abs(stops[0]!.departS - trip.departS);
        const sharesDays = days.meet(train.days, trip.days);
        const isSame =
          stops.length === trip.stations.length && stops.every((stop, at) => stop.stationId === trip.stations[at]);
        const rank = movedS === 0 ? (isSame ? 0 : 1) : 2;
        const endsAlike = stops.at(-1)!.stationId === trip.stations.at(-1);
        if ((rank > 0 && !sharesDays) || (rank === 2 && !endsAlike)) return [];
        return [{ index, number, rank, sharesDays, movedS }];
      }),
  };
}

/** Of trains in order of departure, the place of the first that leaves then or later. */
function firstLeavingFrom(trains: readonly TrainBefore[], departS: number, from = 0): number {
  let low = from;
  let high = trains.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (trains[middle]!.stops[0]!.departS < departS) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The days of a calendar, listed once for the many trains that share it. */
export function createDays() {
  const lists = new Map<ServiceDays, readonly number[]>();
  const sets = new Map<ServiceDays, ReadonlySet<number>>();
  const meetings = new Map<ServiceDays, Map<ServiceDays, boolean>>();
  const listOf = (service: ServiceDays): readonly number[] => {
    let list = lists.get(service);
    if (!list) lists.set(service, (list = daysOf(service)));
    return list;
  };
  const setOf = (service: ServiceDays): ReadonlySet<number> => {
    let set = sets.get(service);
    if (!set) sets.set(service, (set = new Set(listOf(service))));
    return set;
  };
  return {
    listOf,
    /** They have a day in common. */
    meet(a: ServiceDays, b: ServiceDays): boolean {
      let ofA = meetings.get(a);
      if (!ofA) meetings.set(a, (ofA = new Map()));
      let known = ofA.get(b);
      if (known === undefined) ofA.set(b, (known = listOf(b).some((day) => setOf(a).has(day))));
      return known;
    },
  };
}
