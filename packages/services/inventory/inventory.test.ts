/** The room around the seats: the checks at the door and the sweeper. */
import { expect, test } from "bun:test";
import { type HoldCommand, saleChannels } from "@chepiao/contracts";
import { epochMs, hourMs, minuteMs, type OrderId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import {
  coachesOf,
  command,
  eve,
  nobodyWishes,
  refOf,
  recordedHold,
  testRun,
} from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { beginAll } from "@chepiao/room";
import { askAgainMs, createEngineSeats, createInventory, sweepBatchMax, sweepEveryMs } from "./index.ts";

const run = testRun(coachesOf(["second", 40]), 4);
const freeOn = async (inventory: ReturnType<typeof createInventory>) =>
  (await inventory.available([{ run, fromStop: 0, toStop: 3 }]))[0]!.get("second")!.sellable;

type Deps = Parameters<typeof createInventory>[0];
function setUp(isLive: (orderId: OrderId) => Promise<boolean> = async () => false, over: Partial<Deps> = {}) {
  const clock = createManualClock(eve);
  const trouble: unknown[] = [];
  const inventory = createInventory({
    seats: createEngineSeats(),
    clock,
    isLive,
    isGrantWanted: ({ holdId }) => isLive(holdId),
    runOf: (runId) => (runId === run.runId ? run : null),
    report: (each) => trouble.push(each),
    ...over,
  });
  const begin = (): AsyncDisposable => ({
    [Symbol.asyncDispose]: beginAll(inventory.work, { clock, report: (_, error) => trouble.push(error) }),
  });
  return { clock, inventory, trouble, begin };
}

test("a run that is cancelled sells nothing, through no channel, until it runs again", async () => {
  let isOff = false;
  const { inventory } = setUp(async () => true, { isCancelled: (leg) => isOff && leg.run.runId === run.runId });
  const [held] = await inventory.hold([command(run, { wishes: nobodyWishes(1) })]);
  expect(held!.ok).toBe(true);
  isOff = true;
  for (const channel of saleChannels) {
    const [refused] = await inventory.hold([{ ...command(run, { wishes: nobodyWishes(1) }), channel }]);
    expect(refused).toMatchObject({ ok: false, error: { code: "RunCancelled" } });
  }
  isOff = false;
  expect((await inventory.hold([command(run, { wishes: nobodyWishes(1) })]))[0]!.ok).toBe(true);
});

test("I5 a run that was just added is sold to who waits for it alone, and shows nothing for sale until it is open", async () => {
  let isAdded = true;
  const { inventory } = setUp(async () => true, { isAdded: ({ runId }) => isAdded && runId === run.runId });
  const leg = { run, fromStop: 0, toStop: 2 };
  const shown = async () => (await inventory.available([leg]))[0]!.get("second")!;
  const buy = async (over: object = {}) => (await inventory.hold([{ ...command(run), ...over }]))[0]!;
  for (const over of [{}, { channel: "public" }])
    expect(await buy(over)).toMatchObject({ ok: false, error: { code: "WaitlistFirst" } });
  expect(await shown()).toMatchObject({ sellable: 0, refusal: "WaitlistFirst", changesAt: expect.any(Number) });
  expect((await buy({ channel: "waitlist" })).ok).toBe(true);
  isAdded = false;
  expect(await shown()).toMatchObject({ refusal: null, changesAt: null });
  expect((await buy()).ok).toBe(true);
});

test("a hold nobody wants any more is let go after its deadline", async () => {
  const { clock, inventory, begin } = setUp();
  await using _ = begin();
  await inventory.hold([command(run, { wishes: nobodyWishes(3) })]);
  await clock.advance(19 * minuteMs);
  expect(await freeOn(inventory)).toBe(197);
  await clock.advance(minuteMs + 2 * sweepEveryMs);
  expect(await freeOn(inventory)).toBe(200);
  expect(inventory.counters).toMatchObject({ holds: 1, seatsHeld: 3, sweptGone: 1, seatsReleased: 3 });
});

test("a hold that its order still wants is kept, and asked about again later", async () => {
  let asked = 0;
  let live = true;
  const { clock, inventory, begin } = setUp(async () => {
    asked++;
    return live;
  });
  await using _ = begin();
  await inventory.hold([command(run)]);
  await clock.advance(20 * minuteMs + sweepEveryMs);
  expect([asked, await freeOn(inventory)]).toEqual([1, 199]);
  await clock.advance(askAgainMs - 2 * sweepEveryMs);
  expect(asked).toBe(1);
  live = false;
  await clock.advance(3 * sweepEveryMs);
  expect([asked, await freeOn(inventory)]).toEqual([2, 200]);
});

test("a hold that could not be asked about is kept", async () => {
  let down = true;
  const { clock, inventory, trouble, begin } = setUp(async () => {
    if (down) throw new Error("the order room does not answer");
    return false;
  });
  await using _ = begin();
  await inventory.hold([command(run)]);
  await clock.advance(20 * minuteMs + sweepEveryMs);
  expect([await freeOn(inventory), inventory.counters.sweepFailures, trouble.length]).toEqual([199, 1, 1]);
  down = false;
  await clock.advance(askAgainMs + sweepEveryMs);
  expect(await freeOn(inventory)).toBe(200);
});

test("a confirmed hold is never asked about", async () => {
  const { clock, inventory, begin } = setUp(() => Promise.reject(new Error("asked")));
  await using _ = begin();
  const request = command(run);
  await inventory.hold([request]);
  await inventory.confirm([refOf(request)]);
  await clock.advance(2 * hourMs);
  expect([await freeOn(inventory), inventory.counters.sweepFailures]).toEqual([199, 0]);
});

test("many overdue holds are asked about in bounded batches, all in one sweep", async () => {
  let asking = 0;
  let askingMost = 0;
  const { clock, inventory } = setUp(async () => {
    askingMost = Math.max(askingMost, ++asking);
    await Promise.resolve();
    asking--;
    return false;
  });
  await inventory.hold(Array.from({ length: 150 }, () => command(run)));
  await clock.advance(20 * minuteMs);
  await inventory.sweep();
  expect([await freeOn(inventory), askingMost]).toEqual([200, sweepBatchMax]);
});

test("a sweeper that was stopped asks no more", async () => {
  let asked = 0;
  const { clock, inventory, begin } = setUp(async () => ++asked > 0);
  const sweeper = begin();
  await inventory.hold([command(run)]);
  await sweeper[Symbol.asyncDispose]();
  await clock.advance(2 * hourMs);
  expect(asked).toBe(0);
});

test("a command that cannot be does not spoil its batch", async () => {
  const { inventory } = setUp();
  const impossible: Partial<HoldCommand>[] = [
    { fromStop: 2, toStop: 2 },
    { fromStop: -1 },
    { toStop: 4 },
    { fromStop: 0.5 },
    { preferences: [] },
    { preferences: nobodyWishes(10) },
  ];
  const decided = await inventory.hold([command(run), ...impossible.map((over) => command(run, over)), command(run)]);
  expect(decided.map((each) => (each.ok ? "held" : each.error.code))).toEqual([
    "held",
    "NotOnRoute",
    "NotOnRoute",
    "NotOnRoute",
    "NotOnRoute",
    "MalformedRequest",
    "MalformedRequest",
    "held",
  ]);
});

test("an overlap found while reloading is counted", async () => {
  const { inventory } = setUp();
  const [first, second] = [recordedHold(run, [5]), recordedHold(run, [5], { fromStop: 1 })];
  expect(await inventory.reload([first, second])).toEqual([
    { runId: second.run.runId, holdId: second.holdId, line: 0 },
  ]);
  expect(inventory.counters.reloadConflicts).toBe(1);
  expect(await inventory.retire(epochMs(eve + 48 * hourMs))).toBe(1);
});

test("what does not fit its run while reloading is told, and keeps nothing else from being reloaded", async () => {
  const { inventory } = setUp();
  const odd = [
    recordedHold(run, [1], { toStop: run.train.stops.length }),
    recordedHold(run, [2], { fromStop: 2, toStop: 2 }),
    recordedHold(run, [3], { seatClass: "business" }),
    recordedHold(run, [400]),
  ];
  const lost = await inventory.reload([...odd, recordedHold(run, [5])]);
  expect(lost.map(({ holdId }) => holdId)).toEqual(odd.map(({ holdId }) => holdId));
  expect(await freeOn(inventory)).toBe(199);
});

test("what may be sold is what the clock says, for buyers and for who only looks", async () => {
  const { clock, inventory } = setUp();
  const limits = [0, 3].map((limit, n) => ({ since: epochMs(eve + n * hourMs), seats: limit }));
  const quotas = [{ fromStops: [0], toStops: [3], limits }];
  expect(await inventory.setOffers([{ run, seatClass: "second", quotas }])).toEqual([null]);
  const deadline = epochMs(eve + 2 * hourMs);
  const buy = async () =>
    (await inventory.hold([command(run, { deadline })])).map((each) => (each.ok ? "held" : each.error.code));
  expect([await freeOn(inventory), await buy()]).toEqual([0, ["NotOnSaleBetween"]]);
  await clock.advance(hourMs);
  expect([await freeOn(inventory), await buy(), await freeOn(inventory)]).toEqual([3, ["held"], 2]);
});
