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
  expect(String(await tooMany.assertLeased().catch((error: unknown) => error))).toContain(
    "all 64 node numbers are taken",
  );
  expect(() => tooMany.ids.orderId(user, clock.now())).toThrow("node number is away");

  // Not handed back, but free when its time is over.
  await all[0]!.assertLeased();
  await all[0]![Symbol.asyncDispose]();
  await clock.advance(30 * secondMs);
  expect(await tooMany.assertLeased().catch(() => "none yet")).toBe("none yet");
  await clock.advance(minuteMs);
  await tooMany.assertLeased();
});

test("a number that a process was told to have is nobody else's, and is waited for while another process has it", async () => {
  const { clock, leases, make } = setUp();
  const told = () => createNodeIds({ leases, clock, logger, from: 0, only: 5 });
  const one = told();
  await clock.advance(0);
  const leasing = make(leases, 5);
  const twice = told();
  await clock.advance(10 * minuteMs);
  expect([one, leasing].map(({ ids }) => nodeOf(ids.rowId(clock.now())))).toEqual([5, 6]);
  expect(String(await twice.assertLeased().catch(String))).toContain("node number 5 is another process's");
  await one[Symbol.asyncDispose]();
  await clock.advance(2 * minuteMs);
  expect(nodeOf(twice.ids.rowId(clock.now()))).toBe(5);
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
  await clock.advance(5 * secondMs);
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
  await clock.advance(7 * secondMs);
  await one.assertLeased();
  expect(one.ids.orderId(user, clock.now())).toBeGreaterThan(future);
});

test("a process that cannot renew keeps its number for most of a minute, and nobody else has it until long after", async () => {
  const { clock, leases, make } = setUp();
  let isAway = false;
  const cutOff: Leases = {
    ...leases,
    renew: (...asked) => (isAway ? Promise.reject(new Error("gone")) : leases.renew(...asked)),
  };
  const one = make(cutOff);
  // There at once: nobody else can have the number that the database has given.
  await clock.advance(0);
  await one.assertLeased();
  const node = nodeOf(one.ids.rowId(clock.now()));
  isAway = true;
  await clock.advance(45 * secondMs);
  expect(nodeOf(one.ids.rowId(clock.now()))).toBe(node);
  const other = make(leases);
  await clock.advance(0);
  expect(nodeOf(other.ids.rowId(clock.now()))).not.toBe(node);
  await clock.advance(13 * secondMs);
  expect(tryId(() => one.ids.rowId(clock.now()))).toBe(null);
});

function tryId(make: () => number): number | null {
  try {
    return make();
  } catch {
    return null;
  }
}
