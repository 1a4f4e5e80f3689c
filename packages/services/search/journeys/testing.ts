/** Small railways for tests of journeys, drawn by chance or made by hand, with seats that are really sold. */
import {
  type Composition,
  firstPolicyVersion,
  policyDefault,
  type PolicyChanges,
  type Run,
  runId,
  type RunState,
  type RunStop,
  type SeatClass,
  type Station,
  type Timetable,
  type TrainVersion,
  withChanges,
} from "@chepiao/contracts";
import {
  addDays,
  dateIn,
  daysBetween,
  type EpochMs,
  epochMs,
  fen,
  instantOfClock,
  minuteMs,
  type Prng,
  serviceDate,
  type ServiceDate,
  serviceDayStart,
  type ZoneName,
} from "@chepiao/kernel";

export const zone = "Asia/Shanghai" as ZoneName;
export const today = serviceDate("2026-12-01");

const fewSeats: Composition = {
  code: "few",
  coaches: [
    { no: 1, sections: [{ seatClass: "first", rows: 1 }] },
    {
      no: 2,
      sections: [
        { seatClass: "second", rows: 1 },
        { seatClass: "standing", rows: 1 },
      ],
    },
  ],
};
const oneClass: Composition = { code: "one", coaches: [{ no: 1, sections: [{ seatClass: "hardSeat", rows: 1 }] }] };
const perKm: Readonly<Partial<Record<SeatClass, number>>> = { first: 80, second: 50, standing: 50, hardSeat: 20 };

export type SketchedTrain = {
  readonly trainNumber: string;
  /** Station, arrival and departure in minutes of the origin day. */
  readonly calls: readonly (readonly [string, number, number, RunStop["closedTo"]?])[];
  readonly composition?: Composition;
  /** It runs on days of which the number, counted from today, leaves no rest. */
  readonly everyDays?: number;
};

export type Railway = {
  /** Stations by city. */
  readonly cities: Readonly<Record<string, readonly string[]>>;
  readonly trains: readonly SketchedTrain[];
  readonly policy?: PolicyChanges;
  readonly states?: readonly RunState[];
};

export function railwayOf({ cities, trains: sketches, policy = {}, states = [] }: Railway): Timetable {
  const stations = Object.entries(cities).flatMap(([city, ids]) =>
    ids.map((stationId): Station => ({
      stationId,
      name: stationId,
      city,
      pinyin: stationId,
      initials: stationId,
      nameEn: stationId,
      latitude: null,
      longitude: null,
    })),
  );
  const rules = firstPolicyVersion(withChanges(policyDefault, policy));
  const { windowDays, closesMinutes } = rules.policy.sale;
  const trains = sketches.map((sketch, n): { readonly train: TrainVersion; readonly everyDays: number } => ({
    everyDays: sketch.everyDays ?? 1,
    train: {
      trainVersionId: n,
      trainNumber: sketch.trainNumber,
      trainType: "highSpeed",
      zone,
      composition: sketch.composition ?? fewSeats,
      stops: sketch.calls.map(([stationId, arrives, departs, closedTo], stop) => ({
        stationId,
        name: stationId,
        arriveS: arrives * 60,
        departS: departs * 60,
        distanceM: stop * 10_000 + (arrives - sketch.calls[0]![1]) * 1_000,
        ...(closedTo && { closedTo }),
      })),
    },
  }));
  const days = new Map<ServiceDate, Run[]>();
  const runsOn = (originDate: ServiceDate): Run[] => {
    let runs = days.get(originDate);
    if (!runs) {
      const sinceToday = daysBetween(today, originDate);
      runs = trains
        .filter(({ everyDays }) => sinceToday % everyDays === 0)
        .map(({ train }) => ({
          runId: runId(train.trainNumber, originDate),
          originDate,
          train,
          dayStart: serviceDayStart(originDate, zone),
        }));
      days.set(originDate, runs);
    }
    return runs;
  };
  const departAt = ({ dayStart, train }: Run, stop: number): EpochMs =>
    epochMs(dayStart + train.stops[stop]!.departS * 1_000);
  const stateById = new Map(states.map((state) => [state.runId, state]));
  return {
    zone,
    zones: [zone],
    zoneOf: () => zone,
    stations,
    attributions: [],
    version: 1,
    policy: rules,
    station: (stationId) => stations.find((each) => each.stationId === stationId) ?? null,
    resolvePlace: (text) => cities[text] ?? (stations.some(({ stationId }) => stationId === text) ? [text] : []),
    suggestStations: () => [],
    cityEnglish: (city) => city,
    calls: () => [],
    run: (trainNumber, date) => runsOn(date).find(({ train }) => train.trainNumber === trainNumber) ?? null,
    knowsTrain: () => true,
    trainCalled: (text) => text,
    stateOf: (id) => stateById.get(id) ?? null,
    cancellations: () => states.length,
    notices: () => [],
    stationOfStop: () => null,
    legs: () => [],
    saleOpensAt: (run, stop) => instantOfClock(addDays(dateIn(zone, departAt(run, stop)), 1 - windowDays), 480, zone),
    saleClosesAt: (run, stop) => epochMs(departAt(run, stop) - closesMinutes * minuteMs),
    runsOn,
    stopIndex: ({ train }, stationId, after = 0) =>
      train.stops.findIndex((stop, at) => at >= after && stop.stationId === stationId),
    fare: ({ train }, seatClass, fromStop, toStop) =>
      // Short ways are dear, so that two of them cost more than one, but for some.
      fen(
        500 +
          Math.round(((train.stops[toStop]!.distanceM - train.stops[fromStop]!.distanceM) * perKm[seatClass]!) / 1_000),
      ),
  };
}

/** Some cities, some with two stations, and trains between them at any hour. */
export function drawRailway(prng: Prng, trainCount: number, policy: PolicyChanges = {}): Railway {
  const cities: Record<string, string[]> = {};
  for (let n = 0; n < 8; n++) cities[`C${n}`] = prng.chance(0.3) ? [`C${n}a`, `C${n}b`] : [`C${n}a`];
  const stations = Object.values(cities).flat();
  const trains = Array.from({ length: trainCount }, (_, n): SketchedTrain => {
    let minute = prng.below(1_500);
    const calls = Array.from({ length: 2 + prng.below(5) }, (): SketchedTrain["calls"][number] => {
      const arrives = (minute += 20 + 10 * prng.below(30));
      minute += prng.pick([0, 2, 5, 10, 30]);
      return [
        prng.pick(stations),
        arrives,
        minute,
        prng.pick([undefined, undefined, undefined, "boarding", "alighting"]),
      ];
    });
    return {
      trainNumber: `T${n}`,
      calls: calls.filter(([station], at) => at === 0 || calls[at - 1]![0] !== station),
      everyDays: prng.pick([1, 1, 2]),
      composition: prng.chance(0.3) ? oneClass : fewSeats,
    };
  }).filter(({ calls }) => calls.length > 1);
  const states = trains.slice(0, 3).map(({ trainNumber }, n): RunState => ({
    runId: runId(trainNumber, today),
    isCancelled: n === 0,
    stops: n === 0 ? [] : [{ stop: 1, isSkipped: true, delayS: null } as unknown as RunState["stops"][number]],
  }));
  return { cities, trains, policy, states };
}
