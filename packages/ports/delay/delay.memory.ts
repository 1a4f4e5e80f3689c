/** A delay in timers: true in everything but outliving its process. */
import { type OrderId, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Delay } from "./delay.ts";

const pauseMs = secondMs;

export function createMemoryDelay(clock: Clock, delayMs: number): Delay {
  const counters = { scheduled: 0, dropped: 0, due: 0 };
  const timers = new Set<() => void>();
  const listeners: ((orderIds: readonly OrderId[]) => Promise<void>)[] = [];
  let due: OrderId[] = [];
  let working: Promise<void> | null = null;

  const work = () => {
    working ??= handOver().finally(() => {
      working = null;
    });
  };

  async function handOver() {
    while (due.length > 0 && listeners.length > 0) {
      const batch = due;
      due = [];
      try {
        await listeners[0]!(batch);
        counters.due += batch.length;
      } catch {
        due = batch.concat(due);
        return after(pauseMs, work);
      }
    }
  }

  function after(ms: number, call: () => void) {
    const cancel = clock.after(ms, () => {
      timers.delete(cancel);
      call();
    });
    timers.add(cancel);
  }

  return {
    counters,
    schedule(orderIds) {
      counters.scheduled += orderIds.length;
      after(delayMs, () => {
        due.push(...orderIds);
        work();
      });
    },
    listen(handle) {
      listeners.push(handle);
      work();
      return {
        async [Symbol.asyncDispose]() {
          listeners.splice(listeners.indexOf(handle), 1);
          await working;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const cancel of timers) cancel();
      listeners.length = 0;
      await working;
    },
  };
}
