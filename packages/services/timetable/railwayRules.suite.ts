/** What the timetable room makes of a railway's rules, a row each, for the table in apps/server/railwayRules.test.ts. */
import { firstPolicyVersion, mayBuy, type Policy, type TicketType, withChanges } from "@chepiao/contracts";
import { fen, formatInZone, minuteMs, type ServiceDate, serviceDate, type ZoneName } from "@chepiao/kernel";
import { type FareRequest, fareOf } from "./fares.ts";
import { station, timetableOf } from "./testing.ts";
import { createTimetable } from "./timetable.ts";

const paidClasses = ["business", "first", "second", "softSleeper", "hardSleeper", "hardSeat"] as const;
type PaidClass = (typeof paidClasses)[number];

/** Percent of the adult fare, where that is 100 yuan, or whatever the currency is. */
function percentOf(policy: Policy, seatClass: PaidClass, ticketType: TicketType): number {
  const request: FareRequest = {
    trainType: "highSpeed",
    distanceM: 1_000_000,
    seatClass,
    kind: undefined,
    ticketType,
    override: { fareFen: fen(10_000) },
  };
  return fareOf(request, policy.fares) / 100;
}

const discountsOf = (policy: Policy, ticketType: Exclude<TicketType, "adult">, classes: readonly PaidClass[]) =>
  classes.map((seatClass) => percentOf(policy, seatClass, ticketType));

/** Of a train that is sold at a share of the published fare: what each pays, as a percentage of the published one. */
function floated(policy: Policy, rateBasisPoints: number): readonly number[] {
  const request = (ticketType: TicketType, override?: FareRequest["override"]): FareRequest => ({
    trainType: "highSpeed",
    distanceM: 1_318_000,
    seatClass: "second",
    kind: undefined,
    ticketType,
    override,
  });
  const published = fareOf(request("adult"), policy.fares);
  return (["adult", "child", "student"] as const).map((ticketType) =>
    Math.round((fareOf(request(ticketType, { rateBasisPoints }), policy.fares) / published) * 100),
  );
}

const london = "Europe/London" as ZoneName;
const paris = "Europe/Paris" as ZoneName;

type AtStation = Policy["sale"]["stations"][string];

/** A train that leaves A in the evening and C, abroad, after midnight. */
function eveningTrain(policy: Policy, atC?: AtStation) {
  const abroad = ["A", "C", "E"].map((id) => ({ ...station(id), ...(id === "A" ? {} : { zone: paris }) }));
  const calls = [
    ["A", 75_600, 75_600],
    ["C", 84_600, 84_900],
    ["E", 88_200, 88_200],
  ] as const;
  const first = serviceDate("2026-12-20");
  const stored = timetableOf(london, abroad, [{ trainNumber: "G1", calls, from: first, days: 3 }]);
  const own = atC === undefined ? policy : withChanges(policy, { sale: { stations: { C: atC } } });
  const timetable = createTimetable(stored, firstPolicyVersion(own));
  return { timetable, run: timetable.run("G1", first)! };
}

/** When its sale opens at A and at C. */
function openings(policy: Policy, opensAtC?: string): readonly string[] {
  const { timetable, run } = eveningTrain(policy, opensAtC === undefined ? undefined : { opensAt: opensAtC });
  return [formatInZone(timetable.saleOpensAt(run, 0), london), formatInZone(timetable.saleOpensAt(run, 1), paris)];
}

/** How many minutes before it leaves its sale ends at A and at C. */
function closings(policy: Policy, atC?: AtStation): readonly number[] {
  const { timetable, run } = eveningTrain(policy, atC);
  return [0, 1].map(
    (stop) => (run.dayStart + run.train.stops[stop]!.departS * 1_000 - timetable.saleClosesAt(run, stop)) / minuteMs,
  );
}

/** What a berth of a conventional train is reduced by, as a percentage of the seat part of its fare: of what a hard seat costs. */
function berthDiscount(policy: Policy, ticketType: TicketType, seatClass: "hardSleeper" | "softSleeper"): number {
  const fare = (of: PaidClass, type: TicketType) =>
    fareOf(
      {
        trainType: "fast",
        distanceM: 1_000_000,
        seatClass: of,
        kind: undefined,
        ticketType: type,
        override: undefined,
      },
      policy.fares,
    );
  return Math.round(((fare(seatClass, "adult") - fare(seatClass, ticketType)) / fare("hardSeat", "adult")) * 100);
}

function childOn(policy: Policy, birthDate: ServiceDate): boolean {
  const asked = {
    ticketType: "child",
    seatClass: "second",
    trainType: "emu",
    travelDate: serviceDate("2026-12-01"),
  } as const;
  return mayBuy(asked, { ticketType: "adult", birthDate }, policy.fares);
}

export const timetableRules = [
  {
    rule: "4.13",
    says: "a day is on sale 15 days before, the day of sale included",
    of: (policy: Policy) => openings(policy)[0],
    expected: ["2026-12-06T08:00:00+00:00", "2026-11-21T00:00:00+00:00"],
  },
  {
    rule: "4.14",
    says: "it opens by the clock of the station where one boards, on that station's day, at that station's time",
    of: (policy: Policy) => [openings(policy)[1], openings(policy, "10:15")[1]],
    expected: [
      ["2026-12-07T08:00:00+01:00", "2026-12-07T10:15:00+01:00"],
      ["2026-11-22T00:00:00+01:00", "2026-11-22T10:15:00+01:00"],
    ],
  },
  {
    rule: "4.16",
    says: "sale ends where one boards, and a station may have an end of its own",
    of: (policy: Policy) => [closings(policy), closings(policy, { closesMinutes: 7 })],
    expected: [
      [
        [25, 25],
        [25, 7],
      ],
      [
        [5, 5],
        [5, 7],
      ],
    ],
  },
  {
    rule: "5.1",
    says: "a child is below 14 on the day of travel",
    of: (policy: Policy) => ["2012-12-01", "2012-12-02", "2011-12-02"].map((day) => childOn(policy, serviceDate(day))),
    expected: [
      [false, true, false],
      [true, true, true],
    ],
  },
  {
    rule: "5.6",
    says: "of multiple units a child pays half in second and first class, 80 percent in business class, 70 percent of a berth",
    of: (policy: Policy) => discountsOf(policy, "child", ["second", "first", "business", "softSleeper", "hardSleeper"]),
    expected: [
      [50, 50, 80, 70, 70],
      [50, 50, 50, 50, 50],
    ],
  },
  {
    rule: "5.7",
    says: "a discount is of the fare that is asked now, and never below 40 percent of the published one",
    of: (policy: Policy) => [...floated(policy, 9_000), ...floated(policy, 5_500)],
    expected: [
      [90, 45, 67, 55, 40, 41],
      [90, 45, 68, 55, 27, 41],
    ],
  },
  {
    rule: "5.8",
    says: "of other trains a child pays half of the seat, and its berth in full",
    of: (policy: Policy) => [
      ...discountsOf(policy, "child", ["hardSeat"]),
      berthDiscount(policy, "child", "hardSleeper"),
      berthDiscount(policy, "child", "softSleeper"),
    ],
    expected: [
      [50, 50, 50],
      [50, 90, 145],
    ],
  },
  {
    rule: "5.9",
    says: "who was disabled in service pays half in every class",
    of: (policy: Policy) => discountsOf(policy, "disabledVeteran", paidClasses),
    expected: [
      [50, 50, 50, 50, 50, 50],
      [100, 100, 100, 100, 100, 100],
    ],
  },
  {
    rule: "5.10",
    says: "a student pays 75 percent in second and first class and of berths of multiple units, half of a hard seat and of the seat of a hard berth, and everything in business class",
    of: (policy: Policy) => [
      ...discountsOf(policy, "student", ["second", "first", "softSleeper", "hardSleeper", "hardSeat", "business"]),
      berthDiscount(policy, "student", "hardSleeper"),
      berthDiscount(policy, "student", "softSleeper"),
    ],
    expected: [
      [75, 75, 75, 75, 50, 100, 50, 0],
      [75, 100, 100, 100, 75, 100, 0, 0],
    ],
  },
  {
    rule: "5.13",
    says: "a train may be sold at a share of the published fare, which an adult pays in full",
    of: (policy: Policy) => [10_000, 5_500].map((share) => floated(policy, share)[0]),
    expected: [
      [100, 55],
      [100, 55],
    ],
  },
  {
    rule: "9.8",
    says: "how many seats are left is said up to 20, else that there are some",
    of: (policy: Policy) => policy.sale.seatsCountedTo ?? null,
    expected: [20, null],
  },
] as const;
