/** What becomes of purchases of which nobody knows whether they are in the log. */
import { expect, test } from "bun:test";
import type { LogRecord, OrderAccepted } from "@chepiao/contracts";
import { epochMs, hourMs, minuteMs, type OrderId, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createUnknownAppends } from "./unknownAppends.ts";

const start = epochMs(1_796_083_200_000);
const order = (id: number) =>
  ({
    orderId: id as OrderId,
    payBy: epochMs(start + hourMs),
    lines: [{ runId: "G1/2026-12-01" }],
  }) as unknown as OrderAccepted;

function setUp() {
  const clock = createManualClock(start);
  const appends: number[][] = [];
  const logged: number[] = [];
  const world = { isAway: true, whileAppending: () => {} };
  const appended = createUnknownAppends({
    clock,
    log: {
      append: async (records: readonly LogRecord[]) => {
        appends.push(records.map(({ value }) => (value as OrderAccepted).orderId));
        world.whileAppending();
        if (world.isAway) throw new Error("the log is away");
      },
    },
    logged: (orders) => void logged.push(...orders.map(({ orderId }) => orderId)),
    report: () => {},
  });
  return { clock, appends, logged, world, appended };
}

test("an order that is submitted again and again while the log is away is kept, and appended, once", async () => {
  const { clock, appends, logged, world, appended } = setUp();
  for (let n = 0; n < 12; n++) {
    appended.add([order(1)]);
    if (n === 3) appended.add([order(2)]);
    await clock.advance(5 * secondMs);
  }
  expect(appends.at(-1)!.toSorted((a, b) => a - b)).toEqual([1, 2]);
  world.isAway = false;
  await clock.advance(2 * secondMs);
  expect(logged.toSorted((a, b) => a - b)).toEqual([1, 2]);
  const count = appends.length;
  await clock.advance(minuteMs);
  expect(appends).toHaveLength(count);
});

test("a copy that comes while its order is appended is not appended after it", async () => {
  const { clock, appends, logged, world, appended } = setUp();
  world.isAway = false;
  world.whileAppending = () => {
    world.whileAppending = () => {};
    appended.add([order(1), order(2)]);
  };
  appended.add([order(1)]);
  await clock.advance(minuteMs);
  expect([appends, logged]).toEqual([
    [[1], [2]],
    [1, 2],
  ]);
});
