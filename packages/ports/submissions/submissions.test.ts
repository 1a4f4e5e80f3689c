/** Memory keeps the rules of every adapter, and a bound of its own. */
import { expect, test } from "bun:test";
import { refusal } from "@chepiao/contracts";
import { epochMs, type OrderId, type UserId } from "@chepiao/kernel";
import { createMemorySubmissions } from "./submissions.memory.ts";
import { submissionsSuite } from "./submissions.suite.ts";

submissionsSuite("memory", () => createMemorySubmissions());

test("memory: of refusals only so many are remembered, and orders never make room for them", async () => {
  const submissions = createMemorySubmissions({ refusalsMax: 2 });
  const userId = 1 as UserId;
  const enter = async (n: number, key: string) =>
    (await submissions.enter([{ userId, key, requestHash: "body", orderId: n as OrderId, at: epochMs(n) }]))[0]!.kind;
  await enter(1, "an order");
  for (const n of [2, 3, 4]) {
    await enter(n, `refused ${n}`);
    await submissions.refused(userId, `refused ${n}`, refusal("SoldOut"));
  }
  expect([await enter(5, "refused 2"), await enter(6, "refused 3"), await enter(7, "refused 4")]).toEqual([
    "new",
    "refused",
    "refused",
  ]);
  expect(await enter(8, "an order")).toBe("same");
});
