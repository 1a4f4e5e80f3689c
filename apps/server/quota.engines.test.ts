/** Quotas on a real Redis: what one process follows from SQL holds for all that sell, comes back when it is lost, and serves who waits. */
import { afterAll, expect, test } from "bun:test";
import { createRedisSeats } from "@chepiao/adapters/redis";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "@chepiao/adapters/redis/testing.suite.ts";
import { epochMs, minuteMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryQuotaStore, type StationQuota } from "@chepiao/ports/quota-store";
import { command, eve } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { need } from "@chepiao/ports/seat-store/seatWaitlist.suite.ts";
import { createQuotaKeeper } from "@chepiao/services/inventory";
import { firstRun as run, railway } from "@chepiao/services/inventory/quotas.suite.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

function setUp() {
  const clock = createManualClock(eve);
  const store = createMemoryQuotaStore();
  const world = { seats: createRedisSeats(withFreshPrefix(redis)) };
  const trouble: string[] = [];
  const keeper = createQuotaKeeper({
    clock,
    store,
    timetable: () => ({ ...railway, version: 1 }),
    seats: {
      setOffers: (...asked) => world.seats.setOffers(...asked),
      get waitlists() {
        return world.seats.waitlists;
      },
    },
    exchanged: () => [],
    forgetsOffers: false,
    report: (message) => trouble.push(message),
  });
  const set = (version: number, ...quotas: readonly StationQuota[]) =>
    store.set(version, [{ runId: run.runId, seatClass: "second", quotas }]);
  const sellable = async (seats = world.seats) =>
    (await seats.available([{ run, fromStop: 0, toStop: 3 }], clock.now()))[0]!.get("second")!.sellable;
  return { clock, world, keeper, set, sellable, trouble };
}
const quota = (...limits: readonly [afterMs: number, seats: number | null][]): StationQuota => ({
  fromStations: ["S0"],
  toStations: null,
  limits: limits.map(([afterMs, seats]) => ({ since: epochMs(eve + afterMs), seats })),
});

test("quotas hold for every process that sells, and are there again after Redis has come back empty", async () => {
  const { clock, world, keeper, set, sellable, trouble } = setUp();
  const shared = withFreshPrefix(redis);
  world.seats = createRedisSeats(shared);
  const seller = createRedisSeats(shared);
  await set(0, quota([0, 2]));
  await keeper.follow();
  const sold = await seller.hold([command(run), command(run), command(run)], clock.now());
  expect(sold.map((each) => (each.ok ? "held" : each.error.code))).toEqual(["held", "held", "NotOnSaleBetween"]);

  world.seats = createRedisSeats(withFreshPrefix(redis));
  expect(await sellable()).toBe(50);
  await keeper.follow();
  expect(await sellable()).toBe(50);
  await clock.advance(5 * minuteMs);
  await keeper.follow();
  expect(await sellable()).toBe(2);
  // As `chepiao repair` does.
  world.seats = createRedisSeats(withFreshPrefix(redis));
  await keeper.reload();
  expect([await sellable(), trouble]).toEqual([2, []]);
});

test("who waits is served in the second in which a limit begins", async () => {
  const { clock, world, keeper, set } = setUp();
  const served: number[] = [];
  world.seats.waitlists.hear(({ grants }) => grants.forEach(({ holdId }) => served.push(holdId)));
  await set(0, quota([0, 0], [minuteMs, 1]));
  await keeper.follow();
  const waiting = [need(run, { place: 1 }), need(run, { place: 2 })];
  expect(await world.seats.waitlists.join(waiting, clock.now())).toEqual([null, null]);
  await clock.advance(minuteMs - 1);
  await keeper.follow();
  expect(served).toEqual([]);
  await clock.advance(secondMs);
  await keeper.follow();
  expect(served).toEqual([waiting[0]!.holdId]);
});
