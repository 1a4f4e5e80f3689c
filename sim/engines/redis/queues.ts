/** Counters of queues, all of a queue on one master. */
import type { QueueCounters } from "@chepiao/ports/queue-counters";

type Ask = <T>(
  what: string,
  queueId: string,
  args: readonly unknown[],
  run: (counters: QueueCounters) => Promise<T>,
) => Promise<T>;

export type QueuePortsDeps = {
  readonly read: Ask;
  readonly write: Ask;
  /** Which master it is by now: each keeps its lots in an order of its own. */
  readonly generation: () => number;
  /** Between some lots and the next. */
  readonly betweenPages: (queueId: string) => void;
};

const lotsAtOnce = 3;

export function createQueuePorts({ read, write, generation, betweenPages }: QueuePortsDeps): QueueCounters {
  /** What a cursor says to one master it does not say to the next. */
  async function page(at: QueueCounters, queueId: string, start: number): Promise<readonly string[]> {
    const placeOf = (lot: string) => Bun.hash.xxHash32(`${lot} ${generation()}`);
    const lots = (await Array.fromAsync(at.collected(queueId))).flat();
    return lots.toSorted((one, other) => placeOf(one) - placeOf(other)).slice(start, start + lotsAtOnce);
  }

  return {
    state: (queueId) => read("queues.state", queueId, [], (at) => at.state(queueId)),
    join: (queueId, asked) => write("queues.join", queueId, [asked], (at) => at.join(queueId, asked)),
    take: (queueId, lots) => write("queues.take", queueId, [lots], (at) => at.take(queueId, lots)),
    close: (queueId) => write("queues.close", queueId, [], (at) => at.close(queueId)),
    async *collected(queueId) {
      for (let start = 0; ; start += lotsAtOnce) {
        const some = await read("queues.collected", queueId, [start], (at) => page(at, queueId, start));
        yield [...some, ...some.slice(0, 1)];
        if (some.length < lotsAtOnce) return;
        betweenPages(queueId);
      }
    },
    place: (queueId, first, lots) =>
      write("queues.place", queueId, [first, lots], (at) => at.place(queueId, first, lots)),
    drawn: (queueId, count) => write("queues.drawn", queueId, [count], (at) => at.drawn(queueId, count)),
    raise: (queueId, known) => write("queues.raise", queueId, [known], (at) => at.raise(queueId, known)),
    serve: (queueId, asked) => write("queues.serve", queueId, [asked], (at) => at.serve(queueId, asked)),
    enter: (queueId, asked) => write("queues.enter", queueId, [asked], (at) => at.enter(queueId, asked)),
    leave: (queueId, lot) => write("queues.leave", queueId, [lot], (at) => at.leave(queueId, lot)),
    inside: (queueId, now) => write("queues.inside", queueId, [now], (at) => at.inside(queueId, now)),
    forget: (queueId) => write("queues.forget", queueId, [], (at) => at.forget(queueId)),
  };
}
