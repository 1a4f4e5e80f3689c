/** What a process that takes requests knows of rules, and tells of requests. */
import { expect, test } from "bun:test";
import type { GatewayRulesClient } from "@chepiao/contracts";
import { epochMs, minuteMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryGatewayStore } from "@chepiao/ports/gateway-store";
import { createGatewayRoom } from "./index.ts";
import { createUsage } from "./usage.ts";

const start = epochMs(1_800_000_000_000);
const route = "search.tickets";

function open() {
  const clock = createManualClock(start);
  const store = createMemoryGatewayStore();
  const link = { isDown: false, losesAnswers: false };
  const rules: GatewayRulesClient = {
    async exchange(known, usage) {
      if (link.isDown) throw new Error("nobody answers");
      if (usage) await store.addUsage(usage, epochMs(0));
      if (link.losesAnswers) throw new Error("the answer was lost");
      const newest = await store.newest();
      return newest === null || newest.version === known ? null : newest;
    },
  };
  const room = createGatewayRoom({ rules, clock, source: "one" });
  const set = async (perMinute: number) => {
    const version = ((await store.newest())?.version ?? 0) + 1;
    const added = [{ route, who: "both" as const, perMinute, burst: 10 }];
    await store.add({ version, rulesOf: version, rules: added, operator: "anna", at: clock.now() });
  };
  return { clock, store, room, set, link };
}

test("rules are in force once they were asked for, and stay while nobody answers; refusals are never counted back", async () => {
  const { room, set, link } = open();
  const limits = room.routeRules.of(route);
  expect(limits.rules).toEqual([]);
  await set(60);
  await room.exchange();
  expect(limits.rules).toEqual([
    { who: "both", allowance: { triesMax: 10, windowMs: 10 * secondMs }, key: `${route} both 60 10 `, refused: 0 },
  ]);
  limits.rules[0]!.refused = 3;
  link.isDown = true;
  await set(30);
  expect(room.exchange()).rejects.toThrow("nobody answers");
  expect(limits.rules[0]!.allowance.windowMs).toBe(10 * secondMs);
  link.isDown = false;
  await room.exchange();
  expect([room.version(), limits.rules[0]!.allowance.windowMs]).toEqual([2, 20 * secondMs]);
  limits.rules[0]!.refused = 4;
  expect(room.refusals()).toEqual([{ route, who: "both", count: 7 }]);
});

test("a minute is told once, however often its answer is lost, and by how many made how many", async () => {
  const { clock, store, room, link } = open();
  for (let n = 0; n < 100; n++) room.routeRules.of(route).count("203.0.113.5", null, n);
  for (let n = 0; n < 50; n++) room.routeRules.of(route).count(`198.51.100.${n}`, n < 20 ? n : null, 40_000.5);
  await room.exchange();
  expect(await store.usageSince(start)).toEqual([]);
  await clock.advance(minuteMs);
  link.losesAnswers = true;
  expect(room.exchange()).rejects.toThrow("lost");
  await clock.advance(secondMs);
  link.losesAnswers = false;
  await room.exchange();
  await room.exchange();
  expect(await store.usageSince(start)).toEqual([
    {
      minute: start,
      spanMs: 40_001,
      source: "one",
      routes: [
        {
          route,
          who: "address",
          buckets: [
            [50, 50],
            [1, 100],
          ],
        },
        { route, who: "account", buckets: [[20, 20]] },
        {
          route,
          who: "both",
          buckets: [
            [50, 50],
            [1, 100],
          ],
        },
      ],
      uncounted: 0,
    },
  ]);
});

test("a clock that is set back ends a minute, and says nothing of how long it was", async () => {
  const time = { now: start as number };
  const store = createMemoryGatewayStore();
  const room = createGatewayRoom({
    rules: { exchange: async (_, usage) => (usage && (await store.addUsage(usage, epochMs(0))), null) },
    clock: { now: () => epochMs(time.now) },
    source: "one",
  });
  const { count } = room.routeRules.of(route);
  for (const atMs of [10, 20_010]) count("203.0.113.5", null, atMs);
  time.now -= 60 * minuteMs;
  await room.exchange();
  for (const atMs of [20_020, 20_030]) count("203.0.113.5", null, atMs);
  time.now += minuteMs;
  await room.exchange();
  const told = await store.usageSince(epochMs(0));
  expect(told.map(({ minute, spanMs }) => [(minute - start) / minuteMs, spanMs])).toEqual([
    [-60, 10],
    [0, 20_000],
  ]);
});

test("minutes that nobody can be told of are a few at most", async () => {
  const { clock, store, room, link } = open();
  link.isDown = true;
  for (let n = 0; n < 9; n++) {
    room.routeRules.of(route).count("203.0.113.5", null, n);
    await clock.advance(minuteMs);
    expect(room.exchange()).rejects.toThrow();
  }
  link.isDown = false;
  for (let n = 0; n < 9; n++) await room.exchange();
  expect((await store.usageSince(start)).map(({ minute }) => (minute - start) / minuteMs)).toEqual([4, 5, 6, 7, 8]);
});

test("askers are kept apart up to so many, and requests of others are one number; one who is known is counted on", () => {
  const usage = createUsage(start, 3);
  for (const address of ["a", "b", "a", "c", "d", "e", "a"]) usage.of(route)(address, null, 0);
  usage.of(route)("a", 5, 30_000);
  expect(usage.take(epochMs(start + minuteMs))).toEqual({
    minute: start,
    spanMs: 30_000,
    routes: [
      {
        route,
        who: "address",
        buckets: [
          [2, 2],
          [1, 4],
        ],
      },
      {
        route,
        who: "both",
        buckets: [
          [2, 2],
          [1, 3],
        ],
      },
    ],
    uncounted: 3,
  });
  expect(usage.take(start)).toBeNull();
});
