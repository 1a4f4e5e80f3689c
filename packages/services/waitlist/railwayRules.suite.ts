/** What the waitlist room makes of a railway's rules, a row each, for the table in apps/server/railwayRules.test.ts. */
import {
  type Availability,
  firstPolicyVersion,
  type KnownPassenger,
  type NeedGroup,
  type Policy,
  type Run,
  runId,
  type SeatClass,
  type Timetable,
  type WaitlistRequest,
} from "@chepiao/contracts";
import {
  addDays,
  createIdSource,
  dayMs,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  type ServiceDate,
  serviceDayStart,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import { decideByOf } from "./decide.ts";
import { createJoin } from "./join.ts";
import { day, now } from "./testing.ts";

const zone = "Asia/Shanghai" as ZoneName;
const seats = { code: "five", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 1 }] }] };

/** Every train runs every day, from A at noon to C. */
function runOf(trainNumber: string, originDate: ServiceDate): Run {
  const stop = (stationId: string, hour: number) => ({
    stationId,
    name: stationId,
    arriveS: hour * 3_600,
    departS: hour * 3_600,
    distanceM: 0,
  });
  const stops = [stop("A", 12), stop("C", 15)];
  const train = { trainVersionId: 1, trainNumber, trainType: "highSpeed" as const, zone, composition: seats, stops };
  return { runId: runId(trainNumber, originDate), originDate, train, dayStart: serviceDayStart(originDate, zone) };
}

export const timetableOf = (policy: Policy): Timetable => {
  const asked: Partial<Timetable> = {
    policy: firstPolicyVersion(policy),
    stations: [],
    station: (stationId) => ({ stationId, name: stationId, city: stationId, pinyin: "", initials: "" }) as never,
    run: runOf,
    stateOf: () => null,
    stopIndex: (run, stationId, after = 0) =>
      run.train.stops.findIndex((each, index) => index >= after && each.stationId === stationId),
    saleOpensAt: () => epochMs(0),
    saleClosesAt: (run) => epochMs(run.dayStart + 12 * hourMs),
    fare: () => fen(1_000),
  };
  return asked as Timetable;
};

/** One account that asks for entries, on trains that are sold out. */
function accountOf(policy: Policy, waitingPassengers = 0) {
  const saved = Array.from({ length: 9 }, (_, n) => ({
    passengerId: n,
    documentHash: `d${n}`,
    ticketType: "adult",
    proof: "proved",
    birthDate: null,
  })) as unknown as KnownPassenger[];
  const store = createMemoryWaitlistStore(createMemoryOutbox());
  const group = { seatClasses: ["second"], partySize: 1, needs: waitingPassengers } as unknown as NeedGroup;
  const soldOut: Availability = new Map([["second", { sellable: 0, refusal: "SoldOut", changesAt: null }]]);
  const join = createJoin({
    clock: { now: () => now },
    ids: createIdSource(1),
    timetable: () => timetableOf(policy),
    users: { passengers: async () => saved },
    inventory: { available: async (legs) => legs.map(() => soldOut), groups: async () => [group] },
    store,
  });
  let key = 0;
  return async (over: Partial<WaitlistRequest> = {}) => {
    const request = { from: "A", to: "C", choices: trainsOn([day]), passengers: party(1), ...over };
    const joined = await join(7 as UserId, `key-${key++}`, request);
    return joined.ok ? joined.value : joined.error.code;
  };
}

const party = (size: number) => Array.from({ length: size }, (_, passengerId) => ({ passengerId }));
export const trainsOn = (dates: readonly ServiceDate[], trains = 1) =>
  dates.flatMap((originDate) =>
    Array.from({ length: trains }, (_, n) => ({
      trainNumber: `G${n + 1}`,
      originDate,
      seatClasses: ["second"] as SeatClass[],
    })),
  );
const daysFrom = (count: number) => Array.from({ length: count }, (_, n) => addDays(day, n));

async function saysOf(policy: Policy, over: Partial<WaitlistRequest>, waitingPassengers?: number): Promise<string> {
  const answer = await accountOf(policy, waitingPassengers)(over);
  return typeof answer === "string" ? answer : "ok";
}
const all = (policy: Policy, ...requests: readonly Partial<WaitlistRequest>[]) =>
  Promise.all(requests.map((each) => saysOf(policy, each)));

export const waitlistRules = [
  {
    rule: "1.1",
    says: "six entries of an account wait at a time",
    async of(policy: Policy) {
      const ask = accountOf(policy);
      const answers: string[] = [];
      for (let n = 0; n < 7; n++) {
        const answer = await ask();
        answers.push(typeof answer === "string" ? answer : "ok");
      }
      return [answers.filter((each) => each === "ok").length, answers.at(-1)];
    },
    expected: [
      [6, "WaitlistEntriesFull"],
      [2, "WaitlistEntriesFull"],
    ],
  },
  {
    rule: "1.2",
    says: "an entry names three days",
    of: (policy: Policy) => all(policy, ...[3, 4, 8].map((days) => ({ choices: trainsOn(daysFrom(days)) }))),
    expected: [
      ["ok", "WaitlistTooMany", "WaitlistTooMany"],
      ["ok", "ok", "WaitlistTooMany"],
    ],
  },
  {
    rule: "1.3",
    says: "an entry names sixty trains, each on a day",
    of: (policy: Policy) => all(policy, ...[20, 21, 60, 61].map((trains) => ({ choices: trainsOn([day], trains) }))),
    expected: [
      ["ok", "ok", "ok", "WaitlistTooMany"],
      ["ok", "WaitlistTooMany", "WaitlistTooMany", "WaitlistTooMany"],
    ],
  },
  {
    rule: "1.5",
    says: "an entry is for nine",
    of: (policy: Policy) => all(policy, ...[5, 6, 9].map((size) => ({ passengers: party(size) }))),
    expected: [
      ["ok", "ok", "ok"],
      ["ok", "OrderTooLarge", "OrderTooLarge"],
    ],
  },
  {
    rule: "1.6",
    says: "seats are taken until 20 minutes before departure at the latest",
    of: (policy: Policy) => all(policy, ...[19, 20, 59, 60].map((deadlineMinutes) => ({ deadlineMinutes }))),
    expected: [
      ["WaitlistDeadlineUnknown", "ok", "WaitlistDeadlineUnknown", "ok"],
      ["WaitlistDeadlineUnknown", "WaitlistDeadlineUnknown", "WaitlistDeadlineUnknown", "ok"],
    ],
  },
  {
    rule: "1.7",
    says: "the buyer chooses among fourteen deadlines",
    of: (policy: Policy) =>
      all(
        policy,
        ...[120, 121, 720, 11_520].map((deadlineMinutes) => ({
          choices: trainsOn([addDays(day, 14)]),
          deadlineMinutes,
        })),
      ),
    expected: [
      ["ok", "WaitlistDeadlineUnknown", "ok", "ok"],
      ["ok", "ok", "ok", "ok"],
    ],
  },
  {
    rule: "1.8",
    says: "it is six hours where the buyer says nothing, and there is no other end",
    async of(policy: Policy) {
      const entry = await accountOf(policy)({ choices: trainsOn([addDays(day, 14)]) });
      if (typeof entry === "string") return entry;
      const departAt = entry.choices[0]!.departAt;
      return [entry.deadlineMinutes, (departAt - decideByOf(entry.choices[0]!, entry)) / minuteMs];
    },
    expected: [
      [360, 360],
      // A week after it was opened.
      [120, ((14 - 6) * dayMs + 3 * hourMs) / minuteMs],
    ],
  },
  {
    rule: "1.12",
    says: "it is prepaid within ten minutes",
    async of(policy: Policy) {
      const entry = await accountOf(policy)();
      return typeof entry === "string" ? entry : (entry.prepayBy - now) / minuteMs;
    },
    expected: [10, 30],
  },
  {
    rule: "1.27",
    says: "however many wait for a class",
    // Five seats.
    of: (policy: Policy) => Promise.all([9, 10].map((waiting) => saysOf(policy, {}, waiting))),
    expected: [
      ["ok", "ok"],
      ["ok", "WaitlistCrowded"],
    ],
  },
] as const;
