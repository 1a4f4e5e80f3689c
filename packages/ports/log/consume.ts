/** How a log that knows its records by position hands them out: one batch at a time, in order. Memory and files use it. */
import { type LogRecord, upgradeRecord } from "@chepiao/contracts";
import { createDelivery, type DeliveryDeps } from "./delivery.ts";
import { type Consumer, type Consumption, LogUnavailable } from "./log.ts";

export type Positioned = { readonly position: number; readonly record: LogRecord };

export type Feed = Consumption & {
  /** The next records, in order of position; those of other topics are passed over. */
  push(records: readonly Positioned[]): void;
};

export type FeedDeps = Omit<DeliveryDeps<Positioned>, "handle"> & {
  /** Called after each batch with the position behind it, so that the log can remember how far the group is. */
  finished(nextPosition: number): void;
};

export function createFeed(consumer: Consumer, deps: FeedDeps): Feed {
  const wanted = new Set<string>(consumer.topics);
  const delivery = createDelivery<Positioned>({
    ...deps,
    handle: (batch) => consumer.handle(batch.map(({ record }) => upgradeRecord(record))),
  });
  let waiting: Positioned[] = [];
  let head = 0;
  let seen = 0;
  let done = 0;
  /** Behind the last record that was handed in, of whatever topic. */
  let end = 0;
  let running = Promise.resolve();
  let busy = false;
  let stopped = false;
  let waiters: { upTo: number; resolve: () => void; reject: (error: unknown) => void }[] = [];

  async function run() {
    busy = true;
    while (head < waiting.length) {
      if (stopped) break;
      const batch = waiting.slice(head, head + consumer.batchMax);
      if (!(await delivery.deliver(batch))) break;
      head += batch.length;
      done += batch.length;
      if (head > 10_000 || head === waiting.length) {
        waiting = waiting.slice(head);
        head = 0;
      }
      deps.finished(waiting.length === 0 ? end : batch.at(-1)!.position + 1);
      wake();
      const left = waiting.length - head;
      if (left > 0 && left < consumer.batchMax && consumer.gatherMs) await delivery.rest(consumer.gatherMs);
    }
    busy = false;
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
      end = records.at(-1) ? records.at(-1)!.position + 1 : end;
      if (busy || stopped) return;
      if (head < waiting.length) running = run();
      // Records of other topics are finished too: a quiet group must not hold the log back.
      else if (records.length > 0) deps.finished(end);
    },
    lag: () => seen - done,
    caughtUp() {
      if (done >= seen) return Promise.resolve();
      if (stopped) return Promise.reject(gone());
      return new Promise((resolve, reject) => waiters.push({ upTo: seen, resolve, reject }));
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      delivery.stop();
      await running;
      for (const waiter of waiters.splice(0)) waiter.reject(gone());
    },
  };
}

const gone = () => new LogUnavailable("the consumer was stopped before it was through");
