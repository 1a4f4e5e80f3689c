/** How any log hands out its records: one batch at a time, the same one again after a failure. Shared by every log of ours. */
import type { LogRecord } from "@chepiao/contracts";
import { backoffMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { Consumer, Consumption } from "./log.ts";

export type Positioned = { readonly position: number; readonly record: LogRecord };

export type Feed = Consumption & {
  /** The next records, in order of position; those of other topics are passed over. */
  push(records: readonly Positioned[]): void;
};

/**
 * @param finished called after each batch with the position behind it, so that the log can remember how far the group is
 * @param failed called when a batch failed and will come again
 */
export function createFeed(
  consumer: Consumer,
  clock: Clock,
  finished: (nextPosition: number) => void,
  failed: (error: unknown, attempt: number) => void,
): Feed {
  const wanted = new Set<string>(consumer.topics);
  let waiting: Positioned[] = [];
  let head = 0;
  let seen = 0;
  let done = 0;
  let running = Promise.resolve();
  let busy = false;
  let stopped = false;
  let waiters: { upTo: number; resolve: () => void }[] = [];

  async function run() {
    busy = true;
    while (head < waiting.length && !stopped) {
      const batch = waiting.slice(head, head + consumer.batchMax);
      if (!(await handled(batch))) break;
      head += batch.length;
      done += batch.length;
      if (head > 10_000 || head === waiting.length) {
        waiting = waiting.slice(head);
        head = 0;
      }
      finished(batch.at(-1)!.position + 1);
      wake();
    }
    busy = false;
  }

  /** True once the batch is done; false when the consumer was stopped before that. */
  async function handled(batch: readonly Positioned[]): Promise<boolean> {
    const records = batch.map(({ record }) => record);
    for (let attempt = 0; !stopped; attempt++) {
      try {
        await consumer.handle(records);
        return true;
      } catch (error) {
        failed(error, attempt);
        // At most ten seconds: a log that waits for its database should notice soon that it is back.
        await sleep(clock, Math.min(10_000, backoffMs(attempt) / 10));
      }
    }
    return false;
  }

  function wake() {
    waiters = waiters.filter((waiter) => {
      if (done < waiter.upTo) return true;
      waiter.resolve();
      return false;
    });
  }

  return {
    push(records) {
      for (const positioned of records) {
        if (!wanted.has(positioned.record.topic)) continue;
        waiting.push(positioned);
        seen++;
      }
      if (head < waiting.length && !busy && !stopped) running = run();
    },
    lag: () => seen - done,
    caughtUp: () => (done >= seen ? Promise.resolve() : new Promise((resolve) => waiters.push({ upTo: seen, resolve }))),
    async [Symbol.asyncDispose]() {
      stopped = true;
      await running;
    },
  };
}
