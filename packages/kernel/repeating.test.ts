/** Work that repeats: when passes begin, what failures do, and what stopping waits for. */
import { expect, test } from "bun:test";
import { epochMs } from "./time.ts";
import { repeating, type RepeatingOptions, type Timer } from "./repeating.ts";

/** A clock that is moved by hand. */
function createTimer() {
  let now = 0;
  const calls = new Set<{ readonly at: number; readonly call: () => void }>();
  const timer: Timer = {
    now: () => epochMs(now),
    after(delayMs, call) {
      const entry = { at: now + delayMs, call };
      calls.add(entry);
      return () => void calls.delete(entry);
    },
  };
  async function settle() {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
  async function advance(ms: number) {
    const until = now + ms;
    for (;;) {
      await settle();
      const next = [...calls].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      calls.delete(next);
      now = next.at;
      next.call();
    }
    now = until;
    await settle();
  }
  return { timer, advance };
}

function setUp(over: Partial<RepeatingOptions> = {}) {
  const { timer, advance } = createTimer();
  const begun: number[] = [];
  const failures: unknown[] = [];
  const work = repeating({
    clock: timer,
    name: "work",
    everyMs: 100,
    pass: async () => void begun.push(timer.now()),
    report: (name, error) => failures.push(`${name}: ${String(error)}`),
    ...over,
  });
  return { timer, advance, begun, failures, work };
}

test("the first pass comes after the pause, the next one a pause after the end of the one before", async () => {
  const { advance, begun } = setUp();
  await advance(350);
  expect(begun).toEqual([100, 200, 300]);
});

test("the first pass may come at once", async () => {
  const { advance, begun } = setUp({ firstMs: 0 });
  await advance(100);
  expect(begun).toEqual([0, 100]);
});

test("two passes never overlap, and a kick during a pass brings one more behind it", async () => {
  let underWay = 0;
  let most = 0;
  const ended: PromiseWithResolvers<void>[] = [];
  const { advance, work } = setUp({
    async pass() {
      most = Math.max(most, ++underWay);
      const end = Promise.withResolvers<void>();
      ended.push(end);
      await end.promise;
      underWay--;
    },
  });
  work.kick();
  work.kick();
  await advance(1_000);
  expect(ended).toHaveLength(1);
  ended[0]!.resolve();
  await advance(0);
  expect(ended).toHaveLength(2);
  ended[1]!.resolve();
  await advance(99);
  expect({ most, passes: ended.length }).toEqual({ most: 1, passes: 2 });
});

test("a pass that says there is more is followed at once", async () => {
  let left = 3;
  const { advance, timer } = setUp({ pass: async () => --left > 0 });
  await advance(100);
  expect({ left, now: timer.now() }).toMatchObject({ left: 0, now: 100 });
});

test("a failure is told and tried again after the pause", async () => {
  let passes = 0;
  const { advance, failures } = setUp({
    pass: () => (++passes === 1 ? Promise.reject(new Error("away")) : Promise.resolve()),
  });
  await advance(200);
  expect({ passes, failures }).toEqual({ passes: 2, failures: ["work: Error: away"] });
});

test("after a failure nothing begins during the rest, whoever kicks, and one pass right after it", async () => {
  const begun: number[] = [];
  const { advance, work, timer } = setUp({
    restMs: 500,
    pass() {
      begun.push(timer.now());
      return begun.length === 1 ? Promise.reject(new Error("away")) : Promise.resolve();
    },
  });
  work.kick();
  await advance(10);
  work.kick();
  await advance(480);
  expect(begun).toEqual([0]);
  await advance(60);
  expect(begun).toEqual([0, 500]);
});

test("stopping waits for the pass under way, and nothing begins after it", async () => {
  const end = Promise.withResolvers<void>();
  let passes = 0;
  const { advance, work } = setUp({
    async pass() {
      passes++;
      await end.promise;
    },
  });
  await advance(100);
  let isStopped = false;
  void work.stop().then(() => (isStopped = true));
  await advance(0);
  expect(isStopped).toBe(false);
  work.kick();
  end.resolve();
  await advance(1_000);
  expect({ isStopped, passes }).toEqual({ isStopped: true, passes: 1 });
});

test("the pause may change from pass to pass", async () => {
  let pause = 100;
  const { advance, begun } = setUp({ everyMs: () => pause });
  await advance(100);
  pause = 10;
  await advance(100);
  await advance(20);
  expect(begun).toEqual([100, 200, 210, 220]);
});
