/** The rules of a log. `reopen` is what a restart does: the same storage, a new process. */
import { expect, test } from "bun:test";
import type { LogRecord, RefundSettled } from "@chepiao/contracts";
import { recordsOf010 } from "@chepiao/contracts/older.suite.ts";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { type Log, PoisonRecord } from "./log.ts";

export type LogSubject = { readonly log: Log; reopen(): Promise<LogSubject> };

export const settledRecord = (
  n: number,
  topic: "payment-settled-topic" | "payment-refund-topic" = "payment-settled-topic",
  run = n % 3,
) =>
  ({
    topic,
    key: `G${run}/2026-12-01`,
    value: { refundNo: `R${n}`, paymentNo: `支付${n}`, orderNo: "E00010000000000001", ticketNo: null },
  }) as unknown as LogRecord;

export const numberOf = (record: LogRecord) => Number((record.value as RefundSettled).refundNo.slice(1));
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
/** Each once, and every key's in the order in which they were appended. */
const expectInOrder = (got: readonly number[], expected: readonly number[]) => {
  expect([...got].sort((a, b) => a - b)).toEqual([...expected]);
  for (const run of [0, 1, 2]) {
    const ofRun = got.filter((n) => n % 3 === run);
    expect(ofRun).toEqual(ofRun.toSorted((a, b) => a - b));
  }
};

export function logSuite(adapter: string, create: () => Promise<LogSubject>): void {
  const collect = (log: Log, group: string, batchMax = 10) => {
    const got: number[] = [];
    const consumption = log.consume({
      group,
      topics: ["payment-settled-topic"],
      batchMax,
      handle: async (records) => void got.push(...records.map(numberOf)),
    });
    return { got, consumption };
  };

  test(`${adapter}: a consumer gets every record once, each key's in order, whether it came before or after`, async () => {
    const { log } = await create();
    await log.append(upTo(25).map((n) => settledRecord(n)));
    const { got, consumption } = collect(log, "a");
    await log.append([settledRecord(25), settledRecord(26)]);
    await consumption.caughtUp();
    expectInOrder(got, upTo(27));
    expect(consumption.lag()).toBe(0);
    await log[Symbol.asyncDispose]();
  });

  test(`${adapter}: what version 0.1.0 wrote is handed out in today's shape`, async () => {
    const { log } = await create();
    const order = sampleOrder({ seats: [3, 4] });
    const got: LogRecord[] = [];
    await log.append([recordsOf010.created(order), recordsOf010.freed]);
    const consumption = log.consume({
      group: "a",
      topics: ["order-create-topic", "inventory-update-topic"],
      batchMax: 10,
      handle: async (records) => void got.push(...records),
    });
    await consumption.caughtUp();
    expect(got.toSorted((a, b) => (a.topic < b.topic ? 1 : -1)).map(({ value }) => value)).toEqual([
      order,
      { ...recordsOf010.freed.value, line: 0 },
    ]);
    await log[Symbol.asyncDispose]();
  });

  test(`${adapter}: records come back as they were written`, async () => {
    const { log } = await create();
    const got: LogRecord[] = [];
    const consumption = log.consume({
      group: "a",
      topics: ["payment-settled-topic"],
      batchMax: 10,
      handle: async (records) => void got.push(...records),
    });
    await log.append([settledRecord(7)]);
    await consumption.caughtUp();
    expect(got).toEqual([settledRecord(7)]);
    await log[Symbol.asyncDispose]();
  });

  test(`${adapter}: groups do not take from each other, and topics not asked for are passed over`, async () => {
    const { log } = await create();
    const first = collect(log, "a");
    const second = collect(log, "b");
    await log.append([settledRecord(0), settledRecord(1, "payment-refund-topic"), settledRecord(2)]);
    await Promise.all([first.consumption.caughtUp(), second.consumption.caughtUp()]);
    expectInOrder(first.got, [0, 2]);
    expectInOrder(second.got, [0, 2]);
    await log[Symbol.asyncDispose]();
  });

  test(`${adapter}: a batch that fails comes again, and nothing overtakes it`, async () => {
    const { log } = await create();
    const got: number[] = [];
    let failures = 2;
    const consumption = log.consume({
      group: "a",
      topics: ["payment-settled-topic"],
      batchMax: 2,
      handle: async (records) => {
        if (records.some((record) => numberOf(record) === 2) && failures-- > 0) throw new Error("the database is away");
        got.push(...records.map(numberOf));
      },
    });
    await log.append(upTo(6).map((n) => settledRecord(n)));
    await consumption.caughtUp();
    expect(failures).toBe(-1);
    expectInOrder(got, upTo(6));
    await log[Symbol.asyncDispose]();
  });

  test(`${adapter}: after a restart nothing acknowledged is missing, and what was finished stays finished`, async () => {
    let subject = await create();
    const before = collect(subject.log, "a");
    await subject.log.append(upTo(10).map((n) => settledRecord(n)));
    await before.consumption.caughtUp();
    await before.consumption[Symbol.asyncDispose]();
    await subject.log.append([settledRecord(10), settledRecord(11)]);
    subject = await subject.reopen();
    const after = collect(subject.log, "a");
    const fresh = collect(subject.log, "new-group");
    await Promise.all([after.consumption.caughtUp(), fresh.consumption.caughtUp()]);
    expectInOrder(after.got, [10, 11]);
    expectInOrder(fresh.got, upTo(12));
    await subject.log[Symbol.asyncDispose]();
  });

  test(`${adapter}: appends at the same time all land, each call's records of one key together`, async () => {
    const { log } = await create();
    await Promise.all(
      upTo(50).map((n) =>
        log.append([n * 2, n * 2 + 1].map((number) => settledRecord(number, "payment-settled-topic", n % 3))),
      ),
    );
    const { got, consumption } = collect(log, "a", 1_000);
    await consumption.caughtUp();
    expect([...got].sort((a, b) => a - b)).toEqual(upTo(100));
    for (let i = 0; i < got.length; i += 2) expect(got[i + 1]).toBe(got[i]! + 1);
    await log[Symbol.asyncDispose]();
  });

  /** A group that cannot take number 4 until its handler is fixed. */
  const refusing = (log: Log) => {
    const got: number[] = [];
    const handler = { isFixed: false };
    const consumption = log.consume({
      group: "a",
      topics: ["payment-settled-topic"],
      batchMax: 10,
      async handle(records) {
        const numbers = records.map(numberOf);
        if (numbers.includes(4) && !handler.isFixed) throw new PoisonRecord("there is no such refund");
        got.push(...numbers);
      },
    });
    return { got, handler, consumption };
  };

  test(`${adapter}: a record that its group cannot take is put aside with its cause, and those behind it go on`, async () => {
    let subject = await create();
    const { got, consumption } = refusing(subject.log);
    await subject.log.append(upTo(9).map((n) => settledRecord(n)));
    await consumption.caughtUp();
    expectInOrder(got, [0, 1, 2, 3, 5, 6, 7, 8]);
    expect(subject.log.deadLetters.parked).toBe(1);
    const { key, value } = settledRecord(4);
    subject = await subject.reopen();
    const letters = await subject.log.deadLetters.list();
    expect(letters).toMatchObject([{ group: "a", topic: "payment-settled-topic", key, text: JSON.stringify(value) }]);
    expect(letters[0]!.cause).toContain("there is no such refund");
    await subject.log[Symbol.asyncDispose]();
  });

  test(`${adapter}: a dead letter that is replayed comes again and is off the list, and no other is`, async () => {
    const { log } = await create();
    const { got, handler, consumption } = refusing(log);
    await log.append([settledRecord(1), settledRecord(4), settledRecord(4)]);
    await consumption.caughtUp();
    const [first, second] = await log.deadLetters.list();
    handler.isFixed = true;
    expect(await log.deadLetters.replay([first!.id, first!.id, "a@nowhere"])).toEqual([first!.id]);
    await consumption.caughtUp();
    expectInOrder(got, [1, 4]);
    expect(await log.deadLetters.replay([first!.id])).toEqual([]);
    expect(await log.deadLetters.list()).toEqual([second!]);
    expect(await log.deadLetters.replay([])).toEqual([]);
    await log[Symbol.asyncDispose]();
  });
}
