/** Fares of the railway's own, beside those that are computed and those that are set by hand. */
import { expect, test } from "bun:test";
import {
  type SeatClass,
  seatsOf,
  type TicketType,
  type TrainFare,
  wayCount,
  wayIndex,
  firstPolicyVersion,
  policyDefault,
} from "@chepiao/contracts";
import { fen, serviceDate, type ZoneName } from "@chepiao/kernel";
import type { FareOverride } from "@chepiao/ports/timetable-store";
import { mixedTrain, station, timetableOf } from "./testing.ts";
import { createTimetable } from "./timetable.ts";

const date = serviceDate("2026-12-01");
const adults: TrainFare = { seatClass: "second", ticketType: "adult", byWay: [fen(1_234), fen(3_000), null] };
const children: TrainFare = { seatClass: "second", ticketType: "child", byWay: [fen(111), null, null] };

function fareFor(fares: readonly TrainFare[], overrides: readonly FareOverride[] = []) {
  const stored = timetableOf(
    "Asia/Shanghai" as ZoneName,
    ["A", "B", "C"].map((id) => station(id)),
    [
      {
        trainNumber: "G1",
        calls: [
          ["A", 0, 0],
          ["B", 3_600, 3_600],
          ["C", 7_200, 7_200],
        ],
        from: date,
        days: 1,
      },
    ],
    overrides,
  );
  const timetable = createTimetable(
    { ...stored, trains: stored.trains.map((train) => ({ ...train, fares })) },
    firstPolicyVersion(policyDefault),
  );
  const run = timetable.run("G1", date)!;
  return (seatClass: SeatClass, from: number, to: number, ticketType: TicketType = "adult") => {
    const seat = seatsOf(mixedTrain).get(seatClass)![0]!;
    return timetable.fare(run, seatClass, from, to, ticketType, seat) as number;
  };
}
const byHand = (set: FareOverride["set"]): FareOverride[] => [
  { trainNumber: "G1", seatClass: "second", between: null, set },
];

test("every way has a place of its own", () => {
  const places = [0, 1, 2, 3].flatMap((from) => [0, 1, 2, 3, 4].slice(from + 1).map((to) => wayIndex(from, to, 5)));
  expect(places).toEqual(Array.from({ length: wayCount(5) }, (_, n) => n));
});

test("the railway's fare is sold to the fen, and a way without one is computed", () => {
  const fare = fareFor([adults]);
  const computed = fareFor([]);
  expect([fare("second", 0, 1), fare("second", 0, 2)]).toEqual([1_234, 3_000]);
  expect(fare("standing", 0, 1)).toBe(fare("hardSeat", 0, 1));
  expect(fare("second", 1, 2)).toBe(computed("second", 1, 2));
});

test("the railway's fare for a child is a child's; where it has none, the rule of discounts holds", () => {
  const fare = fareFor([adults, children]);
  expect(fare("second", 0, 1, "child")).toBe(111);
  expect(fare("second", 0, 2, "child")).toBe(1_500);
});

test("a class that the railway prices nothing of is as much dearer as computed fares are", () => {
  const fare = fareFor([adults]);
  const computed = fareFor([]);
  const ratio = computed("first", 0, 2) / computed("second", 0, 2);
  expect(fare("first", 0, 2)).toBe(Math.round(3_000 * ratio));
  expect(fare("first", 1, 2)).toBe(computed("first", 1, 2));
});

test("what is set by hand goes before the railway's fare, and a share is one of it", () => {
  expect(fareFor([adults, children], byHand({ fareFen: fen(900) }))("second", 0, 1)).toBe(900);
  expect(fareFor([adults], byHand({ rateBasisPoints: 5_000 }))("second", 0, 2)).toBe(1_500);
  expect(fareFor([adults], byHand({ rateBasisPoints: 5_000 }))("second", 1, 2)).toBe(
    fareFor([], byHand({ rateBasisPoints: 5_000 }))("second", 1, 2),
  );
  expect(fareFor([adults, children], byHand({ fareFen: fen(900) }))("second", 0, 1, "child")).toBe(450);
});
