/** Withdrawn coaches are sold nowhere, from a second after an operator's word on, and stay so where the seat store forgets. */
import { expect, test } from "bun:test";
import { type Composition, refusal, type Run, runId, ServiceUnavailable } from "@chepiao/contracts";
import { dayMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { eve, recordedHold, refOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { compositionOf, createMemoryWithdrawnCoachStore, type Exchange } from "@chepiao/ports/withdrawn-coaches";
import { createEngineSeats } from "./index.ts";
import { setAgainEveryMs } from "./quotas.ts";
import { createWithdrawnKeeper } from "./withdrawn.ts";

/** Coach 1 has five seats of second class and four of first, coach 2 five of second. */
const run = testRun(
  [
    {
      no: 1,
      sections: [
        { seatClass: "second", rows: 1 },
        { seatClass: "first", rows: 1 },
      ],
    },
    { no: 2, sections: [{ seatClass: "second", rows: 1 }] },
  ],
  3,
);

function setUp({ forgetsOffers = true } = {}) {
  const clock = createManualClock(eve);
  const store = createMemoryWithdrawnCoachStore();
  const trouble: string[] = [];
  let looks = 0;
  const world = {
    seats: createEngineSeats() as SeatStore,
    timetable: { version: 1, run: (train: string): Run | null => (train === "G1" ? run : null) },
  };
  const keeper = createWithdrawnKeeper({
    clock,
    store: { ...store, all: () => (looks++, store.all()) },
    timetable: () => world.timetable,
    seats: { setOffers: (...args) => world.seats.setOffers(...args) },
    forgetsOffers,
    report: (message) => trouble.push(message),
  });
  const free = async () => {
    const flags = await Promise.all(
      (["second", "first"] as const).map((each) => world.seats.freeSeats({ run, fromStop: 0, toStop: 2 }, each)),
    );
    return flags.map((each) => each.filter(Boolean).length);
  };
  return { clock, store, trouble, world, keeper, free, looks: () => looks };
}

test("what an operator withdraws is for sale to nobody at the next look, in every class of the coach, and then what he puts back is", async () => {
  const { store, keeper, free, trouble } = setUp();
  await keeper.follow();
  await store.set(0, { runId: run.runId, coachNos: [1], lost: [] });
  expect(await free()).toEqual([10, 4]);
  await keeper.follow();
  expect(await free()).toEqual([5, 0]);
  await store.set(1, { runId: run.runId, coachNos: [2], lost: [] });
  await keeper.follow();
  expect(await free()).toEqual([5, 4]);
  await store.set(2, { runId: run.runId, coachNos: [], lost: [] });
  await keeper.follow();
  expect(await free()).toEqual([10, 4]);
  expect(trouble).toEqual([]);
});

test("a platform that starts again sells no withdrawn seat, and has what was sold of them", async () => {
  const { store, keeper, free, world } = setUp();
  await store.set(0, { runId: run.runId, coachNos: [1], lost: [] });
  await keeper.reload();
  world.seats = createEngineSeats();
  const sold = recordedHold(run, [0, 5]);
  expect(await world.seats.reload([sold])).toEqual([]);
  await keeper.reload();
  expect(await free()).toEqual([4, 0]);
  await world.seats.release(refOf(sold), eve);
  expect(await free()).toEqual([5, 0]);
});

test("where a failover may lose it, all is set again before long, though nobody has said anything", async () => {
  const { store, keeper, free, world, clock } = setUp({ forgetsOffers: false });
  await store.set(0, { runId: run.runId, coachNos: [1], lost: [] });
  await keeper.follow();
  world.seats = createEngineSeats();
  await keeper.follow();
  expect(await free()).toEqual([10, 4]);
  await clock.advance(setAgainEveryMs);
  await keeper.follow();
  expect(await free()).toEqual([5, 0]);
});

test("all is set again under a newer timetable and on a new day, and nothing is set while nobody has changed anything", async () => {
  const { store, keeper, free, world, clock, looks } = setUp();
  world.timetable = { ...world.timetable, run: () => null };
  await store.set(0, { runId: run.runId, coachNos: [1], lost: [] });
  await keeper.follow();
  // The run comes to be known.
  world.timetable = { version: 2, run: () => run };
  await keeper.follow();
  expect(await free()).toEqual([5, 0]);
  const before = looks();
  await clock.advance(10 * secondMs);
  await keeper.follow();
  expect(looks()).toBe(before);
  await clock.advance(dayMs - 10 * secondMs);
  await keeper.follow();
  expect(looks()).toBe(before + 1);
});

test("what cannot be set is told, and a seat store that is away is asked again", async () => {
  const { store, keeper, world, trouble, free } = setUp();
  await store.set(0, { runId: run.runId, coachNos: [1], lost: [] });
  const { setOffers } = world.seats;
  world.seats = { ...world.seats, setOffers: () => Promise.reject(new ServiceUnavailable("seats", "away")) };
  const why = await keeper.follow().then(
    () => "set",
    (error: Error) => error.message,
  );
  expect(why).toContain("away");
  world.seats = { ...world.seats, setOffers };
  await keeper.follow();
  expect(await free()).toEqual([5, 0]);
  world.seats = { ...world.seats, setOffers: async (all) => all.map(() => refusal("ClassNotOffered")) };
  await keeper.reload();
  expect(trouble[0]).toContain(`seats of ${run.runId}, second, cannot be withdrawn: ClassNotOffered`);
});

test("a run that cannot be set is told, and keeps no other from being withdrawn", async () => {
  const { store, keeper, world, trouble, free } = setUp();
  const broken = testRun(run.train.composition.coaches, 3, "G0");
  world.timetable = { version: 1, run: (train) => (train === "G0" ? broken : run) };
  await store.set(0, { runId: broken.runId, coachNos: [1], lost: [] });
  await store.set(1, { runId: run.runId, coachNos: [1], lost: [] });
  const { setOffers } = world.seats;
  const isBroken = (id: string) => id === broken.runId;
  world.seats = {
    ...world.seats,
    setOffers: async (all, at) =>
      all.some((each) => isBroken(each.run.runId)) ? Promise.reject(new Error("broken")) : setOffers(all, at),
  };
  await keeper.follow();
  expect([trouble, await free()]).toEqual([[`seats of ${broken.runId} cannot be withdrawn`], [5, 0]]);
});

test("a run that could not be set is counted, told once, and set as soon as it can be", async () => {
  const { store, keeper, world, trouble, free } = setUp();
  await store.set(0, { runId: run.runId, coachNos: [1], lost: [] });
  const { setOffers } = world.seats;
  world.seats = { ...world.seats, setOffers: () => Promise.reject(new Error("broken")) };
  expect(await keeper.reload()).toBe(1);
  await keeper.follow();
  await keeper.follow();
  expect([trouble.length, await free()]).toEqual([1, [10, 4]]);
  world.seats = { ...world.seats, setOffers };
  await keeper.follow();
  expect(await free()).toEqual([5, 0]);
  expect(await keeper.reload()).toBe(0);
});

test("of a change only the run it is of is set, and all of them only now and then", async () => {
  const { store, keeper, world } = setUp();
  const other = testRun(run.train.composition.coaches, 3, "G0");
  world.timetable = { version: 1, run: (train) => (train === "G0" ? other : run) };
  const set: string[] = [];
  const { setOffers } = world.seats;
  world.seats = {
    ...world.seats,
    setOffers: (all, at) => {
      set.push(all[0]!.run.runId);
      return setOffers(all, at);
    },
  };
  await store.set(0, { runId: other.runId, coachNos: [1], lost: [] });
  await store.set(1, { runId: run.runId, coachNos: [1], lost: [] });
  await keeper.follow();
  expect(set).toEqual([other.runId, run.runId]);
  await store.set(2, { runId: run.runId, coachNos: [], lost: [] });
  await keeper.follow();
  expect(set.slice(2)).toEqual([run.runId]);
  world.timetable = { ...world.timetable, version: 2 };
  await keeper.follow();
  expect(set.slice(3)).toEqual([other.runId, run.runId]);
});

test("who sets all of it does not undo what an operator says meanwhile", async () => {
  const { store, keeper, clock, world, free } = setUp();
  const slow = testRun(run.train.composition.coaches, 3, "G0");
  world.timetable = { version: 1, run: (train) => (train === "G0" ? slow : run) };
  await store.set(0, { runId: slow.runId, coachNos: [1], lost: [] });
  await store.set(1, { runId: run.runId, coachNos: [1], lost: [] });
  await keeper.follow();
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const repairing = createWithdrawnKeeper({
    clock,
    store,
    timetable: () => world.timetable,
    seats: {
      async setOffers(all, at) {
        begun.resolve();
        if (all[0]!.run.runId === slow.runId) await gate.promise;
        return world.seats.setOffers(all, at);
      },
    },
    forgetsOffers: false,
    report: () => undefined,
  });
  const done = repairing.reload();
  await begun.promise;
  await store.set(2, { runId: run.runId, coachNos: [1, 2], lost: [] });
  await keeper.follow();
  gate.resolve();
  await done;
  expect(await free()).toEqual([0, 0]);
});

test("where all are set, others have a turn in between", async () => {
  const { store, clock, world } = setUp();
  for (let n = 0; n < 450; n++) await store.set(n, { runId: runId(`G${n}`, run.originDate), coachNos: [1], lost: [] });
  let turns = 0;
  const keeper = createWithdrawnKeeper({
    clock: { now: clock.now, soon: (call) => (turns++, clock.soon(call)) },
    store,
    timetable: () => ({ version: 1, run: () => null }),
    seats: world.seats,
    forgetsOffers: true,
    report: () => undefined,
  });
  await keeper.reload();
  expect(turns).toBe(2);
});

test("runs of long ago are forgotten", async () => {
  const { store, keeper, clock } = setUp();
  await store.set(0, { runId: run.runId, coachNos: [1], lost: [] });
  const [, forget] = keeper.work;
  const pass = async () => (forget!.kind === "job" ? forget!.pass() : undefined);
  await clock.advance(7 * dayMs);
  await pass();
  expect(await store.ofRuns([run.runId])).toHaveLength(1);
  await clock.advance(2 * dayMs);
  await pass();
  expect(await store.ofRuns([run.runId])).toEqual([]);
});

/** Coach 1 is another one then, of second class alone, coach 2 is no more, and coach 3 is new. */
const other: Composition = {
  code: "other",
  coaches: [
    { no: 1, sections: [{ seatClass: "second", rows: 1 }] },
    { no: 3, sections: [{ seatClass: "second", rows: 1 }] },
  ],
};
const exchange: Exchange = {
  compositions: [run.train.composition, other],
  since: eve,
  closedAt: null,
  openedAt: null,
};
const exchanged: Run = { ...run, train: { ...run.train, composition: compositionOf(exchange) } };
const said = { runId: run.runId, coachNos: [], lost: [], exchange };

async function exchangedUp() {
  const all = setUp();
  const { store, keeper, world } = all;
  await keeper.follow();
  const held = recordedHold(run, [0, 5]);
  expect(await world.seats.reload([held])).toEqual([]);
  await store.set(0, said);
  await keeper.follow();
  const hear = () => (world.timetable = { version: 2, run: () => exchanged });
  const now = async () => (await store.ofRuns([run.runId]))[0]!;
  return { ...all, hear, now };
}

test("a run that is exchanged is closed once its timetable has heard of it, and that is noted; who is moved gets its new seats meanwhile", async () => {
  const { keeper, hear, now, world, trouble } = await exchangedUp();
  expect((await now()).exchange!.closedAt).toBeNull();
  hear();
  await keeper.follow();
  expect((await now()).exchange!.closedAt).toBe(eve);
  expect(keeper.exchanged()).toEqual([await now()]);
  const way = { run: exchanged, fromStop: 0, toStop: 2 };
  const flags = await world.seats.freeSeats(way, "second");
  // Seat 0 is sold, 5…9 are in coach 2, which is gone, and 10…14 are new.
  expect(flags.map(Number).join("")).toBe("011110000011111");
  const [stock] = await world.seats.available([way], eve);
  expect([stock!.get("second")!.sellable, stock!.get("first")!.sellable]).toEqual([0, 0]);
  expect(trouble).toEqual([]);
});

test("I1 I5: whatever else is withdrawn of any run, what only the train before had stays withdrawn", async () => {
  const { store, keeper, hear, now, world } = await exchangedUp();
  hear();
  await keeper.follow();
  const opened = { ...(await now()), exchange: { ...(await now()).exchange!, openedAt: eve } };
  await store.set(2, opened);
  await keeper.follow();
  const flags = async () =>
    (await world.seats.freeSeats({ run: exchanged, fromStop: 0, toStop: 2 }, "second")).map(Number).join("");
  expect(await flags()).toBe("011110000011111");
  await store.set(3, { ...opened, coachNos: [1] });
  await keeper.follow();
  expect(await flags()).toBe("000000000011111");
  await store.set(4, { ...opened, coachNos: [] });
  await keeper.follow();
  expect(await flags()).toBe("011110000011111");
  world.seats = createEngineSeats();
  await keeper.reload();
  expect(await flags()).toBe("111110000011111");
});
