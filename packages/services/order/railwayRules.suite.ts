/** What the order room makes of a railway's rules, a row each, for the table in apps/server/railwayRules.test.ts. */
import { firstPolicyVersion, type Policy, runId, withChanges } from "@chepiao/contracts";
import {
  dayMs,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  type OrderId,
  secondMs,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";
import { schoolYearOf, studentRefusal, type StudentTrip, type StudentYear } from "@chepiao/ports/order-store";
import { createMemoryReservations, type Reservation } from "@chepiao/ports/reservations";
import {
  child,
  createTimetable,
  departure,
  fiveYearsOld,
  noon,
  passengersOf,
  person,
  requestOf,
  threeYearsOld,
} from "./order.twin.ts";
import { payByOf, planPurchase } from "./purchase/plan.ts";
import { type RefundCase, refundRulesOf, refundTerms } from "./refundFee.ts";
import { rulesOf } from "./rules.ts";

export type RuleRow = {
  /** As 12306's rules are numbered; null for one that is ours alone. */
  readonly rule: string | null;
  readonly says: string;
  readonly of: (policy: Policy) => unknown;
  /** By 12306, and by the demonstration railway. */
  readonly expected: readonly [unknown, unknown];
};

const leaves = epochMs(Date.UTC(2026, 11, 1));
const beforeLeaving = (ms: number) => epochMs(leaves - ms);
type Given = Omit<Partial<RefundCase>, "fareFen"> & { readonly fareFen?: number; readonly isMistakeOpen?: boolean };

/** What is kept of a ticket given back so long before departure; null where it is not taken back. */
function feeOf(policy: Policy, beforeMs: number, { fareFen = 55_300, isMistakeOpen = true, ...over }: Given = {}) {
  const ticket = {
    departAt: leaves,
    boardingDate: serviceDate("2026-12-01"),
    paidAt: beforeLeaving(30 * dayMs),
    ...over,
  };
  const terms = refundTerms(
    { changed: null, isOfWaitlist: false, notRunUntil: null, isCoachLost: false, ...ticket, fareFen: fen(fareFen) },
    { now: beforeLeaving(beforeMs), isMistakeOpen },
    refundRulesOf(policy),
  );
  return terms.ok ? Number(terms.value.feeFen) : null;
}
const fees = (policy: Policy, ...cases: readonly (readonly [fareFen: number, beforeMs: number])[]) =>
  cases.map(([fareFen, beforeMs]) => feeOf(policy, beforeMs, { fareFen }));

const rulesFor = (policy: Policy) => rulesOf(firstPolicyVersion(policy));

function partyOf(policy: Policy, size: number): string {
  const people = Array.from({ length: size }, (_, n) => n);
  const saved = people.map((n) => ({ ...passengersOf(1)[0]!, passengerId: n as never, documentHash: `d${n}` }));
  const asked = { ...requestOf(1), passengers: people.map((passengerId) => ({ passengerId })) };
  const plan = planPurchase(asked, saved, createTimetable(policy), noon, rulesFor(policy));
  return plan.ok ? "ok" : plan.error.code;
}

/** What a child hears that buys alone, and with somebody who is none. */
function childBuys(policy: Policy, ...others: readonly number[]): string {
  const asked = requestOf(1, { people: [child, ...others] });
  const plan = planPurchase(asked, passengersOf(1), createTimetable(policy), noon, rulesFor(policy));
  return plan.ok ? "ok" : plan.error.code;
}

/** What so many adults hear who take so many children along. */
function freeChildrenBuy(policy: Policy, adults: number, ...freeChildren: readonly number[]): string {
  const people = Array.from({ length: adults }, (_, n) => n);
  const asked = requestOf(1, { people, freeChildren: freeChildren.map((n) => person(1, n)) });
  const plan = planPurchase(asked, passengersOf(1), createTimetable(policy), noon, rulesFor(policy));
  return plan.ok ? `${plan.value.passengers.length} seats` : plan.error.code;
}

/** What a student hears of a trip on 1 October and later who has so many that count. */
function studentBuys(policy: Policy, trips: number, travelDate = "2026-10-01"): string {
  const { limits } = rulesFor(policy);
  if (!limits.students) return "ok";
  const tripOn = (date: string, n: number): StudentTrip => ({
    documentHash: "a",
    yearFrom: schoolYearOf(serviceDate(date), limits.students!),
    orderId: n as OrderId,
    ticketNo: `${n}`,
  });
  const counted = Array.from({ length: trips }, (_, n) => tripOn("2027-09-30", n + 1));
  const countedOf = ({ yearFrom }: StudentYear) => counted.filter((trip) => trip.yearFrom === yearFrom);
  return studentRefusal({ orderId: 99 as OrderId }, [tripOn(travelDate, 99)], countedOf, limits)?.code ?? "ok";
}

function saleAt(policy: Policy, beforeDepartureMs: number): string {
  const now = epochMs(departure - beforeDepartureMs);
  const plan = planPurchase(requestOf(1), passengersOf(1), createTimetable(policy), now, rulesFor(policy));
  return plan.ok ? "ok" : plan.error.code;
}

/** What a buyer hears at that instant, of a train that leaves days after it. */
function boughtAt(policy: Policy, at: string): string {
  const asked = requestOf(1, { originDate: "2026-12-05" });
  const now = epochMs(Date.parse(at));
  const plan = planPurchase(asked, passengersOf(1), createTimetable(policy), now, rulesFor(policy));
  return plan.ok ? "ok" : plan.error.code;
}

/** Seconds to pay where an order is made so long before departure. */
function secondsToPay(policy: Policy, beforeDepartureMs: number): number {
  const now = epochMs(departure - beforeDepartureMs);
  const rules = rulesFor(policy);
  const plan = planPurchase(requestOf(1), passengersOf(1), createTimetable(policy), now, rules);
  if (!plan.ok) return 0;
  return (payByOf([plan.value], now, rules) - now) / secondMs;
}

type TripAsked = {
  readonly train: string;
  readonly from: number;
  readonly to: number;
  readonly documents?: string;
  readonly stations?: { readonly from: string; readonly to: string };
};

/** What limits say of trips one after the other, each an order of its own; from and to in minutes. */
async function tripsAre(policy: Policy, ...trips: readonly TripAsked[]): Promise<string[]> {
  const date = serviceDate("2026-12-01");
  const limits = createMemoryReservations();
  const asked = trips.map(({ train, from, to, documents = "a", stations }, n): Reservation => ({
    ...(stations ? { stations } : {}),
    orderId: ((n + 1) * 2_048 + 1) as OrderId,
    line: 0,
    userId: 1 as UserId,
    runId: runId(train, date),
    boardingDate: date,
    departAt: epochMs(from * minuteMs),
    arriveAt: epochMs(to * minuteMs),
    boughtAt: epochMs(0),
    boughtOn: date,
    unpaidUntil: null,
    isStanding: false,
    trips: documents.split("").map((documentHash, ticket) => ({ ticketNo: `${n}-${ticket}`, documentHash })),
  }));
  const answers = await limits.reserve(asked, rulesFor(policy).limits);
  return answers.map((answer) => (answer.ok ? "ok" : answer.error.code));
}

/** What a further order hears where so many are open, or were cancelled that day, so many of these for standing room. */
async function hoarding(policy: Policy, open: number, cancelled: number, standing = 0): Promise<string> {
  const limits = createMemoryReservations();
  const date = serviceDate("2026-12-01");
  const order = (n: number): Reservation => ({
    orderId: ((n + 1) * 2_048 + 1) as OrderId,
    line: 0,
    userId: 1 as UserId,
    runId: runId("G1", date),
    boardingDate: date,
    departAt: epochMs(dayMs * (n + 2)),
    arriveAt: epochMs(dayMs * (n + 2) + hourMs),
    boughtAt: epochMs(0),
    boughtOn: date,
    unpaidUntil: epochMs(hourMs),
    isStanding: n < standing,
    trips: [{ ticketNo: `${n}`, documentHash: "a" }],
  });
  const before = Array.from({ length: open + cancelled }, (_, n) => order(n));
  await limits.reload(before);
  for (const { orderId } of before.slice(open)) await limits.endUnpaid(orderId);
  const [answer] = await limits.reserve([order(50)], rulesFor(policy).limits);
  return answer!.ok ? "ok" : answer!.error.code;
}

const nine = "abcdefghi";

export const orderRules: readonly RuleRow[] = [
  {
    rule: "2.13",
    says: "what was changed from near to far costs 5 percent where the far one would cost nothing",
    of: (policy) =>
      [3, 9].map((ahead) =>
        feeOf(policy, 9 * dayMs, {
          changed: { changedAt: beforeLeaving(20 * dayMs), departAt: beforeLeaving((20 - ahead) * dayMs) },
        }),
      ),
    expected: [
      [2_750, 0],
      [0, 0],
    ],
  },
  {
    rule: "2.14",
    says: "a changed ticket for a festival period costs 20 percent however early, one that was not changed does not",
    of: (policy) => {
      const periods = [{ from: "2026-11-30", to: "2026-12-01" }];
      const inPeriod = withChanges(policy, { refund: { festival: { periods, percent: 20 } } });
      const changed = { changedAt: beforeLeaving(25 * dayMs), departAt: beforeLeaving(2 * dayMs) };
      return [
        feeOf(inPeriod, 20 * dayMs, { changed }),
        feeOf(inPeriod, 20 * dayMs),
        feeOf(policy, 20 * dayMs, { changed }),
      ];
    },
    expected: [
      [11_050, 0, 0],
      [11_060, 0, 0],
    ],
  },
  {
    rule: "2.15",
    says: "a ticket that was changed after departure is not given back",
    of: (policy) =>
      [0, 1].map((ms) =>
        feeOf(policy, hourMs, {
          changed: { changedAt: beforeLeaving(5 * hourMs), departAt: beforeLeaving(5 * hourMs - ms) },
        }),
      ),
    expected: [
      [null, 11_050],
      [null, 13_825],
    ],
  },
  {
    rule: "3.1",
    says: "8 days before departure and earlier, giving back is free",
    of: (policy) => fees(policy, [55_300, 8 * dayMs], [55_300, 8 * dayMs - 1]),
    expected: [
      [0, 2_750],
      [0, 0],
    ],
  },
  {
    rule: "3.2",
    says: "to the last millisecond of 48 hours 5 percent",
    of: (policy) => fees(policy, [55_300, 48 * hourMs], [55_300, 48 * hourMs - 1]),
    expected: [
      [2_750, 5_550],
      [0, 0],
    ],
  },
  {
    rule: "3.3",
    says: "to the last millisecond of 24 hours 10 percent",
    of: (policy) => fees(policy, [55_300, 24 * hourMs], [55_300, 24 * hourMs - 1]),
    expected: [
      [5_550, 11_050],
      [0, 13_825],
    ],
  },
  {
    rule: "3.4",
    says: "after that 20 percent, by the departure where the ticket begins; then nothing goes back",
    of: (policy) => fees(policy, [55_300, 1], [55_300, 0]),
    expected: [
      [11_050, null],
      [55_300, null],
    ],
  },
  {
    rule: "3.5",
    says: "fees are whole half yuan: below 0.25 dropped, from 0.25 a half, from 0.75 a whole",
    // 5 percent of these are 24.20, 24.25, 24.70 and 24.75 yuan.
    of: (policy) => fees(policy, [48_400, 3 * dayMs], [48_500, 3 * dayMs], [49_400, 3 * dayMs], [49_500, 3 * dayMs]),
    expected: [
      [2_400, 2_450, 2_450, 2_500],
      [0, 0, 0, 0],
    ],
  },
  {
    rule: "3.6",
    says: "a fee is 2 yuan at least, the fare at most, and where none is due there is none",
    of: (policy) => fees(policy, [2_000, 3 * dayMs], [950, hourMs - 1], [150, hourMs - 1], [150, 9 * dayMs]),
    expected: [
      [200, 200, 150, 0],
      [0, 950, 150, 0],
    ],
  },
  {
    rule: "3.9",
    says: "a ticket of a train that does not run goes back whole, also after its time, for 30 days, and then not at all",
    of: (policy) => {
      const days = refundRulesOf(policy).suspendedDays;
      const notRunUntil = epochMs(leaves + days * dayMs);
      return [days, ...[-1, days * dayMs - 1, days * dayMs].map((late) => feeOf(policy, -late, { notRunUntil }))];
    },
    expected: [
      [30, 0, 0, null],
      [30, 0, 0, null],
    ],
  },
  {
    rule: "3.12",
    says: "within 30 minutes of payment and 4 hours before departure or more, a mistake is free",
    of: (policy) =>
      [
        [10 * hourMs, 10 * hourMs - 30 * minuteMs],
        [10 * hourMs, 10 * hourMs - 30 * minuteMs - 1],
        [4 * hourMs + 1, 4 * hourMs],
        [4 * hourMs + 1, 4 * hourMs - 1],
      ].map(([paid, back]) => feeOf(policy, back!, { paidAt: beforeLeaving(paid!) })),
    expected: [
      [0, 11_050, 0, 11_050],
      [13_825, 13_825, 13_825, 13_825],
    ],
  },
  {
    rule: "3.13",
    says: "of one order a day; not of one from the waitlist, nor of a changed ticket",
    of: (policy) => {
      const paidAt = beforeLeaving(10 * hourMs);
      const changed = { changedAt: beforeLeaving(10 * hourMs), departAt: beforeLeaving(9 * hourMs) };
      return [{ isMistakeOpen: false }, { isOfWaitlist: true }, { changed }, { isMistakeOpen: true }].map((given) =>
        feeOf(policy, 10 * hourMs, { paidAt, ...given }),
      );
    },
    expected: [
      [11_050, 11_050, 11_050, 0],
      [13_825, 13_825, 13_825, 13_825],
    ],
  },
  {
    rule: "3.17",
    says: "a discounted ticket is kept of by the same grades, of what it cost",
    of: (policy) => [3 * dayMs, 36 * hourMs, hourMs].map((before) => feeOf(policy, before, { fareFen: 27_650 })),
    expected: [
      [1_400, 2_750, 5_550],
      [0, 0, 6_913],
    ],
  },
  {
    rule: "4.1",
    says: "an order is for nine, and an account has nine tickets of one train and day",
    of: async (policy) => [
      partyOf(policy, 9),
      partyOf(policy, 5),
      ...(await tripsAre(
        policy,
        { train: "G1", from: 0, to: 60, documents: nine },
        { train: "G1", from: 0, to: 60, documents: "j" },
      )),
    ],
    expected: [
      ["ok", "ok", "ok", "UserRunLimit"],
      ["OrderTooLarge", "ok", "ok", "UserRunLimit"],
    ],
  },
  {
    rule: "4.4",
    says: "one document has one ticket of a train at a time",
    of: (policy) => tripsAre(policy, { train: "G1", from: 0, to: 60 }, { train: "G1", from: 30, to: 90 }),
    expected: [
      ["ok", "TripOverlaps"],
      ["ok", "TripOverlaps"],
    ],
  },
  {
    rule: "4.5",
    says: "of one train a document may have intervals that adjoin",
    of: (policy) =>
      tripsAre(
        policy,
        { train: "G1", from: 60, to: 120 },
        { train: "G1", from: 120, to: 180 },
        { train: "G1", from: 0, to: 60 },
      ),
    expected: [
      ["ok", "ok", "ok"],
      ["ok", "ok", "ok"],
    ],
  },
  {
    rule: "4.6",
    says: "riding times of one document do not overlap",
    of: (policy) => tripsAre(policy, { train: "G1", from: 0, to: 60 }, { train: "G3", from: 59, to: 90 }),
    expected: [
      ["ok", "TripOverlaps"],
      ["ok", "TripOverlaps"],
    ],
  },
  {
    rule: "4.7",
    says: "from one train to another a document needs ten minutes",
    of: (policy) =>
      tripsAre(
        policy,
        { train: "G1", from: 60, to: 120 },
        { train: "G3", from: 129, to: 180 },
        { train: "G5", from: 130, to: 180 },
        { train: "G7", from: 0, to: 51 },
      ),
    expected: [
      ["ok", "TripsTooClose", "ok", "TripsTooClose"],
      ["ok", "ok", "TripOverlaps", "ok"],
    ],
  },
  {
    rule: "4.7",
    says: "from one station to another it needs forty",
    of: (policy) =>
      tripsAre(
        policy,
        { train: "G1", from: 60, to: 120, stations: { from: "A", to: "B" } },
        { train: "G3", from: 159, to: 180, stations: { from: "C", to: "D" } },
        { train: "G5", from: 160, to: 180, stations: { from: "C", to: "D" } },
        { train: "G7", from: 10, to: 21, stations: { from: "D", to: "C" } },
        { train: "G9", from: 10, to: 50, stations: { from: "D", to: "A" } },
      ),
    expected: [
      ["ok", "TripsTooClose", "ok", "TripsTooClose", "ok"],
      ["ok", "ok", "TripOverlaps", "ok", "TripOverlaps"],
    ],
  },
  {
    rule: "4.9",
    says: "after three cancelled orders a day sells an account no more",
    of: async (policy) => [await hoarding(policy, 0, 2), await hoarding(policy, 0, 3)],
    expected: [
      ["ok", "CancelledTooOften"],
      ["ok", "ok"],
    ],
  },
  {
    rule: "4.10",
    says: "five cancelled orders for standing room count as one",
    of: async (policy) => [await hoarding(policy, 0, 6, 4), await hoarding(policy, 0, 7, 5)],
    expected: [
      ["ok", "CancelledTooOften"],
      ["ok", "ok"],
    ],
  },
  {
    rule: "4.11",
    says: "one order that waits for its money blocks the next",
    of: async (policy) => [await hoarding(policy, 1, 0), await hoarding(policy, 2, 0)],
    expected: [
      ["UnpaidOrderOpen", "UnpaidOrderOpen"],
      ["ok", "UnpaidOrderOpen"],
    ],
  },
  {
    rule: "4.12",
    says: "there are 15 minutes to pay, 10 below two hours before departure, and never more than to the end of sale",
    of: (policy) =>
      [2 * hourMs, 2 * hourMs - 1, 30 * minuteMs, 26 * minuteMs].map((before) => secondsToPay(policy, before)),
    expected: [
      [900, 600, 300, 60],
      [1_200, 1_200, 1_200, 1_200],
    ],
  },
  {
    rule: "4.15",
    says: "tickets are bought at any hour; where a railway has 12306's hours, from 05:00 to 01:00, on Tuesdays to 24:00",
    of: (policy) => {
      const hours = { from: "05:00", to: "01:00", weekdays: { tuesday: { to: "24:00" } } };
      const byHours = withChanges(policy, { service: { hours } });
      const nights = ["2026-12-01T00:30+08:00", "2026-12-01T03:00+08:00", "2026-12-02T00:30+08:00"];
      return [policy, byHours].map((each) => nights.map((at) => boughtAt(each, at)));
    },
    expected: [
      [
        ["ok", "ok", "ok"],
        ["ok", "ServiceClosed", "ServiceClosed"],
      ],
      [
        ["ok", "ok", "ok"],
        ["ok", "ServiceClosed", "ServiceClosed"],
      ],
    ],
  },
  {
    rule: "4.16",
    says: "sale ends 25 minutes before departure, to the millisecond",
    of: (policy) => [25 * minuteMs + 1, 25 * minuteMs, 5 * minuteMs].map((before) => saleAt(policy, before)),
    expected: [
      ["ok", "SaleClosed", "SaleClosed"],
      ["ok", "ok", "SaleClosed"],
    ],
  },
  {
    rule: "5.3, 5.4",
    says: "a child is sold a ticket only on one order with an adult, and so of the same day, train, class and way",
    of: (policy) => [childBuys(policy), childBuys(policy, 0)],
    expected: [
      ["ChildWithoutAdult", "ok"],
      ["ok", "ok"],
    ],
  },
  {
    rule: "5.2, 5.5",
    says: "each adult takes one child below six along free, without a seat and named in the order; a further one needs a child's ticket",
    of: (policy) => [
      freeChildrenBuy(policy, 1, threeYearsOld),
      freeChildrenBuy(policy, 1, threeYearsOld, fiveYearsOld),
      freeChildrenBuy(policy, 2, threeYearsOld, fiveYearsOld),
      freeChildrenBuy(policy, 1, child),
    ],
    expected: [
      ["1 seats", "FreeChildrenTooMany", "2 seats", "FreeChildNotAllowed"],
      // It lets any number of them travel without being named.
      Array.from({ length: 4 }, () => "FreeChildNotAllowed"),
    ],
  },
  {
    rule: "3.17, 5.11",
    says: "a document has four student trips from 1 October on, and that of a ticket which is given back again",
    of: (policy) => [studentBuys(policy, 3), studentBuys(policy, 4), studentBuys(policy, 4, "2026-09-30")],
    expected: [
      ["ok", "StudentTripsUsed", "ok"],
      ["ok", "ok", "ok"],
    ],
  },
  {
    rule: null,
    says: "a document has ten tickets of one day",
    of: async (policy) =>
      (
        await tripsAre(
          policy,
          ...Array.from({ length: 11 }, (_, n) => ({ train: `G${n}`, from: n * 100, to: n * 100 + 50 })),
        )
      ).at(-1),
    expected: ["DocumentDayLimit", "ok"],
  },
];
