/** Trains that the railway adds: who accepts them waits for them in his place, before anybody else may buy them. */
import { expect, test } from "bun:test";
import {
  firstPolicyVersion,
  type KnownPassenger,
  type Need,
  type Policy,
  policyDefault,
  refusal,
  type Run,
  runId,
  type RunId,
  type Timetable,
  type TicketType,
  waysOf,
  withChanges,
} from "@chepiao/contracts";
import {
  addDays,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  type OrderId,
  type PassengerId,
  secondMs,
  type UserId,
} from "@chepiao/kernel";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { type AddedTrains, createMemoryWaitlistStore, type WaitlistRecord } from "@chepiao/ports/waitlist-store";
import { createAdded } from "./added.ts";
import { decideAdded } from "./decideAdded.ts";
import { createChanges } from "./changes.ts";
import { timetableOf } from "./railwayRules.suite.ts";
import { storyOf } from "./story.ts";
import { choiceOf, day, entryOf, later, now, waitingEntry } from "./testing.ts";

const asked = timetableOf(policyDefault);
const runOf = (trainNumber: string, date = day) => asked.run(trainNumber, date)!;
const timetable: Timetable = {
  ...asked,
  legs: (from, to, date) =>
    ["G1", "G2", "G7", "G8", "K7", "Z7"].flatMap((trainNumber) => {
      const run = runOf(trainNumber, date);
      const ways = from.flatMap((one) => to.flatMap((other) => waysOf(asked, run, one, other)));
      return ways.map((way) => ({ run, ...way }));
    }),
};
const idsOf = (...runs: readonly Run[]) => new Set(runs.map(({ runId: id }) => id));
const wish: AddedTrains = { dates: [day], departFrom: null, departUntil: null };
const saved = [{}, {}, { birthDate: "2018-05-01" }, { ticketType: "student" }].map((over, n) => ({
  passengerId: n + 1,
  ticketType: "adult",
  birthDate: null,
  ...over,
})) as unknown as readonly KnownPassenger[];
const rules = { policy: policyDefault, saved };
const onlyOne = { policy: withChanges(policyDefault, { waitlist: { combinationsMax: 1 } }), saved };
const g1 = choiceOf(0, { toStop: 1, departAt: epochMs(runOf("G1").dayStart + 12 * hourMs) });
const one = entryOf().passengers.slice(0, 1);
const accepting = (over: Partial<WaitlistRecord> = {}) =>
  waitingEntry({ addedTrains: wish, choices: [g1], passengers: one, prepayFen: fen(1_000), ...over });

/** What becomes of the train with the entry: its classes, why not, or null where it is none of the entry's. */
function madeOf(entry: WaitlistRecord, run: Run) {
  const added = decideAdded(entry, idsOf(run), timetable, rules, now)?.entry.choices.at(-1);
  return added ? (added.endedBecause ?? added.seatClasses.join()) : null;
}

test("an added train is waited for on the days and at the times that are accepted, from any station of the city", () => {
  expect(madeOf(accepting(), runOf("G7"))).toBe("second");
  expect(madeOf(accepting(), runOf("K7"))).toBe("second");
  // It calls at another city.
  expect(madeOf(accepting(), runOf("Z7"))).toBeNull();
  expect(madeOf(accepting(), runOf("G7", addDays(day, 1)))).toBeNull();
  expect(madeOf(accepting({ addedTrains: null }), runOf("G7"))).toBeNull();
  // They leave at noon.
  const between = (departFrom: string | null, departUntil: string | null) =>
    madeOf(accepting({ addedTrains: { ...wish, departFrom, departUntil } }), runOf("G7"));
  expect([between("12:00", "12:00"), between(null, "11:59"), between("12:01", null), between("08:00", null)]).toEqual([
    "second",
    null,
    null,
    "second",
  ]);
});

test("an added train comes once, while it can be decided about, and not beyond as many as an entry may have", () => {
  const given = decideAdded(accepting(), idsOf(runOf("G7")), timetable, rules, now)!.entry;
  expect(given).toMatchObject({ state: "waiting", nextAt: expect.any(Number) });
  expect(given.choices.at(-1)).toMatchObject({ choice: 1, runId: runId("G7", day), addedAt: now, endedBecause: null });
  expect(decideAdded(given, idsOf(runOf("G7"), runOf("G1")), timetable, rules, now)).toBeNull();
  expect(decideAdded(accepting(), idsOf(runOf("G7")), timetable, onlyOne, now)).toBeNull();
  const noon = runOf("G7").dayStart + 12 * hourMs;
  const madeAt = (at: number) => decideAdded(accepting(), idsOf(runOf("G7")), timetable, rules, epochMs(at));
  expect(madeAt(noon - 60 * minuteMs)).toBeNull();
  expect(madeAt(noon - 61 * minuteMs)).not.toBeNull();
  for (const state of ["cancelled", "expired", "served", "failed"] as const)
    expect(madeOf(accepting({ state }), runOf("G7"))).toBeNull();
  expect(madeOf(entryOf({ addedTrains: wish, choices: [g1] }), runOf("G7"))).toBe("second");
});

test("standing is the last resort on an added train, too, whichever of the entry's trains had it", () => {
  const choices = [
    { ...g1, seatClasses: ["second", "standing"] as const },
    { ...choiceOf(1, { toStop: 1, departAt: g1.departAt }), seatClasses: ["first"] as const },
  ];
  const added = decideAdded(accepting({ choices }), idsOf(runOf("G7")), timetable, rules, now)!.entry;
  const classes = added.choices.at(-1)!.seatClasses;
  expect(classes.length).toBeGreaterThan(1);
  expect(classes.indexOf("standing")).toBe(classes.length - 1);
});

test("whoever is being served keeps what he was given, and when he is asked about again", () => {
  const granted = accepting({ state: "granted", granted: { choice: 0, seatClass: "second" }, nextAt: later(1) });
  const { entry, messages } = decideAdded(granted, idsOf(runOf("G7")), timetable, rules, now)!;
  expect(entry).toEqual({ ...granted, choices: [g1, expect.objectContaining({ addedAt: now })] });
  expect(messages).toEqual([]);
});

test("an added train that is dearer than what was prepaid is none of the entry's, and its story says so", () => {
  // G2 costs 2,000.
  expect(madeOf(accepting(), runOf("G2"))).toBe("WaitlistDearer");
  expect(madeOf(accepting({ prepayFen: fen(2_000) }), runOf("G2"))).toBe("second");
  const two = accepting({ passengers: entryOf().passengers, prepayFen: fen(1_999) });
  expect(madeOf(two, runOf("G7"))).toBe("WaitlistDearer");
  const { entry } = decideAdded(accepting(), idsOf(runOf("G2"), runOf("G7")), timetable, rules, now)!;
  const { added, passedOver } = storyOf(entry, new Map(), []);
  expect(added.map(({ choice, at, refusal: why }) => [choice.trainNumber, at, why])).toEqual([
    ["G2", now, "WaitlistDearer"],
    ["G7", now, null],
  ]);
  expect(passedOver).toEqual([]);
});

const of = (passengerId: number, ticketType: TicketType) => ({ passengerId: passengerId as PassengerId, ticketType });
const inBoth = [{ ...g1, seatClasses: ["second", "standing"] as const }];

test("an added train is waited for in the classes in which everybody may have his ticket, and by nobody who could not go by it", () => {
  const lessForStudents = withChanges(policyDefault, { fares: { discounts: { student: { second: null } } } });
  const made = (policy: Policy, ...passengers: readonly ReturnType<typeof of>[]) => {
    const trains = { ...timetable, policy: firstPolicyVersion(policy) };
    const entry = accepting({ passengers, choices: inBoth, prepayFen: fen(10_000) });
    return decideAdded(entry, idsOf(runOf("G7")), trains, rules, now)
      ?.entry.choices.at(-1)!
      .seatClasses.join();
  };
  const party = [of(1, "adult"), of(4, "student")];
  expect(made(policyDefault, ...party)).toBe("second,standing");
  expect(made(lessForStudents, ...party)).toBe("standing");
  expect(made(policyDefault, of(1, "adult"), of(3, "child"))).toBe("second,standing");
  // Who is no student any more, who has grown up, and who is not saved any more.
  for (const gone of [of(1, "student"), of(1, "child"), of(77, "adult")])
    expect(made(policyDefault, of(2, "adult"), gone)).toBeUndefined();
});

test("a child is not given an added train alone, by the rules under which the entry was opened", () => {
  const alone = accepting({ passengers: [of(3, "adult")] });
  const made = (childWithAdult: boolean) => {
    const policy = withChanges(policyDefault, { fares: { childWithAdult } });
    return decideAdded(alone, idsOf(runOf("G7")), timetable, { policy, saved }, now);
  };
  expect(made(true)).toBeNull();
  expect(made(false)).not.toBeNull();
});

const awaiting = { state: "awaitingPrepayment", place: null } as const;
const everywhere = later(10 * secondMs);
const [g7, g8] = [runId("G7", day), runId("G8", day)];
const both: string[] = [g7, g8];
/** Twice which runs are waited for, and the line of one: all were given theirs. */
const readsBefore = 2 + 1;

/** Entries of it can be decided about by nobody. */
const unknownPolicy = 99;

/** A room with a train G7 of five seats that was just added, and who waits. */
function createRoom() {
  const time = { now };
  const clock = { now: () => time.now };
  const store = createMemoryWaitlistStore(createMemoryOutbox());
  const seats = createMemorySeatStore();
  const added = { version: 2, runIds: new Set<RunId>([g7, g8]), since: now };
  /** Calls until the process dies. */
  const life = { calls: Infinity };
  const dying =
    <T extends unknown[], R>(call: (...args: T) => Promise<R>) =>
    async (...args: T): Promise<R> => {
      if (life.calls-- <= 0) throw new Error("died");
      return call(...args);
    };
  const opened: string[] = [];
  const knows = { run: true, version: 2 };
  const reports: string[] = [];
  /** Trains of which no line can be joined. */
  const broken = new Set<string>();
  const pages: (readonly OrderId[])[] = [];
  /** What happens elsewhere while that page joins, and while runs are opened. */
  const meanwhile = { joined: async (_page: number) => {}, opened: async (_runIds: ReadonlySet<RunId>) => {} };
  const deps = {
    clock,
    timetable: () => timetable,
    trains: {
      added: () => added,
      openAdded: dying(async (version: number, runIds: ReadonlySet<RunId>) => {
        if (version !== knows.version) return false;
        await meanwhile.opened(runIds);
        for (const each of runIds) opened.push(each);
        added.runIds = added.runIds.difference(runIds);
        return true;
      }),
    },
    policyOf(policyVersion: number) {
      if (policyVersion === unknownPolicy) throw new Error("no such policy");
      return policyDefault;
    },
    users: { passengers: async () => saved },
    store: {
      acceptingAdded: dying(store.acceptingAdded),
      idsOfRun: dying(store.idsOfRun),
      loadAll: dying(store.loadAll),
      waitedFor: dying(store.waitedFor),
    },
    inventory: {
      join: dying(async (needs: readonly Need[]) => {
        pages.push(needs.map(({ holdId }) => holdId));
        await meanwhile.joined(pages.length);
        for (const { run } of needs) if (broken.has(run.train.trainNumber)) throw new Error("timed out");
        return knows.run ? seats.waitlists.join(needs, time.now) : needs.map(() => refusal("Overloaded"));
      }),
    },
    changes: createChanges({
      clock,
      store: { ...store, change: dying(store.change) },
      inventory: { leave: async () => {} },
      kickOutbox() {},
      report(message) {
        throw new Error(message);
      },
    }),
    everywhereAfterMs: 10 * secondMs,
    report: (message: string) => void reports.push(message),
  };
  let keys = 0;
  const wait = async (place: number, over: Partial<WaitlistRecord> = {}) => {
    const entry = accepting({ place: later(place), idempotencyKey: `k${keys++}`, ...over });
    await store.add(entry, 60);
    return entry;
  };
  const servedOf = async () =>
    (await seats.waitlists.grants(runOf("G7"))).map(({ holdId }) => holdId).sort((a, b) => a - b);
  const room = createAdded(deps);
  return { time, store, seats, added, life, opened, knows, reports, broken, pages, meanwhile, wait, servedOf, room };
}

/** Five seats for seven who wait, the last opened first: each of one seat. */
async function sevenWait({ wait }: ReturnType<typeof createRoom>): Promise<OrderId[]> {
  const entries: WaitlistRecord[] = [];
  for (const place of [7, 6, 5, 4, 3, 2, 1]) entries.push(await wait(place));
  await wait(0, { addedTrains: null });
  await wait(0, { addedTrains: { ...wish, dates: [addDays(day, 1)] } });
  return entries
    .slice(2)
    .map(({ entryId }) => entryId)
    .sort((a, b) => a - b);
}

test("I5: the seats of an added train go to who accepts it, by the time of prepayment, and then it is everybody's", async () => {
  const at = createRoom();
  const first = await sevenWait(at);
  // Not before every process has the timetable.
  expect([await at.room.pass(), await at.servedOf(), at.opened]).toEqual([false, [], []]);
  at.time.now = everywhere;
  expect(await at.room.pass()).toBe(true);
  expect([await at.servedOf(), at.opened.toSorted()]).toEqual([first, both]);
  expect(await at.room.pass()).toBe(true);
  expect([at.opened.length, at.reports]).toEqual([2, []]);
});

test("I5, I7: whoever adds a train may die at any moment: the next one serves the same, each once, before it is everybody's", async () => {
  for (let calls = 0, isDone = false; !isDone; calls++) {
    const at = createRoom();
    const first = await sevenWait(at);
    at.time.now = everywhere;
    at.life.calls = calls;
    isDone = await at.room.pass().catch(() => false);
    // Each is opened once all who wait for it are in its line, and not before.
    if (at.opened.includes(g7)) expect(await at.servedOf()).toEqual(first);
    at.life.calls = Infinity;
    expect(await at.room.pass()).toBe(true);
    expect([await at.servedOf(), at.opened.toSorted()]).toEqual([first, both]);
    for (const entry of at.store.all())
      expect(entry.choices.filter(({ addedAt }) => addedAt !== null).length).toBe(entry.addedTrains === wish ? 2 : 0);
    expect(calls).toBeLessThan(60);
  }
});

test("I5: a train stays kept back while the seats' room does not know it, and while a newer timetable has come", async () => {
  const at = createRoom();
  const first = await sevenWait(at);
  at.time.now = everywhere;
  at.knows.run = false;
  expect([await at.room.pass(), at.opened]).toEqual([false, []]);
  at.knows.run = true;
  at.knows.version = 3;
  expect([await at.room.pass(), at.opened]).toEqual([false, []]);
  expect(await at.servedOf()).toEqual(first);
});

test("a run whose line cannot be joined stays closed alone, and says why, until it can", async () => {
  const at = createRoom();
  const first = await sevenWait(at);
  at.time.now = everywhere;
  at.broken.add("G8");
  expect([await at.room.pass(), at.opened, await at.servedOf()]).toEqual([false, [g7], first]);
  expect([...at.room.closedBy()]).toEqual([["failed", 1]]);
  expect(at.reports).toEqual([expect.stringContaining(`${g8} (failed)`)]);
  // It is told once.
  expect([await at.room.pass(), at.opened, at.reports.length]).toEqual([false, [g7], 1]);
  at.broken.clear();
  at.knows.run = false;
  expect([await at.room.pass(), [...at.room.closedBy()]]).toEqual([false, [["Overloaded", 1]]]);
  at.knows.run = true;
  expect([await at.room.pass(), at.opened.toSorted(), at.room.closedBy().size]).toEqual([true, both, 0]);
});

test("I5: a long line is joined in pages from its front, and the run is opened behind the last of them", async () => {
  const at = createRoom();
  at.added.runIds = new Set([g7]);
  for (let n = 0; n < 203; n++) await at.wait((n * 37) % 203, { userId: (10 + n) as UserId });
  at.time.now = everywhere;
  const ids = at.store
    .all()
    .toSorted((a, b) => a.place! - b.place!)
    .map(({ entryId }) => entryId);
  await at.room.give();
  // Who dies behind the first page leaves the run closed, and has put nobody before another.
  at.life.calls = readsBefore + 2;
  expect([await at.room.pass().catch(() => false), at.opened]).toEqual([false, []]);
  expect(at.pages.flat()).toEqual(ids.slice(0, 200));
  expect(await at.servedOf()).toEqual(ids.slice(0, 5).toSorted((a, b) => a - b));
  at.life.calls = Infinity;
  at.pages.length = 0;
  expect([await at.room.pass(), at.opened]).toEqual([true, [g7]]);
  expect(at.pages.map(({ length }) => length)).toEqual([200, 3, 200, 3]);
  expect(at.pages.flat()).toEqual([...ids, ...ids]);
});

test("a train that nobody accepts is everybody's as soon as every process has it", async () => {
  const at = createRoom();
  await at.wait(1, { addedTrains: null });
  at.time.now = everywhere;
  expect([await at.room.pass(), at.opened.toSorted(), at.store.all()[0]!.choices.length]).toEqual([true, both, 1]);
});

test("an entry that cannot be given its train keeps that train closed, and no other, and is told once", async () => {
  const at = createRoom();
  const first = await sevenWait(at);
  const tomorrow = addDays(day, 1);
  const other = runId("G7", tomorrow);
  at.added.runIds = new Set([g7, other]);
  await at.wait(9, { addedTrains: { ...wish, dates: [tomorrow] }, policyVersion: unknownPolicy });
  at.time.now = everywhere;
  for (let passes = 0; passes < 2; passes++) {
    expect([await at.room.pass(), at.opened, await at.servedOf()]).toEqual([false, [g7], first]);
    expect([...at.room.closedBy()]).toEqual([["failed", 1]]);
    expect(at.reports.length).toBe(2);
  }
});

test("a pass that ends on the way says which runs it leaves closed, too", async () => {
  const at = createRoom();
  await sevenWait(at);
  at.time.now = everywhere;
  at.life.calls = 0;
  expect(await at.room.pass().catch((error: Error) => error.message)).toBe("died");
  expect([...at.room.closedBy()]).toEqual([["failed", 2]]);
});

test("I5: whom a failover has forgotten while others joined is in line before the run is everybody's", async () => {
  const at = createRoom();
  const first = await sevenWait(at);
  at.added.runIds = new Set([g7]);
  at.time.now = everywhere;
  // All that has joined is forgotten, once.
  at.meanwhile.joined = async (page) => {
    if (page === 2) await at.seats.waitlists.set(runOf("G7"), [], Number.MAX_SAFE_INTEGER, at.time.now);
  };
  expect([await at.room.pass(), at.opened, await at.servedOf()]).toEqual([true, [g7], first]);
  expect(at.pages.map(({ length }) => length)).toEqual([7, 7]);
});

test("I5: who prepays while a line joins is in it before the run is everybody's, and who does while it is opened right after", async () => {
  const at = createRoom();
  at.added.runIds = new Set([g7]);
  const [first, second, third] = [await at.wait(1), await at.wait(2, awaiting), await at.wait(3, awaiting)];
  at.time.now = everywhere;
  const prepay = async (entry: WaitlistRecord, place: number) => {
    const read = (await at.store.load(entry.entryId))!;
    const paid = { ...read, state: "waiting" as const, place: later(place) };
    await at.store.change({ entry: paid, messages: [] }, at.time.now);
  };
  at.meanwhile.joined = async (page) => {
    if (page === 2) await prepay(second, 2);
  };
  at.meanwhile.opened = async () => {
    expect(at.pages.at(-1)).toEqual([second.entryId]);
    await prepay(third, 3);
  };
  expect([await at.room.pass(), at.opened]).toEqual([true, [g7]]);
  expect(at.pages).toEqual([[first.entryId], [first.entryId], [second.entryId], [third.entryId]]);
});
