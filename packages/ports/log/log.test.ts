/** Memory keeps the rules of every log, and shows those of how any log hands out its records. */
import { expect, test } from "bun:test";
import { createSystemClock } from "@chepiao/adapters/system";
import type { LogRecord, Topic } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { type DeadLetter, LogUnavailable, PoisonRecord } from "./log.ts";
import { createMemoryLog } from "./log.memory.ts";
import { logSuite, numberOf, settledRecord } from "./log.suite.ts";

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

test("a batch that comes alone is handed over at once; what follows on it gathers, unless it is full", async () => {
  const clock = createManualClock(epochMs(0));
  const log = createMemoryLog(clock);
  const batches: number[] = [];
  let release = () => {};
  log.consume({
    group: "a",
    topics: ["payment-settled-topic"],
    batchMax: 3,
    gatherMs: 50,
    handle(records) {
      batches.push(records.length);
      return new Promise((resolve) => (release = resolve));
    },
  });
  const append = (...numbers: number[]) => log.append(numbers.map((n) => settledRecord(n)));
  const finish = async () => {
    release();
    await clock.advance(0);
  };
  await append(0);
  await append(1);
  expect(batches).toEqual([1]);
  await finish();
  expect(batches).toEqual([1]);
  await append(2);
  await clock.advance(50);
  expect(batches).toEqual([1, 2]);
  await append(3, 4, 5);
  await finish();
  expect(batches).toEqual([1, 2, 3]);
  await append(6);
  await finish();
  // Who closes does not wait for company; the record comes again in the next life.
  await log[Symbol.asyncDispose]();
  expect(batches).toEqual([1, 2, 3]);
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

/** A group on a log of its own, with a handler that fails as told; `wait` lets its pauses pass. */
function failing(fail: (numbers: readonly number[]) => unknown) {
  const clock = createManualClock(epochMs(0));
  const log = createMemoryLog(clock);
  const got: number[] = [];
  let attempts = 0;
  log.consume({
    group: "a",
    topics: ["payment-settled-topic"],
    batchMax: 10,
    async handle(records) {
      attempts++;
      const numbers = records.map(numberOf);
      const error = fail(numbers);
      if (error !== null) throw error;
      got.push(...numbers);
    },
  });
  const wait = async (ms: number) => {
    // What has begun reaches its first pause.
    await clock.advance(0);
    await clock.advance(ms);
  };
  return { log, got, wait, attempts: () => attempts };
}

test("while the world fails nothing is put aside, however long it takes and whatever the error is called", async () => {
  const refused = Object.assign(new TypeError("fetch failed"), { code: "ECONNREFUSED" });
  let isAway = true;
  const { log, got, wait, attempts } = failing(() => (isAway ? refused : null));
  await log.append([settledRecord(0), settledRecord(1)]);
  await wait(3_600_000);
  expect(attempts()).toBeGreaterThan(300);
  expect(await log.deadLetters.list()).toEqual([]);
  isAway = false;
  await wait(10_000);
  expect(got).toEqual([0, 1]);
});

test("a handler that is defective for one record is given several chances, then only that record is put aside", async () => {
  const { log, got, wait } = failing((numbers) => (numbers.includes(1) ? new TypeError("x is undefined") : null));
  await log.append([settledRecord(0), settledRecord(1), settledRecord(2)]);
  await wait(2_000);
  expect(await log.deadLetters.list()).toEqual([]);
  await wait(60_000);
  expect(got).toEqual([0, 2]);
  expect(await log.deadLetters.list()).toMatchObject([{ id: "a@1", cause: expect.stringContaining("x is undefined") }]);
});

test("among poison and failures of the world, only the poison is put aside, also when another error wraps it", async () => {
  let failures = 20;
  const wrapped = new Error("the batch failed", { cause: new PoisonRecord("no such order") });
  const { log, got, wait } = failing((numbers) =>
    numbers.includes(1) ? wrapped : numbers.includes(2) && failures-- > 0 ? new Error("the database is away") : null,
  );
  await log.append([settledRecord(0), settledRecord(1), settledRecord(2)]);
  await wait(600_000);
  expect(got).toEqual([0, 2]);
  expect((await log.deadLetters.list()).map(({ id }) => id)).toEqual(["a@1"]);
});

logSuite("memory log", async () => {
  const records: LogRecord[] = [];
  const offsets = new Map<string, number>();
  const dead = new Map<string, DeadLetter>();
  const open = () => {
    const log = createMemoryLog(createSystemClock(), records, offsets, dead);
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
