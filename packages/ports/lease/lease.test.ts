/** Leases in memory, and standing for one. */
import { expect, test } from "bun:test";
import { epochMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryLeases, type Leases, elect } from "./index.ts";
import { leasesSuite } from "./lease.suite.ts";

leasesSuite("memory", () => {
  const clock = createManualClock(epochMs(0));
  return { leases: createMemoryLeases(clock), pass: (ms) => clock.advance(ms) };
});

const ttlMs = 9_000;

function createWorld() {
  const clock = createManualClock(epochMs(0));
  const memory = createMemoryLeases(clock);
  const trouble: unknown[] = [];
  async function stand(leases: Leases = memory) {
    const election = elect({ leases, clock, name: "relay", ttlMs, report: (each) => trouble.push(each) });
    await clock.advance(0);
    return election;
  }
  return { clock, memory, trouble, stand };
}

test("one of two has the lease, for as long as it lives; then the other", async () => {
  const { clock, stand } = createWorld();
  const [first, second] = [await stand(), await stand()];
  await clock.advance(100_000);
  expect([first.lease() !== null, second.lease() !== null]).toEqual([true, false]);
  await first[Symbol.asyncDispose]();
  await clock.advance(ttlMs / 3);
  expect([first.lease() !== null, second.lease() !== null]).toEqual([false, true]);
  await second[Symbol.asyncDispose]();
});

test("who cannot renew stops before anybody else can begin", async () => {
  const { clock, memory, trouble, stand } = createWorld();
  let isCut = false;
  const unlessCut = <T>(ask: () => Promise<T>) => (isCut ? Promise.reject(new Error("cut off")) : ask());
  const cut: Leases = {
    ...memory,
    acquire: (name, ms) => unlessCut(() => memory.acquire(name, ms)),
    renew: (lease, ms) => unlessCut(() => memory.renew(lease, ms)),
  };
  await using first = await stand(cut);
  await clock.advance(ttlMs);
  await using second = await stand();
  isCut = true;
  for (let passed = 0; passed < 2 * ttlMs; passed += 250) {
    await clock.advance(250);
    expect(first.lease() !== null && second.lease() !== null).toBe(false);
  }
  expect([first.lease(), second.lease() !== null]).toEqual([null, true]);
  expect(trouble.length).toBeGreaterThan(0);
  isCut = false;
});

test("one that slept through the end of its lease knows it without asking", async () => {
  const { clock, memory, stand } = createWorld();
  let answers = true;
  const silent: Leases = {
    ...memory,
    renew: (lease, ms) => (answers ? memory.renew(lease, ms) : new Promise(() => {})),
  };
  const first = await stand(silent);
  await clock.advance(ttlMs);
  answers = false;
  await clock.advance(2 * ttlMs);
  expect(first.lease()).toBeNull();
});
