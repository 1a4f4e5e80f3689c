/** The rules of an outbox. `put` stands for whatever store writes messages together with its change. */
import { expect, test } from "bun:test";
import type { LogRecord } from "@chepiao/contracts";
import { epochMs, type EpochMs, hourMs } from "@chepiao/kernel";
import type { Outbox } from "./outbox.ts";

type Subject = { readonly outbox: Outbox; put(records: readonly LogRecord[], now: EpochMs): Promise<void> | void };

export function outboxSuite(adapter: string, create: () => Promise<Subject> | Subject): void {
  const now = epochMs(1_000_000);
  const record = (refundNo: string): LogRecord => ({
    topic: "payment-settled-topic",
    key: "G1/2026-12-01",
    value: { refundNo, paymentNo: "P1", orderNo: "E00010000000000001" as never, ticketNo: null },
  });

  const sameRefund = ({ value }: LogRecord, refundNo: string) => (value as { refundNo: string }).refundNo === refundNo;

  test(`${adapter}: a message waits until it is marked as sent, and comes back as it was written`, async () => {
    const { outbox, put } = await create();
    await put([record("a"), record("b")], now);
    const waiting = await outbox.pending(now, 10);
    expect(waiting.map((message) => message.record)).toEqual([record("a"), record("b")]);
    await outbox.sent([waiting[0]!.messageId]);
    await outbox.sent([waiting[0]!.messageId]);
    expect((await outbox.pending(now, 10)).map((message) => message.record)).toEqual([record("b")]);
    expect(await outbox.backlog()).toEqual({ count: 1, oldestAt: now });
  });

  test(`${adapter}: a message that failed comes again later, ever more rarely, and never ends`, async () => {
    const { outbox, put } = await create();
    await put([record("a")], now);
    let at: EpochMs = now;
    let pauseMs = 0;
    for (let attempt = 0; attempt < 30; attempt++) {
      const [message] = await outbox.pending(at, 1);
      await outbox.failed([message!.messageId], at);
      expect(await outbox.pending(at, 1)).toEqual([]);
      let waitedMs = 0;
      // Pauses grow to an hour: looking in steps of a share of the last one is as good as looking all the time.
      const stepMs = Math.max(500, pauseMs / 20);
      while ((await outbox.pending(epochMs(at + waitedMs), 1)).length === 0) waitedMs += stepMs;
      expect(waitedMs).toBeGreaterThanOrEqual(pauseMs);
      expect(waitedMs).toBeLessThanOrEqual(hourMs * 1.05);
      pauseMs = waitedMs;
      at = epochMs(at + waitedMs);
    }
  });

  test(`${adapter}: what could not be sent is seen with its attempts, and goes at once when it is hurried`, async () => {
    const { outbox, put } = await create();
    await put([record("a")], now);
    await put([record("b"), record("c")], epochMs(now + 1));
    const [first, second] = await outbox.pending(epochMs(now + 1), 10);
    expect(await outbox.failing(10)).toEqual([]);
    for (let attempt = 0; attempt < 3; attempt++) await outbox.failed([first!.messageId], epochMs(now + 1));
    await outbox.failed([second!.messageId], epochMs(now + 1));
    const failing = await outbox.failing(10);
    expect(failing.map(({ record: each, attempts, createdAt }) => [each, attempts, createdAt])).toEqual([
      [record("a"), 3, now],
      [record("b"), 1, epochMs(now + 1)],
    ]);
    expect(failing[0]!.nextAt).toBeGreaterThan(failing[1]!.nextAt);
    expect(await outbox.failing(1)).toEqual([failing[0]!]);

    const later = epochMs(now + 2);
    await outbox.hurry([first!.messageId], later);
    const due = await outbox.pending(later, 10);
    expect(due.map((message) => message.record).filter((each) => sameRefund(each, "b"))).toEqual([]);
    expect(due.map((message) => message.record)).toContainEqual(record("a"));
    await outbox.hurry([], later);
    await outbox.hurry([first!.messageId + 1_000_000 * 2_048], later);
  });

  test(`${adapter}: oldest first, no more than asked for`, async () => {
    const { outbox, put } = await create();
    await put([record("a")], now);
    await put([record("b")], epochMs(now + 1));
    await put([record("c")], epochMs(now + 2));
    const waiting = await outbox.pending(epochMs(now + 5), 2);
    expect(waiting.map((message) => (message.record.value as { refundNo: string }).refundNo)).toEqual(["a", "b"]);
  });
}
