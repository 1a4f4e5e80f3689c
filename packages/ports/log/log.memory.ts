/** A log in an array: true in everything but outliving its process. */
import type { LogRecord } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import { createFeed, type Feed, type Positioned } from "./consume.ts";
import { createDeadLetterStore, deadLetterOf, textOf } from "./deadLetters.ts";
import { type DeadLetter, type Log, LogUnavailable } from "./log.ts";

export type MemoryLog = Log & {
  readonly records: readonly LogRecord[];
  /** The next appends fail, until told otherwise. */
  breakDown(broken: boolean): void;
};

/** Pass the same `records`, `offsets` and `dead` again to act as the same log after a restart. */
export function createMemoryLog(
  clock: Clock,
  records: LogRecord[] = [],
  offsets: Map<string, number> = new Map(),
  dead: Map<string, DeadLetter> = new Map(),
): MemoryLog {
  const feeds: Feed[] = [];
  let broken = false;
  const deadLetterStore = createDeadLetterStore(dead, append);

  async function append(added: readonly LogRecord[]) {
    if (broken) throw new LogUnavailable("the log was told to fail", { mayArrive: false });
    const first = records.length;
    records.push(...added);
    const positioned = added.map((record, index): Positioned => ({ position: first + index, record }));
    for (const feed of feeds) feed.push(positioned);
  }

  return {
    records,
    append,
    deadLetters: deadLetterStore,
    breakDown(value) {
      broken = value;
    },
    consume(consumer) {
      const { group } = consumer;
      const feed = createFeed(consumer, {
        clock,
        finished: (next) => offsets.set(group, next),
        failed: () => {},
        park: ({ position, record }, cause) =>
          deadLetterStore.park(
            deadLetterOf(textOf(record), { group, origin: String(position), cause, buriedAt: clock.now() }),
          ),
      });
      const from = offsets.get(consumer.group) ?? 0;
      feeds.push(feed);
      feed.push(records.slice(from).map((record, index) => ({ position: from + index, record })));
      return feed;
    },
    async [Symbol.asyncDispose]() {
      for (const feed of feeds) await feed[Symbol.asyncDispose]();
    },
  };
}
