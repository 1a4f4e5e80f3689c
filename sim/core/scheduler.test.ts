/** Virtual time: one order of events for one seed, and nothing that comes from the machine. */
import { expect, test } from "bun:test";
import { epochMs } from "@chepiao/kernel";
import { chanceOf } from "./chance.ts";
import { createLife } from "./life.ts";
import { createScheduler } from "./scheduler.ts";

test("events happen in the order of their time, and of one moment in the order in which they were asked for", () => {
  const scheduler = createScheduler();
  const happened: string[] = [];
  for (const [name, at] of [
    ["c", 30],
    ["a", 10],
    ["b1", 20],
    ["b2", 20],
  ] as const)
    scheduler.after(at, name, "happens", () => void happened.push(`${name} at ${scheduler.now()}`));
  while (scheduler.step());
  expect(happened).toEqual(["a at 10", "b1 at 20", "b2 at 20", "c at 30"]);
});

test("what waits on promises between two events has run before the next one", () => {
  const scheduler = createScheduler();
  const happened: string[] = [];
  scheduler.after(1, "a", "begins", () => {
    void (async () => {
      for (let n = 0; n < 50; n++) await Promise.resolve();
      happened.push("a is through");
    })();
  });
  scheduler.after(1, "b", "begins", () => void happened.push("b begins"));
  while (scheduler.step());
  expect(happened).toEqual(["a is through", "b begins"]);
});

test("a taken back event never happens, and is no step", () => {
  const scheduler = createScheduler();
  const takeBack = scheduler.after(1, "a", "happens", () => expect.unreachable());
  takeBack();
  expect([scheduler.step(), scheduler.steps]).toEqual([false, 0]);
});

test("time that is slept through makes everything due that was due meanwhile, in order, now", () => {
  const scheduler = createScheduler();
  const happened: string[] = [];
  for (const at of [20, 10])
    scheduler.after(at, "a", "happens", () => void happened.push(`${at} at ${scheduler.now()}`));
  scheduler.leap(100);
  while (scheduler.step());
  expect(happened).toEqual(["10 at 100", "20 at 100"]);
});

test("one history has one hash, another history another, and listening changes nothing", () => {
  const historyOf = (what: string, hear: Parameters<typeof createScheduler>[0] = null) => {
    const scheduler = createScheduler(hear);
    scheduler.after(5, "a", "happens", () => scheduler.note("a", "notes", what));
    while (scheduler.step());
    return scheduler.hash();
  };
  expect(historyOf("x")).toBe(historyOf("x", () => {}));
  expect(historyOf("x")).not.toBe(historyOf("y"));
});

test("a killed life hears of nothing any more, and a frozen one of everything later", () => {
  const scheduler = createScheduler();
  const lifeOf = (name: string) =>
    createLife({ name, chance: chanceOf(1, name), scheduler, machineNow: () => epochMs(scheduler.now()) });
  const [killed, frozen] = [lifeOf("killed"), lifeOf("frozen")];
  const heard: string[] = [];
  for (const life of [killed, frozen])
    life.after(10, "hears", () => void heard.push(`${life.name} ${scheduler.now()}`));
  killed.kill();
  frozen.freeze(500);
  while (scheduler.step());
  expect(heard).toEqual(["frozen 500"]);
});
