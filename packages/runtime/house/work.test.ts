/** How late jobs are, as Prometheus hears of it. */
import { expect, test } from "bun:test";
import { epochMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryLeases } from "@chepiao/ports/lease";
import type { Work } from "@chepiao/room";
import { createLogger } from "../observe/index.ts";
import { beginHouseWork, type HouseWork } from "./work.ts";

const logger = createLogger({ level: "silent", write: () => {} });
const report = () => () => {};

const lateOf = async ({ metrics }: HouseWork) =>
  Object.fromEntries((await metrics[0]!.read()).map(({ value, labels }) => [labels!["work"], value]));

function jobOf(name: string, pass: () => Promise<unknown>): { service: string; work: Work } {
  const work: Work = { kind: "job", name, everyMs: 5 * secondMs, electedAs: "sweeping", pass, failed: null };
  return { service: "order-service", work };
}

test("a job is late while its passes fail, or one does not end, and no more once one is through", async () => {
  const clock = createManualClock(epochMs(0));
  let isBroken = true;
  const failing = jobOf("failing", async () => {
    if (isBroken) throw new Error("SQL is away");
  });
  const hanging = jobOf("hanging", () => new Promise(() => {}));
  const fine = jobOf("fine", async () => {});
  const work = beginHouseWork({ work: [failing, hanging, fine] }, { clock, logger, leases: null, report });
  await clock.advance(65 * secondMs);
  expect(await lateOf(work)).toEqual({ failing: 60, hanging: 60, fine: 0 });
  isBroken = false;
  await clock.advance(5 * secondMs);
  expect(await lateOf(work)).toEqual({ failing: 0, hanging: 65, fine: 0 });
});

test("how late a job is only the process tells that is elected for it", async () => {
  const clock = createManualClock(epochMs(0));
  const leases = createMemoryLeases(clock);
  const begin = () => beginHouseWork({ work: [jobOf("orders", async () => {})] }, { clock, logger, leases, report });
  const first = begin();
  await clock.advance(secondMs);
  const second = begin();
  await clock.advance(60 * secondMs);
  expect([await lateOf(first), await lateOf(second)]).toEqual([{ orders: 0 }, {}]);
  const ended = first[Symbol.asyncDispose]();
  await clock.advance(0);
  await ended;
  await clock.advance(10 * secondMs);
  expect([await lateOf(first), await lateOf(second)]).toEqual([{}, { orders: 0 }]);
  await second[Symbol.asyncDispose]();
});
