/**
 * The rolling stock that comes with the platform. Rows per coach follow the trains' published plans closely, not exactly:
 * a row here always has all its places. An operator replaces any of it (`--compositions`).
 */
import type { Coach, Composition, Section, SeatClass, TrainType } from "@chepiao/contracts";

const section = (seatClass: SeatClass, rows: number): Section => ({ seatClass, rows });
const coach = (no: number, ...sections: Section[]): Coach => ({ no, sections });

/** Standing places a coach: few, because the trains that carry them run at 200 km/h and more. */
const emuStanding = section("standing", 10);

const cr400af: Composition = {
  code: "CR400AF",
  coaches: [
    coach(1, section("business", 2), section("first", 7)),
    coach(2, section("second", 18)),
    coach(3, section("second", 17), emuStanding),
    coach(4, section("second", 15), emuStanding),
    coach(5, section("second", 13), emuStanding),
    coach(6, section("second", 17), emuStanding),
    coach(7, section("second", 18)),
    coach(8, section("second", 8), section("business", 2)),
  ],
};

const cr400af16: Composition = {
  code: "CR400AF-16",
  coaches: [
    coach(1, section("business", 3), section("first", 5)),
    coach(2, section("first", 13)),
    ...[3, 4, 5, 6].map((no) => coach(no, section("second", 17), emuStanding)),
    coach(7, section("second", 17)),
    coach(8, section("second", 15)),
    coach(9, section("second", 11)),
    ...[10, 11, 12, 13, 14].map((no) => coach(no, section("second", 17))),
    coach(15, section("second", 16)),
    coach(16, section("second", 8), section("business", 2)),
  ],
};

const crh380: Composition = {
  code: "CRH380",
  coaches: [
    coach(1, section("business", 2), section("first", 8)),
    coach(2, section("second", 17)),
    coach(3, section("second", 17), emuStanding),
    coach(4, section("second", 15), emuStanding),
    coach(5, section("second", 11), emuStanding),
    coach(6, section("second", 17), emuStanding),
    coach(7, section("second", 17)),
    coach(8, section("second", 10), section("business", 1)),
  ],
};

const crh2a: Composition = {
  code: "CRH2A",
  coaches: [
    coach(1, section("second", 11)),
    coach(2, section("second", 20)),
    coach(3, section("second", 17), emuStanding),
    coach(4, section("second", 20), emuStanding),
    coach(5, section("second", 11), emuStanding),
    coach(6, section("second", 20), emuStanding),
    coach(7, section("first", 13)),
    coach(8, section("second", 13)),
  ],
};

const crh6: Composition = {
  code: "CRH6",
  coaches: [
    coach(1, section("first", 6), section("second", 4)),
    ...[2, 3, 4, 5, 6, 7].map((no) => coach(no, section("second", 16), section("standing", 20))),
    coach(8, section("second", 11)),
  ],
};

/** Day and night express: coach 9 is the dining car, which sells no places. */
const express25t: Composition = {
  code: "25T",
  coaches: [
    ...[1, 2, 3, 4, 5].map((no) => coach(no, section("hardSeat", 23), section("standing", 20))),
    ...[6, 7, 8].map((no) => coach(no, section("hardSleeper", 11))),
    ...[10, 11].map((no) => coach(no, section("softSleeper", 9))),
    ...[12, 13, 14, 15, 16, 17, 18].map((no) => coach(no, section("hardSleeper", 11))),
  ],
};

const fast25g: Composition = {
  code: "25G",
  coaches: [
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((no) => coach(no, section("hardSeat", 24), section("standing", 30))),
    coach(10, section("softSleeper", 9)),
    ...[11, 12, 13, 14, 15, 16].map((no) => coach(no, section("hardSleeper", 11))),
    coach(17, section("hardSeat", 24)),
  ],
};

export const builtInCompositions: readonly Composition[] = [
  cr400af,
  cr400af16,
  crh380,
  crh2a,
  crh6,
  express25t,
  fast25g,
];

/** What runs where nobody said what does. */
export const defaultComposition: Record<TrainType, string> = {
  highSpeed: cr400af.code,
  emu: crh2a.code,
  intercity: crh6.code,
  express: express25t.code,
  fast: fast25g.code,
  ordinary: fast25g.code,
};
