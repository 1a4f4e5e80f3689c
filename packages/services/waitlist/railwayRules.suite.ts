/** What the waitlist room makes of a railway's rules, a row each, for the table in apps/server/railwayRules.test.ts. */
import {
  type Availability,
  firstPolicyVersion,
  type KnownPassenger,
  type NeedGroup,
  type Policy,
  type RefundDue,
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
  serviceDate,
  serviceDayStart,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryWaitlistStore, type WaitlistChange } from "@chepiao/ports/waitlist-store";
import { decideByOf, decideCancel, decideDeadline, decidePrepaid, decideTime } from "./decide.ts";
import { createJoin } from "./join.ts";
import { capturedFor, choiceOf, day, entryOf, later, now, waitingEntry } from "./testing.ts";

const zone = "Asia/Shanghai" as ZoneName;
const sections = [
  { seatClass: "second" as const, rows: 1 },
  { seatClass: "standing" as const, rows: 1 },
];
const seats = { code: "five and one who stands", coaches: [{ no: 1, sections }] };

/** Every train runs every day, to C: from A at noon, or from the other station of its city where it is a K, or from B where it is a Z. */
const starts: Readonly<Record<string, string>> = { K: "A2", Z: "B" };
function runOf(trainNumber: string, originDate: ServiceDate): Run {
  const stop = (stationId: string, hour: number) => ({
    stationId,
    name: stationId,
    arriveS: hour * 3_600,
    departS: hour * 3_600,
    distanceM: 0,
  });
  const stops = [stop(starts[trainNumber[0]!] ?? "A", 12), stop("C", 15)];
  const train = { trainVersionId: 1, trainNumber, trainType: "highSpeed" as const, zone, composition: seats, stops };
  return { runId: runId(trainNumber, originDate), originDate, train, dayStart: serviceDayStart(originDate, zone) };
}

const stationOf = (stationId: string) =>
  ({ stationId, name: stationId, city: stationId[0], pinyin: "", initials: "" }) as never;

export const timetableOf = (policy: Policy): Timetable => {
  const asked: Partial<Timetable> = {
    policy: firstPolicyVersion(policy),
    stations: ["A", "A2", "B", "C"].map(stationOf),
    station: stationOf,
    run: runOf,
    stateOf: () => null,
    stopIndex: (run, stationId, after = 0) =>
      run.train.stops.findIndex((each, index) => index >= after && each.stationId === stationId),
    saleOpensAt: () => epochMs(0),
    saleClosesAt: (run) => epochMs(run.dayStart + 12 * hourMs),
    // G2 is the dearest.
    fare: ({ train }) => fen(train.trainNumber === "G2" ? 2_000 : 1_000),
  };
  return asked as Timetable;
};

/** Among the passengers of the account. */
const aChild = 9;
/** With no trip left. */
const aStudent = 10;

/** One account that asks for entries, on trains that have so many seats left. */
function accountOf(policy: Policy, waitingPassengers = 0, left = 0) {
  const saved = Array.from({ length: 11 }, (_, n) => ({
    passengerId: n,
    documentHash: `d${n}`,
    ticketType: n === aChild ? "child" : n === aStudent ? "student" : "adult",
    proof: "proved",
    birthDate: n === aChild ? serviceDate("2018-05-01") : null,
  })) as unknown as KnownPassenger[];
  const store = createMemoryWaitlistStore(createMemoryOutbox());
  const group = { seatClasses: ["second"], partySize: 1, needs: waitingPassengers } as unknown as NeedGroup;
  const stock = { sellable: left, refusal: left === 0 ? ("SoldOut" as const) : null, changesAt: null };
  const second: Availability = new Map([["second", stock]]);
  const join = createJoin({
    clock: { now: () => now },
    ids: createIdSource(1),
    timetable: () => timetableOf(policy),
    users: { passengers: async () => saved },
    inventory: { available: async (legs) => legs.map(() => second), groups: async () => [group] },
    orders: {
      studentTrips: async (_, date) => ({
        perYear: 4,
        from: date,
        until: date,
        passengers: [{ passengerId: aStudent, left: 0 }],
      }),
    },
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

async function saysOf(
  policy: Policy,
  over: Partial<WaitlistRequest>,
  waitingPassengers?: number,
  left?: number,
): Promise<string> {
  const answer = await accountOf(policy, waitingPassengers, left)(over);
  return typeof answer === "string" ? answer : "ok";
}
const all = (policy: Policy, ...requests: readonly Partial<WaitlistRequest>[]) =>
  Promise.all(requests.map((each) => saysOf(policy, each)));

const unknown = "WaitlistDeadlineUnknown";

/** How an entry ended, what goes back, and what is kept of it. */
function backOf(change: WaitlistChange | null) {
  const [back] = (change?.messages ?? []) as readonly { readonly value: RefundDue }[];
  return [change?.entry.state, back?.value.amountFen, back?.value.feeFen];
}

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
    rule: "1.4",
    says: "an entry goes from one station to another; those of one city count as one",
    of: (policy: Policy) =>
      all(
        policy,
        ...["K1", "Z1"].map((trainNumber) => ({
          choices: [...trainsOn([day]), { trainNumber, originDate: day, seatClasses: ["second" as const] }],
        })),
      ),
    expected: [
      ["ok", "NotOnRoute"],
      ["ok", "NotOnRoute"],
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
    rule: "1.9",
    says: "the deadline is changed while an entry waits, to another that is offered",
    of: (policy: Policy) =>
      [entryOf(), waitingEntry(), waitingEntry({ state: "granted" })].flatMap((entry) =>
        [120, 19].map((minutes) => {
          const decided = decideDeadline(entry, minutes, policy.waitlist, now);
          return decided.ok ? decided.value.entry.deadlineMinutes : decided.error.code;
        }),
      ),
    expected: [
      [120, unknown, 120, unknown, "WaitlistNotChangeable", "WaitlistNotChangeable"],
      [120, unknown, 120, unknown, "WaitlistNotChangeable", "WaitlistNotChangeable"],
    ],
  },
  {
    rule: "1.10",
    says: "past the deadline of its last train an entry ends, and all of its prepayment goes back without a fee",
    of(_policy: Policy) {
      const entry = waitingEntry({ choices: [choiceOf(0)] });
      const deadline = decideByOf(entry.choices[0]!, entry);
      return [decideTime(entry, epochMs(deadline - 1)), backOf(decideTime(entry, deadline))];
    },
    expected: [
      [null, ["expired", 20_000, 0]],
      [null, ["expired", 20_000, 0]],
    ],
  },
  {
    rule: "1.11",
    says: "what is prepaid is the highest fare of all its trains, for all passengers",
    async of(policy: Policy) {
      const entry = await accountOf(policy)({ choices: trainsOn([day], 3), passengers: party(2) });
      return typeof entry === "string" ? entry : Number(entry.prepayFen);
    },
    expected: [4_000, 4_000],
  },
  {
    rule: "1.13",
    says: "an entry has its place once it is prepaid, by the moment of its payment",
    async of(policy: Policy) {
      const entry = await accountOf(policy)();
      if (typeof entry === "string") return entry;
      const paid = decidePrepaid(entry, capturedFor(entry), later(hourMs));
      return [entry.place, paid.kind === "joined" && paid.change.entry.place! - now];
    },
    expected: [
      [null, minuteMs],
      [null, minuteMs],
    ],
  },
  {
    rule: "1.21",
    says: "an entry is cancelled at any time before it is given seats, and all of its prepayment goes back without a fee",
    of: (_policy: Policy) =>
      [waitingEntry(), waitingEntry({ state: "granted" })].map((entry) => {
        const decided = decideCancel(entry, now);
        return decided.ok ? backOf(decided.value) : decided.error.code;
      }),
    expected: [
      [["cancelled", 20_000, 0], "WaitlistNotChangeable"],
      [["cancelled", 20_000, 0], "WaitlistNotChangeable"],
    ],
  },
  {
    rule: "1.23",
    says: "standing is taken by those who accept it, last of their classes",
    of: (policy: Policy) =>
      Promise.all(
        [false, true].map(async (acceptsStanding) => {
          const entry = await accountOf(policy)({ acceptsStanding });
          return typeof entry === "string" ? entry : entry.choices[0]!.seatClasses;
        }),
      ),
    expected: [
      [["second"], ["second", "standing"]],
      [["second"], ["second", "standing"]],
    ],
  },
  {
    rule: "1.30",
    says: "one waits for what is sold out, and buys what is left for all",
    of: (policy: Policy) => Promise.all([0, 1, 2].map((left) => saysOf(policy, { passengers: party(2) }, 0, left))),
    expected: [
      ["ok", "ok", "WaitlistNotNeeded"],
      ["ok", "ok", "WaitlistNotNeeded"],
    ],
  },
  {
    rule: "1.30, 5.3",
    says: "a child waits only in one entry with an adult",
    of: (policy: Policy) =>
      all(
        policy,
        ...[[aChild], [0, aChild]].map((ids) => ({ passengers: ids.map((passengerId) => ({ passengerId })) })),
      ),
    expected: [
      ["ChildWithoutAdult", "ok"],
      ["ok", "ok"],
    ],
  },
  {
    rule: "1.30, 5.11",
    says: "a student without a trip left waits for a ticket at the full fare alone",
    of: (policy: Policy) =>
      all(
        policy,
        ...([{}, { ticketType: "adult" }] as const).map((over) => ({
          passengers: [{ passengerId: 0 }, { passengerId: aStudent, ...over }],
        })),
      ),
    expected: [
      ["StudentTripsUsed", "ok"],
      ["ok", "ok"],
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
