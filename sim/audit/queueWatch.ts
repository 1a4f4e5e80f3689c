/**
 * Counters of queues, watched at each step: nobody is called whom the database knows to have been called, nobody more than the rate of the queue says, no
 * more are inside than there is room for, and nobody comes in past another who was called before and found it full.
 */
import { peek } from "bun";
import type { KeptQueue } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import type { QueueCounters, QueueState, ServeQueue } from "@chepiao/ports/queue-counters";

export type QueueWatch = {
  readonly found: (violation: string) => void;
  /** As the database has it at this moment. */
  readonly queueOf: (queueId: string) => KeptQueue;
};

/** Until when, by lot or by `#place` for who has room kept free; and by place who found it full. */
type Book = { readonly inside: Map<string, number>; readonly full: Map<number, number> };

function purge({ inside, full }: Book, now: number) {
  for (const all of [inside, full] as const) for (const [who, until] of all) if (until <= now) all.delete(who as never);
}

const kept = (place: number) => `#${place}`;

export function watchedQueues(counters: QueueCounters, { found, queueOf }: QueueWatch): QueueCounters {
  const books = new Map<string, Book>();
  const bookOf = (queueId: string): Book => {
    const book = books.get(queueId) ?? { inside: new Map(), full: new Map() };
    books.set(queueId, book);
    return book;
  };

  function checkRoom(queueId: string, activeMax: number) {
    const { size } = bookOf(queueId).inside;
    if (size > activeMax) found(`I5: ${size} are inside queue ${queueId}, and ${activeMax} at most may be`);
  }

  function noteCalls(queueId: string, before: QueueState, after: QueueState, asked: ServeQueue) {
    const { marks } = queueOf(queueId);
    const book = bookOf(queueId);
    const { activeMax, calledMs, now } = asked;
    if (before.served < marks.served)
      found(`I2: queue ${queueId} had called ${marks.served} places, and goes on from ${before.served}`);
    purge(book, now);
    for (const place of [...book.full.keys()]
      .toSorted((a, b) => a - b)
      .slice(0, Math.max(0, activeMax - book.inside.size))) {
      book.full.delete(place);
      book.inside.set(kept(place), now + calledMs);
    }
    for (let place = before.served + 1; place <= after.served; place++) book.inside.set(kept(place), now + calledMs);
    checkRoom(queueId, activeMax);
  }

  return {
    ...counters,
    async serve(queueId, asked) {
      const before = peek(counters.state(queueId)) as QueueState;
      const after = await counters.serve(queueId, asked);
      noteCalls(queueId, before, after, asked);
      return after;
    },
    async enter(queueId, asked) {
      const { lot, now, insideMs, activeMax } = asked;
      const entered = await counters.enter(queueId, asked);
      const { turn, position } = entered;
      const book = bookOf(queueId);
      purge(book, now);
      if (turn === "lost") book.inside.delete(lot);
      if (turn === "full") book.full.set(position, now + insideMs);
      if (turn !== "inside") return entered;
      const isExpected = book.inside.has(lot) || book.inside.delete(kept(position));
      const passed = isExpected ? [] : [...book.full.keys()].filter((place) => place < position);
      // Room for those, too, is room.
      if (passed.length > 0 && book.inside.size + passed.length >= activeMax)
        found(`I5: place ${position} of queue ${queueId} came in past ${Math.min(...passed)}`);
      book.full.delete(position);
      book.inside.set(lot, now + insideMs);
      checkRoom(queueId, activeMax);
      return entered;
    },
    async leave(queueId, lot) {
      await counters.leave(queueId, lot);
      bookOf(queueId).inside.delete(lot);
    },
    async inside(queueId, now) {
      const { inside } = bookOf(queueId);
      for (const [who, until] of inside) if (until <= now) inside.delete(who);
      return counters.inside(queueId, now);
    },
  };
}

/** What a process may make up for after a pause. */
const creditMaxOf = (perMs: number) => 1 + perMs * 5 * secondMs;

/** The calls of one process, held to the rate of the queue by its own clock. */
export function watchedCalls(counters: QueueCounters, { found, queueOf }: QueueWatch): QueueCounters {
  const credits = new Map<string, { left: number; at: number }>();
  return {
    ...counters,
    serve(queueId, asked) {
      const perMs = queueOf(queueId).perMinute / 60_000;
      // It begins with one person.
      const { left, at } = credits.get(queueId) ?? { left: 1, at: asked.now };
      const credit = Math.min(creditMaxOf(perMs), left + perMs * Math.max(0, asked.now - at));
      credits.set(queueId, { left: credit - asked.count, at: asked.now });
      if (asked.count > credit + 1e-6) found(`I5: queue ${queueId} calls ${asked.count} at once, beyond its rate`);
      return counters.serve(queueId, asked);
    },
  };
}
