import { expect, test } from "bun:test";
import { epochMs, type UserId } from "@chepiao/kernel";
import { createMemoryRiskCounters } from "./riskCounters.memory.ts";
import { riskCountersSuite } from "./riskCounters.suite.ts";

riskCountersSuite("memory", () => createMemoryRiskCounters());

test("memory is bounded: of many accounts those that acted last are known", async () => {
  const counters = createMemoryRiskCounters(2);
  const at = epochMs(60_000_000);
  const count = async (userId: number) => {
    const [counts] = await counters.act([{ userId: userId as UserId, at, address: null, network: null }]);
    return counts!.accountPerMinute;
  };
  for (const userId of [1, 2, 3, 4]) await count(userId);
  expect([await count(4), await count(3)]).toEqual([2, 2]);
  for (const userId of [5, 6, 7]) await count(userId);
  expect(await count(1)).toBe(1);
});
