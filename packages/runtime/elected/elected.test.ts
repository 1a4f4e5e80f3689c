/** One of many does the work, and another when that one ends or dies. */
import { expect, test } from "bun:test";
import { epochMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryLeases, type Leases } from "@chepiao/ports/lease";
import { observeLines } from "../bus/role.suite.ts";
import { doWhileElected } from "./elected.ts";

function setUp() {
  const clock = createManualClock(epochMs(0));
  const leases = createMemoryLeases(clock);
  const working = new Set<string>();
  const { observe, entries } = observeLines("info");
  const start = (who: string, own: Leases = leases) =>
    doWhileElected({
      name: "sweeping",
      leases: own,
      clock,
      logger: observe.logger,
      begin() {
        working.add(who);
        return async () => void working.delete(who);
      },
    });
  return { clock, leases, working, start, entries };
}

test("one of two does the work; it hands it over when it ends", async () => {
  const { clock, working, start } = setUp();
  const first = start("first");
  await clock.advance(secondMs);
  const second = start("second");
  await clock.advance(60 * secondMs);
  expect([...working]).toEqual(["first"]);
  const ended = first[Symbol.asyncDispose]();
  await clock.advance(0);
  await ended;
  expect([...working]).toEqual([]);
  await clock.advance(3 * secondMs);
  expect([...working]).toEqual(["second"]);
  await second[Symbol.asyncDispose]();
});

test("whoever cannot renew stops, another begins, and the two do not meet", async () => {
  const { clock, leases, working, start, entries } = setUp();
  let isAway = false;
  const unlessAway =
    <A extends unknown[], T>(ask: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      isAway ? Promise.reject(new Error("ECONNREFUSED")) : ask(...args);
  const cutOff: Leases = {
    acquire: unlessAway(leases.acquire),
    renew: unlessAway(leases.renew),
    release: unlessAway(leases.release),
  };
  const first = start("first", cutOff);
  await clock.advance(secondMs);
  isAway = true;
  start("second");
  let both = false;
  for (let step = 0; step < 100; step++) {
    await clock.advance(100);
    both ||= working.size > 1;
  }
  expect({ both, working: [...working] }).toEqual({ both: false, working: ["second"] });
  expect(entries().filter(({ level }) => level === "WARN").length).toBe(1);
  isAway = false;
  await clock.advance(10 * secondMs);
  expect([...working]).toEqual(["second"]);
  await first[Symbol.asyncDispose]();
});
