/** Memory keeps the rules of every log, and shows those of how any log hands out its records. */
import { expect, test } from "bun:test";
import { createSystemClock } from "@chepiao/adapters/system";
import type { LogRecord, Topic } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { LogUnavailable } from "./log.ts";
import { createMemoryLog } from "./log.memory.ts";
import { logSuite, settledRecord } from "./log.suite.ts";

test("a log that closes does not wait for a consumer to try again, and whoever waits for the consumer is told", async () => {
  const clock = createManualClock(epochMs(0));
  const log = createMemoryLog(clock);
  let attempts = 0;
  const consumption = log.consume({
    group: "a",
    topics: ["payment-settled-topic"],
    batchMax: 10,
    handle: async () => {
      attempts++;
      throw new Error("the database is away");
    },
  });
  await log.append([settledRecord(0)]);
  const waiting = consumption.caughtUp().catch((error: unknown) => error);
  await clock.advance(0);
  await log[Symbol.asyncDispose]();
  expect(await waiting).toBeInstanceOf(LogUnavailable);
  await clock.advance(60_000);
  expect(attempts).toBe(1);
  expect(consumption.caughtUp()).rejects.toBeInstanceOf(LogUnavailable);
});

test("a group whose topics are quiet stands at the end of the log, not at its own last record", async () => {
  const clock = createManualClock(epochMs(0));
  const offsets = new Map<string, number>();
  const log = createMemoryLog(clock, [], offsets);
  const consume = (group: string, topic: Topic, handle: () => Promise<void>) =>
    log.consume({ group, topics: [topic], batchMax: 1, handle });
  consume("quiet", "payment-refund-topic", async () => {});
  const busy = consume("busy", "payment-settled-topic", async () => {});
  consume("failing", "payment-settled-topic", async () => {
    throw new Error("the database is away");
  });
  await log.append([settledRecord(0), settledRecord(1)]);
  await log.append([settledRecord(2, "payment-refund-topic"), settledRecord(3), settledRecord(4)]);
  await busy.caughtUp();
  await clock.advance(0);
  expect([offsets.get("quiet"), offsets.get("busy"), offsets.get("failing") ?? 0]).toEqual([5, 5, 0]);
  await log[Symbol.asyncDispose]();
});

logSuite("memory log", async () => {
  const records: LogRecord[] = [];
  const offsets = new Map<string, number>();
  const open = () => {
    const log = createMemoryLog(createSystemClock(), records, offsets);
    return {
      log,
      reopen: async () => {
        await log[Symbol.asyncDispose]();
        return open();
      },
    };
  };
  return open();
});
