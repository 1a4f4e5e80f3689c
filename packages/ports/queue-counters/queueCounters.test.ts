import { expect, test } from "bun:test";
import type { UserId } from "@chepiao/kernel";
import { createMemoryQueueCounters } from "./queueCounters.memory.ts";
import { queueCountersSuite } from "./queueCounters.suite.ts";

queueCountersSuite("memory", createMemoryQueueCounters);

test("lots are collected as they are asked for, and no list of all is made before", async () => {
  const counters = createMemoryQueueCounters();
  const lots = Array.from({ length: 2_500 }, (_, n) => ({ lot: `lot${n}`, userId: (n + 1) as UserId }));
  await counters.take("testqueue", lots);
  const taking = counters.collected("testqueue")[Symbol.asyncIterator]();
  const first = (await taking.next()).value as readonly string[];
  expect(first.length).toBeLessThan(lots.length);
  // What is placed meanwhile waits for no draw any more.
  await counters.place(
    "testqueue",
    1,
    lots.map(({ lot }) => lot),
  );
  expect((await taking.next()).done).toBe(true);
});
