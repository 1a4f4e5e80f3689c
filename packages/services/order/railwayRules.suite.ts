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
import { createMemoryReservations, type Reservation } from "@chepiao/ports/reservations";
import { createTimetable, departure, noon, passengersOf, requestOf } from "./order.twin.ts";
import { payByOf, planPurchase } from "./purchase/plan.ts";
import { refundRulesOf, refundTerms } from "./refundFee.ts";
import { rulesOf } from "./rules.ts";

export type RuleRow = {
  /** As 12306's rules are numbered; null for one that is ours alone. */
  readonly rule: string | null;
  readonly says: string;
  readonly of: (policy: Policy) => unknown;
  /** By 12306, and by the demonstration railway. */
  readonly expected: readonly [unknown, unknown];
};

const feeOf = (policy: Policy, fareFen: number, beforeMs: number): number | null => {
  const departAt = epochMs(Date.UTC(2026, 11, 1));
  const terms = refundTerms(fen(fareFen), departAt, epochMs(departAt - beforeMs), refundRulesOf(policy));
  return terms && Number(terms.feeFen);
};
const fees = (policy: Policy, ...cases: readonly (readonly [fareFen: number, beforeMs: number])[]) =>
  cases.map(([fareFen, beforeMs]) => feeOf(policy, fareFen, beforeMs));

const rulesFor = (policy: Policy) => rulesOf(firstPolicyVersion(policy));

function partyOf(policy: Policy, size: number): string {
  const people = Array.from({ length: size }, (_, n) => n);
  const saved = people.map((n) => ({ ...passengersOf(1)[0]!, passengerId: n as never, documentHash: `d${n}` }));
  const asked = { ...requestOf(1), passengers: people.map((passengerId) => ({ passengerId })) };
  const plan = planPurchase(asked, saved, createTimetable(policy), noon, rulesFor(policy));
  return plan.ok ? "ok" : plan.error.code;
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
