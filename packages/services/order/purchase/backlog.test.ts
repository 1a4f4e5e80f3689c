/** A door closes when nothing of what it accepted is written, and only then. */
import { expect, test } from "bun:test";
import { firstPolicyVersion, type OrderAccepted, policyDefault, withChanges } from "@chepiao/contracts";
import { epochMs, minuteMs, type OrderId, secondMs, writtenWithinMsMax } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { rulesOf } from "../rules.ts";
import { createBacklog } from "./backlog.ts";

const rulesWith = (paymentTimeoutMs = 15 * minuteMs) =>
  rulesOf(firstPolicyVersion(withChanges(policyDefault, { payment: { seconds: paymentTimeoutMs / secondMs } })));

function createWorld(paymentTimeoutMs?: number) {
  const clock = createManualClock(epochMs(0));
  const waiting = new Set<OrderId>();
  let asked = 0;
  const backlog = createBacklog({
    clock,
    submissions: {
      async find(orderId) {
        asked++;
        return waiting.has(orderId) ? ({ orderId } as OrderAccepted) : null;
      },
    },
    rules: () => rulesWith(paymentTimeoutMs),
  });
  let lastId = 0;
  return {
    clock,
    waiting,
    backlog,
    asked: () => asked,
    /** Somebody buys every second, where it is allowed; answers how many were. */
    async sell(forMs: number, isWritten: (orderId: OrderId) => boolean): Promise<number> {
      let accepted = 0;
      for (let passedMs = 0; passedMs < forMs; passedMs += secondMs) {
        if (!backlog.isTooLong()) {
          const orderId = ++lastId as OrderId;
          accepted++;
          if (!isWritten(orderId)) waiting.add(orderId);
          backlog.accepted(orderId);
        }
        await clock.advance(secondMs);
      }
      return accepted;
    },
  };
}

test("while orders are written the door is open, and little is asked", async () => {
  const { sell, asked } = createWorld();
  expect(await sell(10 * minuteMs, () => true)).toBe(600);
  expect(asked()).toBeLessThan(1_300);
});

test("when nothing is written any more the door closes after minutes, and opens when something is", async () => {
  const { sell, waiting } = createWorld();
  await sell(minuteMs, () => true);
  const accepted = await sell(6 * minuteMs, () => false);
  expect(accepted * secondMs).toBeWithin(writtenWithinMsMax - secondMs, writtenWithinMsMax + 5 * secondMs);
  expect(await sell(minuteMs, () => false)).toBe(0);
  waiting.clear();
  expect(await sell(minuteMs, () => true)).toBeGreaterThan(55);
});

test("an order that is never written closes no door, neither among others nor alone", async () => {
  const { sell } = createWorld();
  expect(await sell(10 * minuteMs, (orderId) => orderId !== 7)).toBe(600);
  const single = createWorld();
  await single.sell(2 * secondMs, () => false);
  await single.sell(0, () => true);
  expect(single.backlog.isTooLong()).toBe(false);
});

test("how long the first waits is told while it waits, and not of what has been forgotten", async () => {
  const { sell, backlog, waiting, clock } = createWorld(minuteMs);
  expect(backlog.oldestMs()).toBe(0);
  await sell(15 * secondMs, () => false);
  expect(backlog.oldestMs()).toBeWithin(13 * secondMs, 15 * secondMs);
  waiting.clear();
  await sell(2 * secondMs, () => true);
  expect(backlog.oldestMs()).toBe(0);
  await sell(15 * secondMs, () => false);
  expect(backlog.oldestMs()).toBeGreaterThan(0);
  await clock.advance(2 * minuteMs);
  expect([backlog.isTooLong(), backlog.oldestMs()]).toEqual([false, 0]);
});

test("a door that has been closed for long tries whether it is over", async () => {
  const { sell } = createWorld();
  await sell(10 * minuteMs, () => false);
  expect(await sell(20 * minuteMs, () => false)).toBeWithin(5, 400);
  expect(await sell(20 * minuteMs, () => true)).toBeGreaterThan(800);
});

test("where the time to pay is set shorter the door closes sooner, and tries sooner whether it is over", async () => {
  const { sell } = createWorld(minuteMs);
  const accepted = await sell(40 * secondMs, () => false);
  expect(accepted * secondMs).toBeWithin(20 * secondMs - secondMs, 20 * secondMs + 5 * secondMs);
  // What waits from before says nothing any more after a minute.
  expect(await sell(minuteMs, () => false)).toBeWithin(5, 40);
});

test("where it is so short that a handful of orders in a row cannot wait, no door closes", async () => {
  const { sell } = createWorld(4 * secondMs);
  expect(await sell(5 * minuteMs, () => false)).toBe(300);
});

test("where it is set longer the door closes as it does by default", async () => {
  const { sell } = createWorld(24 * 60 * minuteMs);
  const accepted = await sell(6 * minuteMs, () => false);
  expect(accepted * secondMs).toBeWithin(writtenWithinMsMax - secondMs, writtenWithinMsMax + 5 * secondMs);
  // And stays closed for as long as what waits could be paid.
  expect(await sell(20 * minuteMs, () => false)).toBe(0);
});

test("where nobody can be asked the door stays as it is", async () => {
  const clock = createManualClock(epochMs(0));
  const backlog = createBacklog({
    clock,
    submissions: { find: () => Promise.reject(new Error("Redis is away")) },
    rules: () => rulesWith(),
  });
  for (let n = 1; n < 20; n++) {
    backlog.accepted(n as OrderId);
    await clock.advance(secondMs);
  }
  expect(backlog.isTooLong()).toBe(false);
});
