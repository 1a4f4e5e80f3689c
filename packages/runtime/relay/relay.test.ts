/** The rules of the relay between outbox and log. */
import { expect, test } from "bun:test";
import type { LogRecord } from "@chepiao/contracts";
import { epochMs, hourMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryLog } from "@chepiao/ports/log";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createRelay } from "./relay.ts";

const message = (n: number) =>
  ({ topic: "payment-settled-topic", key: "k", value: { refundNo: `R${n}` } }) as unknown as LogRecord;

function world() {
  const clock = createManualClock(epochMs(1_000));
  const log = createMemoryLog(clock);
  const outbox = createMemoryOutbox();
  const reports: string[] = [];
  const relay = createRelay({ outbox, log, clock, report: (text) => void reports.push(text) });
  return { clock, log, outbox, relay, reports };
}

test("a message that was committed reaches the log, also when nobody said so", async () => {
  const { clock, log, outbox } = world();
  outbox.put([message(1)], clock.now());
  await clock.advance(1_000);
  expect(log.records).toEqual([message(1)]);
  expect((await outbox.backlog()).count).toBe(0);
});

test("many messages go in order", async () => {
  const { clock, log, outbox, relay } = world();
  const many = Array.from({ length: 1_200 }, (_, n) => message(n));
  outbox.put(many, clock.now());
  await relay.drain();
  expect(log.records).toEqual(many);
});

test("I7 while the log is away messages wait, and go when it is back", async () => {
  const { clock, log, outbox, relay, reports } = world();
  log.breakDown(true);
  outbox.put([message(1)], clock.now());
  await relay.drain();
  expect(log.records).toEqual([]);
  expect(reports.length).toBe(1);
  log.breakDown(false);
  await clock.advance(3_000);
  expect(log.records).toEqual([message(1)]);
});

test("however long the log was away, what waits goes within seconds of its return", async () => {
  const { clock, log, outbox } = world();
  log.breakDown(true);
  outbox.put([message(1)], clock.now());
  await clock.advance(2 * hourMs);
  log.breakDown(false);
  await clock.advance(3_000);
  expect(log.records).toEqual([message(1)]);
});

test("a message that can never be sent is tried ever more rarely, and keeps no other from going", async () => {
  const { clock, log, outbox, relay, reports } = world();
  const { append } = log;
  let tries = 0;
  log.append = async (records) => {
    if (records.includes(wrong)) {
      tries++;
      throw new RangeError("larger than any should be");
    }
    return append(records);
  };
  const wrong = message(2);
  outbox.put([message(1), wrong, message(3)], clock.now());
  await relay.drain();
  expect(log.records).toEqual([message(1), message(3)]);
  await clock.advance(hourMs);
  expect(tries).toBeWithin(10, 40);
  expect(reports.length).toBe(tries);
  expect((await outbox.backlog()).count).toBe(1);
});

test("I7 a crash between sending and marking sends again and loses nothing", async () => {
  const { clock, log, outbox, relay } = world();
  outbox.put([message(1)], clock.now());
  const sent = outbox.sent;
  outbox.sent = async () => {
    throw new Error("killed here");
  };
  await relay.drain();
  outbox.sent = sent;
  await clock.advance(3_000);
  expect(log.records).toEqual([message(1), message(1)]);
  expect((await outbox.backlog()).count).toBe(0);
});
