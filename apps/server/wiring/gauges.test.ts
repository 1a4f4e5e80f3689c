/** What is measured beside the rooms' own counters. */
import { expect, test } from "bun:test";
import { epochMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryLog, PoisonRecord } from "@chepiao/ports/log";
import { settledRecord } from "@chepiao/ports/log/log.suite.ts";
import { createMetrics } from "@chepiao/runtime";
import { registerMetrics, registerReadiness, watchDeadLetters } from "./gauges.ts";

test("dead letters that wait are counted by topic, and those that were replayed no more", async () => {
  const clock = createManualClock(epochMs(0));
  const log = createMemoryLog(clock);
  let isFixed = false;
  const consumption = log.consume({
    group: "a",
    topics: ["payment-settled-topic"],
    batchMax: 10,
    async handle() {
      if (!isFixed) throw new PoisonRecord("there is no such refund");
    },
  });
  await log.append([settledRecord(1), settledRecord(2)]);
  await consumption.caughtUp();

  const metrics = createMetrics();
  const stop = watchDeadLetters(metrics, log.deadLetters, clock);
  const counted = async (topic: string) =>
    (await metrics.text()).split("\n").find((line) => line.startsWith(`log_dead_letters_waiting{topic="${topic}"`));
  await clock.advance(0);
  expect(await counted("payment-settled-topic")).toEndWith(" 2");
  expect(await counted("order-create-topic")).toEndWith(" 0");

  isFixed = true;
  await log.deadLetters.replay((await log.deadLetters.list()).map(({ id }) => id));
  await clock.advance(30 * secondMs);
  expect(await counted("payment-settled-topic")).toEndWith(" 0");
  stop();
});

test("what engines count is read when it is asked for", async () => {
  const metrics = createMetrics();
  const redis = { unavailable: 0, functionLoads: 3 };
  registerMetrics(metrics, { rooms: [], engines: { redis } });
  redis.unavailable = 2;
  const text = await metrics.text();
  expect(text).toContain('redis_events_total{what="unavailable"} 2');
  expect(text).toContain('redis_events_total{what="functionLoads"} 3');
});

test("while nobody can say how many there are, nothing is said, and the question is not asked twice", async () => {
  const clock = createManualClock(epochMs(0));
  const metrics = createMetrics();
  let asked = 0;
  const away = () => {
    asked++;
    return new Promise<never>(() => {});
  };
  const stop = watchDeadLetters(metrics, { list: away }, clock);
  await clock.advance(120 * secondMs);
  expect(asked).toBe(1);
  expect(await metrics.text()).not.toMatch(/^log_dead_letters_waiting/m);
  stop();
});

test("whether a role is ready is told of each role of a process", async () => {
  const metrics = createMetrics();
  let isReady = false;
  registerReadiness(metrics, ["order", "writer"], () => isReady);
  expect(await metrics.text()).toContain('role_ready{role="order"} 0\nrole_ready{role="writer"} 0\n');
  isReady = true;
  expect(await metrics.text()).toContain('role_ready{role="order"} 1\nrole_ready{role="writer"} 1\n');
});
