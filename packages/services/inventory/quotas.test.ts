/** Quotas are in force wherever seats are sold, and come back where they were lost. */
import { expect, test } from "bun:test";
import { type Run, runId as runIdOf, ServiceUnavailable } from "@chepiao/contracts";
import {
  addDays,
  dayMs,
  type EpochMs,
  epochMs,
  hourMs,
  minuteMs,
  saleWindowDaysMax,
  secondMs,
  type ServiceDate,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { compositionOf, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import { createMemoryQuotaStore, quotasPerPageMax, type StationQuota } from "@chepiao/ports/quota-store";
import { eve, nobodyWishes } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { beginAll } from "@chepiao/room";
import { createEngineSeats } from "./index.ts";
import { createQuotaKeeper, setAgainEveryMs } from "./quotas.ts";
import { firstRun, idOf, railway, runAfter } from "./quotas.suite.ts";

const quota = (
  seats: number | null,
  { from = null, to = null, since = 0 }: { from?: string[] | null; to?: string[] | null; since?: number } = {},
): StationQuota => ({ fromStations: from, toStations: to, limits: [{ since: epochMs(since), seats }] });
const second = (quotas: readonly StationQuota[], n = 0) => ({ runId: idOf(n), seatClass: "second" as const, quotas });

const longAfter = addDays(firstRun.originDate, 365);

function setUp({ forgetsOffers = false } = {}) {
  const clock = createManualClock(eve);
  const store = createMemoryQuotaStore();
  const trouble: string[] = [];
  const exchanged: WithdrawnCoaches[] = [];
  const world = { seats: createEngineSeats() as SeatStore, timetable: { ...railway, version: 1 } };
  const keeper = createQuotaKeeper({
    clock,
    store,
    timetable: () => world.timetable,
    seats: {
      setOffers: (...asked) => world.seats.setOffers(...asked),
      get waitlists() {
        return world.seats.waitlists;
      },
    },
    exchanged: () => exchanged,
    forgetsOffers,
    report: (message) => trouble.push(message),
  });
  const sellable = async (fromStop: number, toStop: number, run: Run = firstRun) => {
    const [stock] = await world.seats.available([{ run, fromStop, toStop }], clock.now());
    return stock!.get("second")!.sellable;
  };
  const begin = (): AsyncDisposable => ({
    [Symbol.asyncDispose]: beginAll(keeper.work, { clock, report: (message) => trouble.push(message) }),
  });
  return { clock, store, trouble, world, keeper, sellable, begin, exchanged };
}

test("what another process has set, replaced or dropped is in force within moments", async () => {
  const { clock, store, sellable, begin, trouble } = setUp();
  await using _ = begin();
  await store.set(0, [second([quota(3, { from: ["S0"] })]), second([quota(5)], 1)]);
  await clock.advance(2 * secondMs);
  expect([await sellable(0, 3), await sellable(1, 3), await sellable(0, 3, runAfter(1))]).toEqual([3, 50, 5]);
  await store.set(1, [second([quota(8)])]);
  await clock.advance(2 * secondMs);
  expect([await sellable(0, 3), await sellable(1, 3), await sellable(0, 3, runAfter(1))]).toEqual([8, 8, 5]);
  await store.set(2, [second([])]);
  await clock.advance(2 * secondMs);
  expect([await sellable(0, 3), await sellable(1, 3), await sellable(0, 3, runAfter(1))]).toEqual([50, 50, 5]);
  expect(trouble).toEqual([]);
});

test("a store that is empty has all quotas before it sells", async () => {
  const { keeper, store, sellable, world } = setUp({ forgetsOffers: true });
  await store.set(0, [second([quota(3)]), second([quota(4)], 1)]);
  await keeper.reload();
  expect([await sellable(0, 3), await sellable(0, 3, runAfter(1))]).toEqual([3, 4]);
  world.seats = createEngineSeats();
  expect(await sellable(0, 3)).toBe(50);
  await keeper.reload();
  expect([await sellable(0, 3), await sellable(0, 3, runAfter(1))]).toEqual([3, 4]);
});

test("where a failover may lose offers, all are set again before long, though nobody has changed any", async () => {
  const { clock, store, sellable, world, begin } = setUp();
  await using _ = begin();
  await store.set(0, [second([quota(3)])]);
  await clock.advance(2 * secondMs);
  world.seats = createEngineSeats();
  await clock.advance(setAgainEveryMs + 2 * secondMs);
  expect(await sellable(0, 3)).toBe(3);
});

test("under a newer timetable a quota is of the stops at which its stations are then", async () => {
  const { clock, store, sellable, world, begin } = setUp();
  await using _ = begin();
  await store.set(0, [second([quota(3, { from: ["S1"] })])]);
  await clock.advance(2 * secondMs);
  expect([await sellable(0, 3), await sellable(1, 3)]).toEqual([50, 3]);
  // S1 is the first stop now.
  const stops = firstRun.train.stops.map((stop, n) => ({ ...stop, stationId: ["S1", "S0", "S2", "S3"][n]! }));
  const turned = (date: Run["originDate"]): Run | null => {
    const run = railway.run("G1", date);
    return run && { ...run, train: { ...run.train, stops } };
  };
  world.timetable = { ...railway, version: 2, run: (_train, date) => turned(date) };
  world.seats = createEngineSeats();
  await clock.advance(2 * secondMs);
  const run = turned(firstRun.originDate)!;
  expect([await sellable(0, 3, run), await sellable(1, 3, run)]).toEqual([3, 50]);
});

test("of stations at which the run does not call any more a quota limits nothing, and the others of its class hold", async () => {
  const { keeper, store, sellable, trouble } = setUp();
  await store.set(0, [second([quota(0, { from: ["S8"] }), quota(0, { from: ["S3"], to: ["S0"] }), quota(6)])]);
  await keeper.follow();
  expect([await sellable(0, 3), trouble]).toEqual([6, []]);
});

test("quotas of a class that the train has lost are told to the operator, and the rest is in force", async () => {
  const { keeper, store, sellable, trouble } = setUp();
  await store.set(0, [{ ...second([quota(1)]), seatClass: "business" }, second([quota(6)])]);
  await keeper.follow();
  expect(await sellable(0, 3)).toBe(6);
  expect(trouble).toEqual(["quotas of G1/2026-12-01, business, cannot be in force: ClassNotOffered"]);
});

test("quotas of trains that have arrived or that the timetable does not know are passed over", async () => {
  const { clock, keeper, store, trouble, world } = setUp();
  await clock.advance(firstRun.dayStart + 12 * 60 * minuteMs - eve);
  await store.set(0, [second([quota(1)]), second([quota(1)], 9), second([quota(2)], 1)]);
  let asked = 0;
  const { seats } = world;
  world.seats = { ...seats, setOffers: (changes, now) => ((asked += changes.length), seats.setOffers(changes, now)) };
  await keeper.follow();
  expect([asked, trouble]).toEqual([1, []]);
});

test("who waits is served when a limit begins, though nobody buys, looks or gives back", async () => {
  const { clock, store, world, begin } = setUp();
  await using _ = begin();
  const at = (minutes: number) => epochMs(eve + minutes * minuteMs);
  const limits = [
    { since: at(0), seats: 0 },
    { since: at(10), seats: 1 },
    { since: at(20), seats: 2 },
  ];
  await store.set(0, [second([{ fromStations: null, toStations: null, limits }])]);
  await clock.advance(2 * secondMs);
  const served: [EpochMs, number[]][] = [];
  world.seats.waitlists.hear(({ at: moment, grants }) => served.push([moment, grants.map(({ holdId }) => holdId)]));
  const need = (id: number) => ({
    holdId: id as never,
    line: 0,
    run: firstRun,
    seatClasses: ["second" as const],
    fromStop: 0,
    toStop: 3,
    preferences: nobodyWishes(1),
    place: id,
  });
  expect(await world.seats.waitlists.join([need(1), need(2), need(3)], clock.now())).toEqual([null, null, null]);
  await clock.advance(8 * minuteMs);
  expect(served).toEqual([]);
  // A change of another class in between keeps the moments of this one.
  await store.set(1, [{ ...second([quota(1)]), seatClass: "first" }]);
  await clock.advance(13 * minuteMs);
  expect(served.map(([, ids]) => ids)).toEqual([[1], [2]]);
  for (const [n, [moment]] of served.entries()) {
    expect(moment).toBeGreaterThanOrEqual(at(10 * (n + 1)));
    expect(moment).toBeLessThanOrEqual(at(10 * (n + 1)) + 2 * secondMs);
  }
});

test("quotas of runs of long ago are forgotten", async () => {
  const { clock, store, keeper } = setUp();
  const forget = keeper.work.find(({ name }) => name === "quotas of runs of long ago");
  if (forget?.kind !== "job") throw new Error("nobody forgets");
  await store.set(0, [second([quota(1)]), second([quota(1)], 2)]);
  await clock.advance(firstRun.dayStart + 7 * dayMs - eve);
  await forget.pass();
  expect((await store.since(0, longAfter)).changed).toHaveLength(2);
  await clock.advance(dayMs);
  await forget.pass();
  expect((await store.since(0, longAfter)).changed.map(({ runId }) => runId)).toEqual([idOf(2)]);
});

test("a run whose quotas cannot be set is told to the operator, and those behind it are in force", async () => {
  const { keeper, store, sellable, world, trouble } = setUp();
  const { seats } = world;
  world.seats = {
    ...seats,
    async setOffers(changes, now) {
      if (changes.some(({ run }) => run.runId === idOf(0))) throw new Error("its seats lie otherwise");
      return seats.setOffers(changes, now);
    },
  };
  await store.set(0, [second([quota(1)]), second([quota(2)], 1), second([quota(3)], 2)]);
  await keeper.follow();
  expect([await sellable(0, 3, runAfter(1)), await sellable(0, 3, runAfter(2))]).toEqual([2, 3]);
  expect(trouble).toEqual([`quotas of ${idOf(0)} cannot be in force`]);
  // It is not tried every second, and later changes come through.
  await store.set(1, [second([quota(4)], 1)]);
  await keeper.follow();
  expect([await sellable(0, 3, runAfter(1)), trouble.length]).toEqual([4, 1]);
});

test("while the seat store is away nothing counts as set, and all of it is in force once it is back", async () => {
  const { keeper, store, sellable, world, trouble } = setUp();
  const { seats } = world;
  let asked = 0;
  const away: SeatStore["setOffers"] = async () => {
    asked++;
    throw new ServiceUnavailable("seats", "nobody answers");
  };
  world.seats = { ...seats, setOffers: away };
  await store.set(0, [second([quota(1)]), second([quota(2)], 1)]);
  expect(await keeper.follow().catch((error: unknown) => error)).toBeInstanceOf(ServiceUnavailable);
  expect([asked, trouble]).toEqual([1, []]);
  world.seats = seats;
  await keeper.follow();
  expect([await sellable(0, 3), await sellable(0, 3, runAfter(1))]).toEqual([1, 2]);
});

test("quotas of runs that are not on sale for long are not set, and are in force before their sale can open", async () => {
  const { clock, keeper, store, world } = setUp({ forgetsOffers: true });
  const far = runAfter(100);
  world.timetable = { ...railway, version: 1, run: () => far };
  const opensFirst = far.dayStart - (saleWindowDaysMax - 1) * dayMs;
  const asked: string[] = [];
  const { seats } = world;
  world.seats = {
    ...seats,
    setOffers: (changes, now) => {
      asked.push(...changes.map(({ run }) => run.runId));
      return seats.setOffers(changes, now);
    },
  };
  await store.set(0, [second([quota(1)], 100)]);
  await keeper.follow();
  expect(asked).toEqual([]);
  while (asked.length === 0) {
    expect(clock.now()).toBeLessThan(opensFirst);
    await clock.advance(hourMs);
    await keeper.follow();
  }
  // Also where the railway's day begins before that of the clock.
  expect(opensFirst - clock.now()).toBeGreaterThanOrEqual(dayMs);
});

test("more quotas than a page has are all in force, and moments of a run whose classes are on two pages are all kept", async () => {
  const { clock, keeper, store, world } = setUp({ forgetsOffers: true });
  const trains = Array.from({ length: quotasPerPageMax }, (_, n) => `K${n}`);
  const runOf = (train: string, date: ServiceDate): Run => ({ ...firstRun, runId: runIdOf(train, date) });
  world.timetable = { ...railway, version: 1, run: runOf };
  const soon = { ...quota(9), limits: [{ since: epochMs(eve + minuteMs), seats: 9 }] };
  const later = { ...quota(9), limits: [{ since: epochMs(eve + 2 * minuteMs), seats: 9 }] };
  await store.set(0, [
    { runId: runIdOf("A1", firstRun.originDate), seatClass: "second", quotas: [soon] },
    ...trains.flatMap((train) => [
      { runId: runIdOf(train, firstRun.originDate), seatClass: "first" as const, quotas: [soon] },
      { runId: runIdOf(train, firstRun.originDate), seatClass: "second" as const, quotas: [later] },
    ]),
  ]);
  const served: number[] = [];
  const { seats } = world;
  const set = new Set<string>();
  world.seats = {
    ...seats,
    setOffers: (changes, now) => {
      for (const { run, seatClass } of changes) set.add(`${run.runId} ${seatClass}`);
      return seats.setOffers(changes, now);
    },
    waitlists: {
      ...seats.waitlists,
      serve: (runs, now) => {
        served.push(runs.length);
        return seats.waitlists.serve(runs, now);
      },
    },
  };
  const servedNow = () => served.splice(0).reduce((sum, count) => sum + count, 0);
  await keeper.reload();
  expect(set.size).toBe(2 * quotasPerPageMax + 1);
  await clock.advance(minuteMs);
  await keeper.follow();
  expect(servedNow()).toBe(quotasPerPageMax + 1);
  await clock.advance(minuteMs);
  await keeper.follow();
  expect(servedNow()).toBe(quotasPerPageMax);
});

test("who waits is served for a limit that begins while quotas are set", async () => {
  const { clock, keeper, store, world } = setUp({ forgetsOffers: true });
  const since = epochMs(eve + minuteMs);
  await store.set(0, [second([{ ...quota(9), limits: [{ since, seats: 9 }] }])]);
  let served = 0;
  const { seats } = world;
  world.seats = {
    ...seats,
    async setOffers(changes, now) {
      const refused = await seats.setOffers(changes, now);
      await clock.advance(2 * minuteMs);
      return refused;
    },
    waitlists: {
      ...seats.waitlists,
      serve: (runs, now) => {
        served += runs.length;
        return seats.waitlists.serve(runs, now);
      },
    },
  };
  await keeper.reload();
  await keeper.follow();
  expect(served).toBe(1);
});

test("an exchanged run that is closed is opened by no quota, and has them again once it is opened", async () => {
  const { clock, store, world, keeper, sellable, exchanged } = setUp();
  const other = { code: "other", coaches: firstRun.train.composition.coaches };
  const exchange = {
    compositions: [firstRun.train.composition, other] as const,
    since: eve,
    closedAt: eve,
    openedAt: null as EpochMs | null,
  };
  const run = { ...firstRun, train: { ...firstRun.train, composition: compositionOf(exchange) } };
  world.timetable = { ...world.timetable, version: 2, run: () => run };
  const nothing = { fromStops: [0, 1, 2, 3], toStops: [0, 1, 2, 3], limits: [{ since: epochMs(0), seats: 0 }] };
  await world.seats.setOffers([{ run, seatClass: "second", quotas: [nothing] }], clock.now());
  exchanged.push({ runId: run.runId, coachNos: [], lost: [], exchange });
  await store.set(0, [second([quota(3)])]);
  await keeper.follow();
  expect(await sellable(0, 3, run)).toBe(0);
  exchanged[0] = { ...exchanged[0]!, exchange: { ...exchange, openedAt: eve } };
  await keeper.follow();
  expect(await sellable(0, 3, run)).toBe(3);
  await store.set(1, [second([])]);
  await keeper.follow();
  expect(await sellable(0, 3, run)).toBeGreaterThan(3);
});
