/** How any log hands out its records: one batch at a time, the same one again after a failure. Shared by every log of ours. */
import type { LogRecord } from "@chepiao/contracts";
import { backoffMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { type Consumer, type Consumption, LogUnavailable } from "./log.ts";

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
  /** Behind the last record that was handed in, of whatever topic. */
  let end = 0;
  let running = Promise.resolve();
  let busy = false;
  let stopped = false;
  let endPause = () => {};
  let waiters: { upTo: number; resolve: () => void; reject: (error: unknown) => void }[] = [];

  async function run() {
    busy = true;
    while (head < waiting.length) {
      if (stopped) break;
      const batch = waiting.slice(head, head + consumer.batchMax);
      if (!(await handled(batch))) break;
      head += batch.length;
      done += batch.length;
      if (head > 10_000 || head === waiting.length) {
        waiting = waiting.slice(head);
        head = 0;
      }
      finished(waiting.length === 0 ? end : batch.at(-1)!.position + 1);
      wake();
    }
    busy = false;
  }

  /** True once the batch is done; false when the consumer was stopped before that. */
  async function handled(batch: readonly Positioned[]): Promise<boolean> {
    const records = batch.map(({ record }) => record);
    for (let attempt = 0; ; attempt++) {
      if (stopped) return false;
      try {
        await consumer.handle(records);
        return true;
      } catch (error) {
        failed(error, attempt);
        // At most ten seconds: a log that waits for its database should notice soon that it is back.
        if (!stopped) await pause(Math.min(10_000, backoffMs(attempt) / 10));
      }
    }
  }

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });

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
      end = records.at(-1) ? records.at(-1)!.position + 1 : end;
      if (busy || stopped) return;
      if (head < waiting.length) running = run();
      // Records of other topics are finished too: a quiet group must not hold the log back.
      else if (records.length > 0) finished(end);
    },
    lag: () => seen - done,
    caughtUp() {
      if (done >= seen) return Promise.resolve();
      if (stopped) return Promise.reject(gone());
      return new Promise((resolve, reject) => waiters.push({ upTo: seen, resolve, reject }));
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      endPause();
      await running;
      for (const waiter of waiters.splice(0)) waiter.reject(gone());
    },
  };
}

const gone = () => new LogUnavailable("the consumer was stopped before it was through");
