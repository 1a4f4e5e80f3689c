/**
 * Purchases whose append was not acknowledged. They may be in the log, or get there minutes later, so nothing of them can be taken
 * back: their seats and limits would be sold again, and their key would become a second order. They are appended again until the log
 * says that it has them; a second copy is known to the writer process that reads it (I7). Where nobody finds out in time, because the log stays away
 * or this process dies, what they took ends by itself with the deadline of their holds, unless the order turns up (I2).
 */
import { firstRunOf, type LogRecord, type OrderAccepted } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { Log } from "@chepiao/ports/log";

export type UnknownAppendsDeps = {
  readonly clock: Clock;
  readonly log: Pick<Log, "append">;
  /** The log has them now. */
  readonly logged: (orders: readonly OrderAccepted[]) => void;
  readonly report: (message: string, error: unknown) => void;
};

export type UnknownAppends = {
  add(orders: readonly OrderAccepted[]): void;
  /** Begins no further attempt. */
  stop(): void;
};

const againMs = secondMs;
const batchMax = 512;

export const createdRecords = (orders: readonly OrderAccepted[]): LogRecord[] =>
  orders.map((value) => ({ topic: "order-create-topic", key: firstRunOf(value), value }));

export function createUnknownAppends({ clock, log, logged, report }: UnknownAppendsDeps): UnknownAppends {
  let waiting: readonly OrderAccepted[] = [];
  let isWorking = false;
  let isStopped = false;

  async function work() {
    isWorking = true;
    while (waiting.length > 0) {
      await sleep(clock, againMs);
      if (isStopped) return;
      // Past its time to pay nobody wants it any more.
      waiting = waiting.filter(({ payBy }) => payBy > clock.now());
      await appendAgain(waiting.slice(0, batchMax));
    }
    isWorking = false;
  }

  async function appendAgain(orders: readonly OrderAccepted[]) {
    if (orders.length === 0) return;
    try {
      await log.append(createdRecords(orders));
    } catch (error) {
      report("purchases are still not known to be in the log", error);
      return;
    }
    // Also where a newer copy came meanwhile: one in the log is enough.
    const known = new Set(orders.map(({ orderId }) => orderId));
    waiting = waiting.filter(({ orderId }) => !known.has(orderId));
    logged(orders);
  }

  return {
    add(orders) {
      // One copy of an order: who serves the waitlist submits again what it cannot know to be submitted, every few seconds.
      const added = new Set(orders.map(({ orderId }) => orderId));
      waiting = [...waiting.filter(({ orderId }) => !added.has(orderId)), ...orders];
      if (!isWorking && !isStopped) void work();
    },
    stop() {
      isStopped = true;
    },
  };
}
