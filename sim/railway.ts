/**
 * The railway of the simulation: small trains, so that the last seat is fought for often; some at the same hours, so that trips get
 * in each other's way; one overnight, one that calls twice, one with standing room.
 */
import {
  type Composition,
  type RunId,
  type SeatClass,
  type Station,
  trainAndDateOf,
  type TrainType,
} from "@chepiao/contracts";
import {
  dayNumber,
  type EpochMs,
  epochMs,
  secondMs,
  type ServiceDate,
  serviceDate,
  serviceDayStart,
  type ZoneName,
} from "@chepiao/kernel";
import { serviceDaysOf, serviceSpan, type TimetableImport, type TrainPlan } from "@chepiao/ports/timetable-store";

export const zone = "Asia/Shanghai" as ZoneName;
/** The first day on which trains run. */
export const firstDay: ServiceDate = serviceDate("2026-12-01");
const dayCount = 14;

/** So few trips that most reach them, and a school year that begins while they travel. */
export const studentTrips = { perYear: 1, yearStart: "12-06" } as const;

const seated: Composition = {
  code: "seats",
  coaches: [
    { no: 1, sections: [{ seatClass: "second", rows: 1 }] },
    {
      no: 2,
      sections: [
        { seatClass: "first", rows: 1 },
        { seatClass: "business", rows: 1 },
      ],
    },
    // A train that loses a coach still has seats of its class.
    { no: 3, sections: [{ seatClass: "second", rows: 1 }] },
  ],
};
const berths: Composition = {
  code: "berths",
  coaches: [
    { no: 1, sections: [{ seatClass: "hardSleeper", rows: 1 }] },
    {
      no: 2,
      sections: [
        { seatClass: "hardSeat", rows: 1 },
        { seatClass: "standing", rows: 2 },
      ],
    },
  ],
};

/**
 * What runs may be exchanged for, by what they are made of: each lacks seats that are sold, and has some that are new. One has no seat of a class, and one
 * has another coach under a number of the first.
 */
export const exchangedFor: Readonly<Record<string, readonly Composition[]>> = {
  [seated.code]: [
    {
      code: "other seats",
      coaches: [
        { no: 1, sections: [{ seatClass: "first", rows: 2 }] },
        { no: 3, sections: [{ seatClass: "second", rows: 2 }] },
      ],
    },
    { code: "fewer seats", coaches: [{ no: 1, sections: [{ seatClass: "second", rows: 1 }] }] },
  ],
  [berths.code]: [
    {
      code: "other berths",
      coaches: [
        { no: 2, sections: [{ seatClass: "hardSleeper", rows: 2 }] },
        {
          no: 3,
          sections: [
            { seatClass: "hardSeat", rows: 1 },
            { seatClass: "standing", rows: 1 },
          ],
        },
      ],
    },
  ],
};

const train = (trainNumber: string, composition: Composition, ...calls: readonly [string, number][]): TrainPlan => ({
  trainNumber,
  trainType: (trainNumber.startsWith("K") ? "fast" : "highSpeed") satisfies TrainType,
  compositionCode: composition.code,
  days: serviceSpan(firstDay, dayCount)!,
  stops: calls.map(([stationId, hour], index) => ({
    stationId,
    arriveS: hour * 3_600,
    departS: hour * 3_600 + (index === 0 ? 0 : 120),
    distanceM: index * 100_000,
  })),
});

const trains = [
  train("G1", seated, ["A", 8], ["B", 9], ["C", 10], ["D", 11]),
  /** At the same time as G1. */
  train("G2", seated, ["A", 9], ["B", 10], ["C", 11], ["D", 12]),
  /** After both. */
  train("G3", seated, ["A", 14], ["B", 15], ["C", 16], ["D", 17]),
  /** Overnight: at B it is the next day. */
  train("K9", berths, ["A", 22], ["B", 25], ["C", 30]),
  /** Calls at A twice. */
  train("C5", seated, ["A", 8], ["B", 9], ["A", 10], ["C", 11]),
];

/** They run on no day, until the railway adds some. */
const furtherTrains = [
  train("G7", seated, ["A", 12], ["B", 13], ["C", 14], ["D", 15]),
  train("K7", berths, ["A", 23], ["B", 26], ["C", 31]),
];

const station = (stationId: string): Station => ({
  stationId,
  name: `${stationId}站`,
  city: `${stationId}城`,
  pinyin: stationId.toLowerCase(),
  initials: stationId.toLowerCase(),
  nameEn: stationId,
  latitude: null,
  longitude: null,
});

export const timetable: TimetableImport = {
  feedName: "simulation",
  zone,
  stations: ["A", "B", "C", "D"].map(station),
  trains,
  compositions: [seated, berths],
  fareOverrides: [],
};

/** A newer one, with those runs of further trains. */
export const withRuns = (runIds: readonly RunId[]): TimetableImport => ({
  ...timetable,
  trains: [...trains, ...furtherTrains.flatMap((each) => runningOn(each, runIds))],
});

function runningOn(plan: TrainPlan, runIds: readonly RunId[]): TrainPlan[] {
  const some = runIds.map(trainAndDateOf).filter(([trainNumber]) => trainNumber === plan.trainNumber);
  const days = serviceDaysOf(some.map(([, date]) => dayNumber(date)));
  return days ? [{ ...plan, days }] : [];
}

/** What people want, each as often as it stands here: most want the same. */
export const wishes: readonly (readonly [trainNumber: string, seatClass: SeatClass])[] = [
  ["G1", "second"],
  ["G1", "second"],
  ["G1", "first"],
  ["G2", "second"],
  ["G2", "business"],
  ["G3", "first"],
  ["G3", "second"],
  ["K9", "hardSleeper"],
  ["K9", "hardSeat"],
  ["K9", "standing"],
  ["C5", "first"],
];

export const trainNumbers: readonly string[] = trains.map(({ trainNumber }) => trainNumber);
export const furtherNumbers: readonly string[] = furtherTrains.map(({ trainNumber }) => trainNumber);
export const furtherClasses: Readonly<Record<string, readonly SeatClass[]>> = {
  G7: ["second", "second", "first", "business"],
  K7: ["hardSleeper", "hardSeat"],
};

const planOf = (trainNumber: string): TrainPlan =>
  [...trains, ...furtherTrains].find((each) => each.trainNumber === trainNumber)!;

/** From where it calls first under that name. */
export function departureOf(trainNumber: string, originDate: ServiceDate, stationId: string): EpochMs {
  const call = planOf(trainNumber).stops.find((stop) => stop.stationId === stationId);
  return epochMs(serviceDayStart(originDate, zone) + (call?.departS ?? 0) * secondMs);
}

export const callsOf = (trainNumber: string): readonly string[] =>
  planOf(trainNumber).stops.map(({ stationId }) => stationId);
