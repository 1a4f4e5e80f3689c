/** Small timetables for tests of this room. */
import type { Composition, Station, StopSide, TrainType } from "@chepiao/contracts";
import type { ServiceDate, ZoneName } from "@chepiao/kernel";
import { type FareOverride, serviceSpan, type StoredTimetable, type StoredTrain } from "@chepiao/ports/timetable-store";

export const station = (
  stationId: string,
  name = stationId,
  city = name,
  pinyin = stationId.toLowerCase(),
): Station => ({
  stationId,
  name,
  city,
  pinyin,
  initials: pinyin.slice(0, 1),
  nameEn: pinyin,
  latitude: null,
  longitude: null,
});

export const mixedTrain: Composition = {
  code: "mixed",
  coaches: [
    {
      no: 1,
      sections: [
        { seatClass: "business", rows: 1 },
        { seatClass: "first", rows: 2 },
      ],
    },
    {
      no: 2,
      sections: [
        { seatClass: "second", rows: 3 },
        { seatClass: "standing", rows: 2 },
      ],
    },
    { no: 3, sections: [{ seatClass: "hardSleeper", rows: 2 }] },
    { no: 4, sections: [{ seatClass: "softSleeper", rows: 2 }] },
    { no: 5, sections: [{ seatClass: "hardSeat", rows: 2 }] },
  ],
};

export type TrainSketch = {
  readonly trainNumber: string;
  /** `[station, arrival, departure]` in seconds of the origin day; 100 km to the next. */
  readonly calls: readonly (readonly [string, number, number])[];
  /** What passengers may not do at the call of that place in the list. */
  readonly closed?: readonly (StopSide | null)[];
  readonly from: ServiceDate;
  readonly days: number;
  readonly weekdays?: number;
  readonly trainType?: TrainType;
  readonly composition?: Composition;
  readonly zone?: ZoneName;
};

export function timetableOf(
  zone: ZoneName,
  stations: readonly Station[],
  trains: readonly TrainSketch[],
  fareOverrides: readonly FareOverride[] = [],
): StoredTimetable {
  return {
    version: 1,
    feedName: "test",
    zone,
    stations,
    fareOverrides,
    attributions: [],
    trains: trains.map((train, index): StoredTrain => ({
      trainVersionId: index,
      trainNumber: train.trainNumber,
      trainType: train.trainType ?? "highSpeed",
      zone: train.zone ?? zone,
      composition: train.composition ?? mixedTrain,
      days: serviceSpan(train.from, train.days, train.weekdays)!,
      stops: train.calls.map(([stationId, arriveS, departS], stop) => ({
        stationId,
        arriveS,
        departS,
        distanceM: stop * 100_000,
        ...(train.closed?.[stop] ? { closedTo: train.closed[stop] } : {}),
      })),
    })),
  };
}
