/** Seats on a real cluster: the port's rules, the slow twin seat for seat, and what only stores shared by processes meet. */
import { afterAll, expect, test } from "bun:test";
import { type RunId, ServiceUnavailable } from "@chepiao/contracts";
import { epochMs, hourMs, minuteMs, type OrderId, secondMs } from "@chepiao/kernel";
import { seatGrowthSuite } from "@chepiao/ports/seat-store/seatGrowth.suite.ts";
import { seatOffersSuite } from "@chepiao/ports/seat-store/seatOffers.suite.ts";
import { seatRepairLives, seatRepairSuite } from "@chepiao/ports/seat-store/seatRepair.suite.ts";
import { need, seatWaitlistSuite } from "@chepiao/ports/seat-store/seatWaitlist.suite.ts";
import { seatStoreLives } from "@chepiao/ports/seat-store/seatStore.lives.suite.ts";
import {
  coachesOf,
  command,
  eve,
  nobodyWishes,
  refOf,
  seatStoreSuite,
  testRun,
  withComposition,
} from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { seatWithdrawnSuite } from "@chepiao/ports/seat-store/seatWithdrawn.suite.ts";
import type { Redis } from "../openRedis.ts";
import { partTags } from "../parts.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisSeats } from "./seatStore.ts";
import stored from "./storedRun.json";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));
const create = async () => ({ seats: createRedisSeats(withFreshPrefix(redis)) });

seatStoreSuite("seats on Redis", create);
seatOffersSuite("seats on Redis", create);
seatWaitlistSuite("seats on Redis", create);
seatRepairSuite("seats on Redis", create);
seatWithdrawnSuite("seats on Redis", create);
seatGrowthSuite("seats on Redis", create);
seatStoreLives("Redis", create, { small: 60, large: 8 });
seatRepairLives("Redis", create, 60);

test("I1: processes that race for a run hold each seat once", async () => {
  const shared = withFreshPrefix(redis);
  const processes = Array.from({ length: 4 }, () => createRedisSeats(shared));
  const run = testRun(coachesOf(["second", 20]), 40);
  const answers = await Promise.all(
    Array.from({ length: 120 }, (_, n) => processes[n % 4]!.hold([command(run), command(run)], eve)),
  );
  const seats = answers.flat().flatMap((answer) => (answer.ok ? answer.value.seatIndexes : []));
  expect([seats.length, new Set(seats).size]).toEqual([100, 100]);
});

test("holds that another process made are found overdue, and in the end no list speaks of them", async () => {
  const shared = withFreshPrefix(redis);
  const [seller, sweeper] = [createRedisSeats(shared), createRedisSeats(shared)];
  const runs = Array.from({ length: 40 }, (_, n) => testRun(coachesOf(["second", 1]), 2, `G${n}`));
  const commands = runs.flatMap((run, n) => [
    command(run, { deadline: epochMs(eve + n * secondMs + 1) }),
    command(run, { deadline: epochMs(eve + 10 * minuteMs) }),
  ]);
  await seller.hold(commands, eve);

  const found = new Set<number>();
  for (let now = eve; now < eve + 15 * minuteMs; now = epochMs(now + 5 * secondMs)) {
    for (const hold of await sweeper.overdue(now, 7, epochMs(now + minuteMs))) {
      expect(commands.find(({ holdId }) => holdId === hold.holdId)!.deadline).toBeLessThanOrEqual(now);
      found.add(hold.holdId);
      await sweeper.release(hold, eve);
    }
  }
  expect(found.size).toBe(commands.length);
  expect(await membersOfLists(shared, "due")).toEqual([]);
  expect(await sweeper.retire(epochMs(runs[0]!.dayStart + 48 * hourMs))).toBe(runs.length);
  expect(await membersOfLists(shared, "runs")).toEqual([]);
});

test("how seats lie may change while none is taken, and not after", async () => {
  const shared = withFreshPrefix(redis);
  const [before, after] = [testRun(coachesOf(["second", 1]), 2), testRun(coachesOf(["second", 2]), 2)];
  const reports: string[] = [];
  const first = createRedisSeats(shared, { report: (message) => void reports.push(message) });
  const second = createRedisSeats(shared);
  const early = command(before);
  await first.hold([early], eve);
  await first.release(refOf(early), eve);
  const sold = command(after);
  expect(await second.hold([sold], eve)).toMatchObject([{ ok: true }]);
  const refused = { ok: false, error: { code: "ServiceUnavailable" } };
  expect(await first.hold([command(before)], eve)).toMatchObject([refused]);
  const looking = await first.available([{ run: before, fromStop: 0, toStop: 1 }], eve);
  expect(looking[0]!.get("second")).toEqual({ sellable: 0, refusal: "SoldOut", changesAt: null });
  // An operator is told, once. What repairs goes on with other runs.
  expect(reports).toHaveLength(1);
  expect(reports[0]).toContain(`run ${before.runId} has seats taken that lie otherwise`);
  const repairing = await first.holdsView!.repair([{ ...early, seatIndexes: [0] }]).catch((error: unknown) => error);
  expect(repairing).toBeInstanceOf(Error);
  expect(repairing).not.toBeInstanceOf(ServiceUnavailable);
  expect(await second.freeSeats({ run: after, fromStop: 0, toStop: 1 }, "second")).toHaveLength(10);
});

test("a process that knows a run as it was before it grew may look at what it knows, and sells nothing", async () => {
  const shared = withFreshPrefix(redis);
  const [older, newer] = [createRedisSeats(shared), createRedisSeats(shared)];
  const before = testRun(coachesOf(["first", 1], ["second", 1]), 3);
  const after = withComposition(before, coachesOf(["first", 1], ["second", 2], ["business", 1]));
  const leg = { fromStop: 0, toStop: 2 };
  const sold = command(before, { wishes: nobodyWishes(2) });
  expect(await older.hold([sold], eve)).toMatchObject([{ ok: true }]);
  // Many at once make it grow once, and whatever they take stays taken.
  const all = Array.from({ length: 20 }, () => command(after, { seatClass: "first" }));
  const held = await Promise.all(
    all.map((each, n) => (n % 2 === 0 ? newer : createRedisSeats(shared)).hold([each], eve)),
  );
  expect(held.flat().filter(({ ok }) => ok)).toHaveLength(4);
  const [shown] = await older.available([{ run: before, ...leg }], eve);
  expect([...shown!].map(([seatClass, { sellable }]) => [seatClass, sellable])).toEqual([
    ["first", 0],
    ["second", 3],
  ]);
  expect(await older.freeSeats({ run: before, ...leg }, "second")).toEqual([false, false, true, true, true]);
  const refused = { ok: false, error: { code: "ServiceUnavailable" } };
  expect(await older.hold([command(before)], eve)).toMatchObject([refused]);
  // Nor does he let what he does not know be put right by what he knows.
  const recorded = { ...sold, seatIndexes: [0, 1] };
  expect(await older.reload([recorded]).catch((error: unknown) => error)).toBeInstanceOf(ServiceUnavailable);
  expect(await older.holdsView!.repair([recorded]).catch((error: unknown) => error)).toBeInstanceOf(ServiceUnavailable);
  expect((await older.holdsView!.holds(before)).map(({ seatClass }) => seatClass).toSorted()).toEqual(
    (await newer.holdsView!.holds(after)).map(({ seatClass }) => seatClass).toSorted(),
  );
  // What it holds it may give back.
  expect(await older.release(refOf(sold), eve)).toEqual([0, 1]);
  // Nothing is taken any more, and still it is not made small again.
  await Promise.all(all.map((each) => newer.release(refOf(each), eve)));
  expect(await older.hold([command(before)], eve)).toMatchObject([refused]);
  expect(await newer.freeSeats({ run: after, ...leg }, "second")).toHaveLength(10);
});

test("offers that are set already are not set again, and no display is told of them", async () => {
  const shared = withFreshPrefix(redis);
  const seats = createRedisSeats(shared);
  const runs = ["G1", "G2", "G3", "G4"].map((train) => testRun(coachesOf(["second", 1]), 3, train));
  const limits = [{ since: epochMs(0), seats: 0 }];
  const quotas = [{ fromStops: [0, 1], toStops: [1, 2], limits }];
  const setOn = (...some: readonly number[]) =>
    seats.setOffers(
      some.map((n) => ({ run: runs[n]!, seatClass: "second", waitlistGate: [], quotas })),
      eve,
    );
  const marks = () =>
    Promise.all(
      runs.map(({ runId }) => shared.ask((cluster) => cluster.hget(shared.key(`holds:{${runId}}`), "offers"))),
    );
  /** Until word of that run is out, and so of all that was changed before it. */
  const toldUntil = async (runId: RunId) => {
    const told: RunId[] = [];
    for (const until = performance.now() + 60_000; !told.includes(runId) && performance.now() < until;) {
      const changed = await seats.changedRuns!(place);
      told.push(...(changed.runIds ?? []));
      place = changed.place;
      await Bun.sleep(20);
    }
    return told;
  };
  let { place } = await seats.changedRuns!(null);
  await setOn(0, 1);
  // Somebody waits on the second.
  expect(await seats.waitlists.join([need(runs[1]!)], eve)).toEqual([null]);
  await setOn(2);
  expect((await toldUntil(runs[2]!.runId)).toSorted()).toEqual(runs.slice(0, 3).map(({ runId }) => runId));
  const before = await marks();
  await setOn(0, 1, 2);
  await setOn(3);
  expect(await toldUntil(runs[3]!.runId)).toEqual([runs[3]!.runId]);
  expect((await marks()).slice(0, 3)).toEqual(before.slice(0, 3));
});

test("what an earlier version stored is sold on, given back, and counted in quotas", async () => {
  const shared = withFreshPrefix(redis);
  const run = testRun(coachesOf(["hardSeat", 2], ["standing", 6], ["softSleeper", 2]), 6, "K7");
  const key = (part: string) => shared.key(`${part}:{${run.runId}}`);
  await shared.ask((cluster) => cluster.hset(key("holds"), stored.holds));
  await shared.ask((cluster) => cluster.set(key("taken"), Buffer.from(stored.taken, "base64")));
  for (let n = 0; n < stored.due.length; n += 2) {
    await shared.ask((cluster) => cluster.zadd(key("due"), stored.due[n + 1]!, stored.due[n]!));
  }
  const seats = createRedisSeats(shared);
  const sellableOn = async (fromStop: number, toStop: number) => {
    const [all] = await seats.available([{ run, fromStop, toStop }], eve);
    return [...all!.values()].map(({ sellable }) => sellable);
  };
  for (const [fromStop, toStop, ...free] of stored.ways) {
    expect(await sellableOn(fromStop!, toStop!)).toEqual(free);
  }
  const id = (n: number) => (4_000_000_000_000_000 + n * 2_048) as OrderId;
  const again = (n: number) =>
    command(run, { holdId: id(n), seatClass: "hardSeat", wishes: nobodyWishes(2), toStop: 2 });
  expect(await seats.hold([again(1), again(6)], eve)).toMatchObject([
    { ok: true, value: { seatIndexes: [0, 1] } },
    { ok: false, error: { code: "HoldExpired" } },
  ]);

  // Two, four of five, and three seats are held over ways of this group.
  const every = { fromStops: [0, 1, 2, 3, 4], toStops: [1, 2, 3, 4, 5] };
  const quotas = [{ ...every, limits: [{ since: epochMs(0), seats: 11 }] }];
  expect(await seats.setOffers([{ run, seatClass: "hardSeat", quotas }], eve)).toEqual([null]);
  expect((await sellableOn(4, 5))[0]).toBe(2);
  const late = command(run, { seatClass: "hardSeat", fromStop: 4, toStop: 5, wishes: nobodyWishes(3) });
  expect(await seats.hold([late], eve)).toMatchObject([{ error: { code: "NotOnSaleBetween" } }]);
  expect(await seats.release({ runId: run.runId, holdId: id(2), line: 0 }, eve)).toEqual([5, 6, 8, 9]);
  expect(await seats.hold([late], eve)).toMatchObject([{ ok: true }]);
  expect((await sellableOn(4, 5))[0]).toBe(3);

  await seats.confirm([{ runId: run.runId, holdId: id(1), line: 0 }]);
  const due = await seats.overdue(epochMs(eve + hourMs), 10, epochMs(eve + 2 * hourMs));
  expect(new Set(due.map(({ holdId }) => holdId))).toEqual(new Set([id(4), id(5), late.holdId]));
  expect(await seats.holdsView!.holds(run)).toContainEqual({
    holdId: id(3),
    line: 0,
    ...({ seatClass: "softSleeper", fromStop: 0, toStop: 5 } as const),
    seatIndexes: [0, 1, 2],
    isConfirmed: true,
  });
});

test("what was set for a run is in force for every process, and after its node forgot what it remembered", async () => {
  const shared = withFreshPrefix(redis);
  const [one, other] = [createRedisSeats(shared), createRedisSeats(shared)];
  const run = testRun(coachesOf(["second", 2]), 3);
  const quotas = [{ fromStops: [0], toStops: [2], limits: [{ since: epochMs(0), seats: 3 }] }];
  const sold = command(run, { wishes: nobodyWishes(2) });
  await one.setOffers([{ run, seatClass: "second", quotas }], eve);
  await other.hold([sold], eve);
  const refused = { ok: false, error: { code: "NotOnSaleBetween" } };
  expect(await one.hold([command(run, { wishes: nobodyWishes(2) })], eve)).toMatchObject([refused]);
  // What a node that takes over remembers: nothing.
  const key = shared.key(`holds:{${run.runId}}`);
  await shared.ask((cluster) => cluster.hset(key, "stamp", "of another node"));
  expect(await other.hold([command(run, { wishes: nobodyWishes(2) })], eve)).toMatchObject([refused]);
  expect(await one.hold([command(run)], eve)).toMatchObject([{ ok: true }]);
  expect(await other.hold([command(run)], eve)).toMatchObject([refused]);
});

test("how seats lie may change while none is taken: what was set for the old stops and classes is gone", async () => {
  const shared = withFreshPrefix(redis);
  const [before, after] = [
    testRun(coachesOf(["first", 1], ["second", 1]), 4),
    testRun(coachesOf(["second", 1], ["first", 1]), 3),
  ];
  const seats = createRedisSeats(shared);
  const gate = [{ fromStops: [0], toStops: [1, 2, 3] }];
  await seats.setOffers(
    [
      { run: before, seatClass: "first", waitlistGate: gate },
      { run: before, seatClass: "second", waitlistGate: gate },
    ],
    eve,
  );
  const [looked] = await seats.available([{ run: after, fromStop: 0, toStop: 2 }], eve);
  expect([...looked!.values()].map(({ sellable }) => sellable)).toEqual([5, 4]);
  expect(await seats.hold([command(after), command(after, { seatClass: "first" })], eve)).toMatchObject([
    { ok: true },
    { ok: true },
  ]);
  const fields = await shared.ask((cluster) => cluster.hkeys(shared.key(`holds:{${after.runId}}`)));
  expect(fields.filter((field) => /^(gate|quotas|offers)/.test(field))).toEqual([]);
});

test("who waits is served by every process, and after the node forgot what it remembered", async () => {
  const shared = withFreshPrefix(redis);
  const [one, other] = [createRedisSeats(shared), createRedisSeats(shared)];
  const heard: number[] = [];
  for (const seats of [one, other]) {
    seats.waitlists.hear(({ grants }) => heard.push(...grants.map(({ holdId }) => holdId)));
  }
  const run = testRun(coachesOf(["second", 1]), 3);
  const sold = command(run, { wishes: nobodyWishes(5), deadline: epochMs(eve + hourMs) });
  await one.hold([sold], eve);
  const needs = Array.from({ length: 4 }, (_, n) => need(run, { toStop: 1 + (n % 2) }));
  await one.waitlists.join([needs[2]!, needs[0]!], eve);
  await other.waitlists.join([needs[3]!, needs[1]!], eve);
  const key = shared.key(`holds:{${run.runId}}`);
  // Of a node that takes over: it remembers nothing, or what was so when it was last asked.
  const forget = (field: string, value: string) => shared.ask((cluster) => cluster.hset(key, field, value));
  await forget("stamp", "of another node");
  await other.release(refOf(sold), eve, [0]);
  await forget("waits", "of another node -");
  await one.release(refOf(sold), eve, [1]);
  await other.release(refOf(sold), eve, [2]);
  await one.release(refOf(sold), eve, [3]);
  expect(heard).toEqual(needs.map(({ holdId }) => holdId));
  expect(await shared.ask((cluster) => cluster.hget(key, "waits"))).toBeNull();
});

test("a grant of which nobody was told is found overdue by another process", async () => {
  const shared = withFreshPrefix(redis);
  const [seller, sweeper] = [createRedisSeats(shared), createRedisSeats(shared)];
  const run = testRun(coachesOf(["second", 1]), 3);
  const paid = command(run, { wishes: nobodyWishes(5) });
  await seller.hold([paid], eve);
  await seller.confirm([refOf(paid)]);
  const [first, next] = [need(run), need(run)];
  await seller.waitlists.join([first, next], eve);
  const later = epochMs(eve + 3 * hourMs);
  // The list is looked through meanwhile, so that no old entry speaks of the run.
  const sweepAt = (now: number) => sweeper.overdue(epochMs(now), 10, epochMs(now + minuteMs));
  for (let now: number = eve; now < later; now += minuteMs) expect(await sweepAt(now)).toEqual([]);
  await seller.release(refOf(paid), later, [0]);
  const grants = await sweeper.waitlists.grants(run);
  expect(grants.map(({ holdId }) => holdId)).toEqual([first.holdId]);
  const due: unknown[] = [];
  for (let now = later + minuteMs; now <= later + 3 * minuteMs; now += 15 * secondMs) due.push(...(await sweepAt(now)));
  expect(due[0]).toEqual({ ...refOf(first), isGrant: true });
  await sweeper.release(refOf(first), later);
  expect((await sweeper.waitlists.grants(run)).map(({ holdId }) => holdId)).toEqual([next.holdId]);
});

test("withdrawn seats are in force again where an older process has deleted the mark of offers and left what they are", async () => {
  const shared = withFreshPrefix(redis);
  const run = testRun(coachesOf(["second", 1], ["first", 1]), 3);
  const holds = shared.key(`holds:{${run.runId}}`);
  const coach = [
    { run, seatClass: "second" as const, withdrawn: [0, 1, 2, 3, 4] },
    { run, seatClass: "first" as const, withdrawn: [] },
  ];
  const seats = createRedisSeats(shared);
  await seats.setOffers(coach, eve);
  await shared.ask((cluster) => cluster.hdel(holds, "offers"));
  const free = async () => (await seats.freeSeats({ run, fromStop: 0, toStop: 2 }, "second")).filter(Boolean).length;
  expect(await free()).toBe(5);
  await seats.setOffers(coach.toReversed(), eve);
  expect(await free()).toBe(0);
});

test("who waits goes with the run, and with a composition that is replaced", async () => {
  const shared = withFreshPrefix(redis);
  const seats = createRedisSeats(shared);
  const [before, after] = [testRun(coachesOf(["second", 1]), 4), testRun(coachesOf(["second", 2]), 4)];
  const keysOf = (run: { runId: string }) =>
    Promise.all(
      ["waiting", "needs"].map((part) => shared.ask((cluster) => cluster.exists(shared.key(`${part}:{${run.runId}}`)))),
    );
  const quotas = [{ fromStops: [0], toStops: [3], limits: [{ since: epochMs(0), seats: 0 }] }];
  await seats.setOffers([{ run: before, seatClass: "second", quotas }], eve);
  const waits = need(before);
  await seats.waitlists.join([waits], eve);
  expect(await keysOf(before)).toEqual([1, 1]);
  await seats.hold([command(after)], eve);
  expect(await keysOf(after)).toEqual([0, 0]);
  // Whoever keeps the waitlist sets it again.
  await seats.waitlists.set(after, [{ ...waits, run: after }], waits.place, eve);
  expect(await seats.waitlists.grants(after)).toHaveLength(1);
  await seats.waitlists.leave(after, [refOf(need(after))]);
  await seats.retire(epochMs(after.dayStart + 48 * hourMs));
  expect(await keysOf(after)).toEqual([0, 0]);
});

test("I5: processes that release and buy at once leave no seat to the public that who waits could have", async () => {
  const shared = withFreshPrefix(redis);
  const processes = Array.from({ length: 4 }, () => createRedisSeats(shared));
  const run = testRun(coachesOf(["second", 8]), 4);
  const sold = Array.from({ length: 40 }, () => command(run, { deadline: epochMs(eve + hourMs) }));
  await processes[0]!.hold(sold, eve);
  const needs = Array.from({ length: 30 }, () => need(run));
  await processes[1]!.waitlists.join(needs, eve);
  const served: number[] = [];
  for (const seats of processes) {
    seats.waitlists.hear(({ grants }) => served.push(...grants.map(({ holdId }) => holdId)));
  }
  const bought = await Promise.all(
    sold.slice(0, 30).map(async (hold, n) => {
      await processes[n % 4]!.release(refOf(hold), eve);
      return processes[(n + 1) % 4]!.hold([command(run, { toStop: 1 })], eve);
    }),
  );
  expect(bought.flat().filter(({ ok }) => ok)).toEqual([]);
  expect(served.toSorted((a, b) => a - b)).toEqual(needs.map(({ holdId }) => holdId));
});

async function membersOfLists(of: Redis, list: "due" | "runs"): Promise<string[]> {
  const parts = await Promise.all(
    partTags.map((_, part) => of.ask((cluster) => cluster.zrange(of.key(`${list}:{index${part}}`), "0", "-1"))),
  );
  return parts.flat();
}
