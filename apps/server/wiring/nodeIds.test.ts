/** Node numbers: no two at a time, none after its lease may have ended. */
import { expect, test } from "bun:test";
import { epochMs, type EpochMs, minuteMs, nodeCount, secondMs, type UserId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryLeases, type Leases } from "@chepiao/ports/lease";
import { createLogger } from "@chepiao/runtime";
import { createNodeIds } from "./nodeIds.ts";

const user = 7 as UserId;
const logger = createLogger({ level: "silent", write: () => {} });
const start = epochMs(Date.UTC(2026, 10, 22));
const nodeOf = (rowId: number) => rowId % nodeCount;

function setUp() {
  const clock = createManualClock(start);
  const leases = createMemoryLeases(clock);
  return {
    clock,
    leases,
    make: (own: Leases = leases, from = 5) => createNodeIds({ leases: own, clock, logger, from }),
  };
}

test("every process has its own number for as long as it lives, and one too many says why it has none", async () => {
  const { clock, make } = setUp();
  const all = Array.from({ length: nodeCount }, () => make());
  await clock.advance(0);
  const tooMany = make();
  await clock.advance(10 * minuteMs);
  const numbers = all.map(({ ids }) => nodeOf(ids.rowId(clock.now())));
  expect(new Set(numbers).size).toBe(nodeCount);
  expect(String(await tooMany.look().catch((error: unknown) => error))).toContain("all 64 node numbers are taken");
  expect(() => tooMany.ids.orderId(user, clock.now())).toThrow("node number is away");

  // Not handed back, but free when its time is over.
  await all[0]!.look();
  await all[0]![Symbol.asyncDispose]();
  await clock.advance(30 * secondMs);
  expect(await tooMany.look().catch(() => "none yet")).toBe("none yet");
  await clock.advance(minuteMs);
  await tooMany.look();
});

test("a number that cannot be renewed is used no more before anybody else can have it, and the next one begins behind all ids", async () => {
  const { clock, leases, make } = setUp();
  let isAway = false;
  const cutOff: Leases = {
    ...leases,
    acquire: (...asked) => (isAway ? Promise.reject(new Error("ECONNREFUSED")) : leases.acquire(...asked)),
    renew: (...asked) => (isAway ? Promise.reject(new Error("ECONNREFUSED")) : leases.renew(...asked)),
  };
  const one = make(cutOff);
  await clock.advance(secondMs);
  const future = one.ids.orderId(user, (clock.now() + minuteMs * 60) as EpochMs);
  isAway = true;
  const other = make(leases);
  for (let second = 0; second < 120; second++) {
    await clock.advance(secondMs);
    const mine = tryId(() => nodeOf(one.ids.rowId(clock.now())));
    const theirs = tryId(() => nodeOf(other.ids.rowId(clock.now())));
    expect(mine === null || mine !== theirs).toBe(true);
  }
  expect(tryId(() => one.ids.rowId(clock.now()))).toBe(null);
  isAway = false;
  one.ids.skipPast(future);
  await clock.advance(2 * secondMs);
  await one.look();
  expect(one.ids.orderId(user, clock.now())).toBeGreaterThan(future);
});

function tryId(make: () => number): number | null {
  try {
    return make();
  } catch {
    return null;
  }
}
