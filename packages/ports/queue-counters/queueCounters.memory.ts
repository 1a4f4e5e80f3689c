/** The smallest counters of queues, in one process. A restart forgets them: places are signed, and lots and draws are kept in SQL. */
import type { EpochMs, UserId } from "@chepiao/kernel";
import { createExpiring, type Expiring } from "./expiring.ts";
import type { EnteredQueue, EnterQueue, JoinQueue, QueueCounters, QueueState, ServeQueue } from "./queueCounters.ts";

type Lot = { position: number; userId: UserId | null; enteredAt: EpochMs | null };

type Queue = { -readonly [Fact in keyof QueueState]: QueueState[Fact] } & {
  readonly byLot: Map<string, Lot>;
  readonly lotOf: Map<UserId, string>;
  /** How many came between the opening and the draw. */
  late: number;
  /** Until when, by lot, or by place for those who have room kept free. */
  readonly inside: Expiring<string | number>;
  /** Places that were called and found it full, until when they are waited for. */
  readonly full: Expiring<number>;
  /** What was called by when, as long as it matters to who loses a place. */
  readonly calls: { at: EpochMs; served: number }[];
};

const lotsAtOnce = 1_000;

const newQueue = (): Queue => ({
  byLot: new Map(),
  lotOf: new Map(),
  inside: createExpiring(),
  full: createExpiring(),
  calls: [],
  lots: 0,
  late: 0,
  closed: false,
  drawn: false,
  taken: 0,
  served: 0,
  lost: 0,
  seats: null,
});

const stateOf = ({ lots, closed, drawn, taken, served, lost, seats }: Queue): QueueState => ({
  lots,
  closed,
  drawn,
  taken,
  served,
  lost,
  seats,
});

export function createMemoryQueueCounters(): QueueCounters {
  const queues = new Map<string, Queue>();
  const of = (queueId: string): Queue => {
    const queue = queues.get(queueId) ?? newQueue();
    queues.set(queueId, queue);
    return queue;
  };

  return {
    state: async (queueId) => stateOf(of(queueId)),
    join: async (queueId, asked) => join(of(queueId), asked),
    async take(queueId, lots) {
      const queue = of(queueId);
      for (const { lot, userId } of lots) {
        if (queue.byLot.has(lot)) continue;
        queue.byLot.set(lot, { position: 0, userId, enteredAt: null });
        queue.lotOf.set(userId, lot);
        if (!queue.drawn) queue.lots++;
      }
    },
    async close(queueId) {
      of(queueId).closed = true;
    },
    async *collected(queueId) {
      let some: string[] = [];
      for (const [lot, { position }] of of(queueId).byLot) {
        if (position === 0) some.push(lot);
        if (some.length < lotsAtOnce) continue;
        yield some;
        some = [];
      }
      if (some.length > 0) yield some;
    },
    async place(queueId, first, lots) {
      const { byLot } = of(queueId);
      lots.forEach((lot, n) => {
        const { userId = null, enteredAt = null } = byLot.get(lot) ?? {};
        byLot.set(lot, { position: first + n, userId, enteredAt });
      });
    },
    async drawn(queueId, count) {
      const queue = of(queueId);
      if (queue.drawn) return;
      const taken = Math.max(queue.taken, count + queue.late);
      Object.assign(queue, { closed: true, drawn: true, lots: count, taken });
    },
    async raise(queueId, { taken, served }) {
      const queue = of(queueId);
      queue.taken = Math.max(queue.taken, taken);
      queue.served = Math.max(queue.served, served);
    },
    serve: async (queueId, asked) => serve(of(queueId), asked),
    enter: async (queueId, asked) => enter(of(queueId), asked),
    async leave(queueId, lot) {
      of(queueId).inside.delete(lot);
    },
    async inside(queueId, now) {
      purge(of(queueId), now);
      return of(queueId).inside.size;
    },
    async forget(queueId) {
      queues.delete(queueId);
    },
  };
}

function purge({ inside, full }: Queue, now: EpochMs) {
  inside.purge(now);
  full.purge(now);
}

/** Once lots are drawn, who came behind them has a number like all others. */
const placeIn = ({ drawn, lots }: Queue, position: number): number =>
  drawn && position < 0 ? lots - position : position;

function isLost({ position, enteredAt }: Lot, queue: Queue, now: EpochMs, stayMs: number): boolean {
  if (enteredAt !== null) return now > enteredAt + stayMs;
  if (position <= 0 || position > queue.lost) return false;
  purge(queue, now);
  return !queue.full.has(position) && !queue.inside.has(position);
}

function join(queue: Queue, { lot: own, userId, now, opensAt, known, stayMs }: JoinQueue) {
  const lot = queue.lotOf.get(userId) ?? own;
  const mine = queue.byLot.get(lot);
  if (mine && mine.userId !== null && mine.userId !== userId) return "other";
  queue.lotOf.set(userId, lot);
  if (mine) {
    mine.userId = userId;
    mine.position = placeIn(queue, mine.position);
    const missedDraw = mine.position === 0 && queue.drawn;
    if (!missedDraw && !isLost(mine, queue, now, stayMs)) return { lot, position: mine.position };
  }
  const position = (mine ? null : again(queue, known)) ?? next(queue, now >= opensAt);
  queue.byLot.set(lot, { position, userId, enteredAt: null });
  return { lot, position };
}

/** A place that we signed and have lost here. */
function again(queue: Queue, known: number | null): number | null {
  if (known === null || (known === 0 && queue.closed)) return null;
  if (known === 0) queue.lots++;
  if (known < 0 && !queue.drawn) queue.late = Math.max(queue.late, -known);
  const position = placeIn(queue, known);
  if (position > 0 && position <= queue.lost) return null;
  queue.taken = Math.max(queue.taken, position);
  return position;
}

function next(queue: Queue, isOpening: boolean): number {
  if (queue.drawn) return ++queue.taken;
  if (queue.closed || isOpening) return -++queue.late;
  queue.lots++;
  return 0;
}

function serve(queue: Queue, { count, now, calledMs, keepMs, activeMax, seats }: ServeQueue): QueueState {
  const { taken, served, calls, inside, full } = queue;
  purge(queue, now);
  for (const position of [...full.keys()].toSorted((a, b) => a - b).slice(0, Math.max(0, activeMax - inside.size))) {
    full.delete(position);
    inside.set(position, now + calledMs);
  }
  const to = Math.max(served, Math.min(taken, served + Math.min(count, activeMax - inside.size)));
  for (let position = served + 1; position <= to; position++) inside.set(position, now + calledMs);
  if (to > served) calls.push({ at: now, served: to });
  while (calls.length > 1 && calls[1]!.at <= now - keepMs) calls.shift();
  const lost = calls.length > 0 && calls[0]!.at <= now - keepMs ? calls[0]!.served : 0;
  Object.assign(queue, { served: to, lost: Math.max(lost, queue.lost), seats });
  return stateOf(queue);
}

function enter(
  queue: Queue,
  { lot, userId, position: signed, now, insideMs, activeMax, stayMs }: EnterQueue,
): EnteredQueue {
  const mine = queue.byLot.get(lot) ?? { position: 0, userId, enteredAt: null };
  mine.position = placeIn(queue, mine.position === 0 ? signed : mine.position);
  const turn = (what: EnteredQueue["turn"]) => ({ turn: what, position: mine.position });
  if (mine.userId !== null && mine.userId !== userId) return turn("other");
  mine.userId = userId;
  queue.byLot.set(lot, mine);
  if (!queue.drawn || mine.position > queue.served) return turn("waits");
  if (mine.position === 0) return turn("lost");
  purge(queue, now);
  const { inside, full } = queue;
  if (isLost(mine, queue, now, stayMs)) {
    inside.delete(lot);
    return turn("lost");
  }
  if (!inside.has(lot) && !inside.delete(mine.position) && !isRoomFor(mine.position, queue, activeMax)) {
    full.set(mine.position, now + insideMs);
    return turn("full");
  }
  full.delete(mine.position);
  inside.set(lot, now + insideMs);
  mine.enteredAt ??= now;
  return turn("inside");
}

/** Beside those inside and those who were called before and found it full. */
function isRoomFor(position: number, { inside, full }: Queue, activeMax: number): boolean {
  // Mostly nobody needs to be counted.
  if (inside.size >= activeMax || full.size === 0) return inside.size < activeMax;
  const ahead = [...full.keys()].filter((other) => other < position).length;
  return inside.size + ahead < activeMax;
}
