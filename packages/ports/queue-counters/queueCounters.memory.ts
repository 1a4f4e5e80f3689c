/** The smallest counters of queues, in one process. A restart forgets them: places are signed, and draws are kept in SQL. */
import type { EpochMs, UserId } from "@chepiao/kernel";
import type { JoinQueue, QueueCounters, QueueState } from "./queueCounters.ts";

type Lot = { position: number; userId: UserId | null; enteredAt: EpochMs | null };

type Queue = Omit<QueueState, "lots"> & {
  readonly lotCount: number | null;
  readonly lots: Map<string, Lot>;
  /** Until when, by lot, or by place for those who were called. */
  readonly inside: Map<string | number, number>;
  /** What was called by when, as long as it matters to who loses a place. */
  readonly calls: { at: EpochMs; served: number }[];
};

const lotsAtOnce = 1_000;

export function createMemoryQueueCounters(): QueueCounters {
  const queues = new Map<string, Queue>();

  const of = (queueId: string): Queue => {
    const known = queues.get(queueId);
    if (known) return known;
    const queue: Queue = {
      lots: new Map(),
      lotCount: null,
      inside: new Map(),
      calls: [],
      closed: false,
      drawn: false,
      taken: 0,
      served: 0,
      lost: 0,
      seats: null,
    };
    queues.set(queueId, queue);
    return queue;
  };
  const change = (queueId: string, to: Partial<Queue>) => void queues.set(queueId, { ...of(queueId), ...to });

  const stateOf = ({ lots, lotCount, closed, drawn, taken, served, lost, seats }: Queue): QueueState => ({
    lots: lotCount ?? lots.size,
    closed,
    drawn,
    taken,
    served,
    lost,
    seats,
  });

  function close(queueId: string) {
    const { closed, lots, taken } = of(queueId);
    if (!closed) change(queueId, { closed: true, lotCount: lots.size, taken: Math.max(taken, lots.size) });
  }

  function next(queueId: string): number {
    change(queueId, { taken: of(queueId).taken + 1 });
    return of(queueId).taken;
  }

  function isLost({ position, enteredAt }: Lot, { lost }: Queue, now: EpochMs, stayMs: number): boolean {
    if (enteredAt !== null) return now > enteredAt + stayMs;
    return position > 0 && position <= lost;
  }

  function join(queueId: string, { lot, userId, now, opensAt, known, stayMs }: JoinQueue) {
    const queue = of(queueId);
    const mine = queue.lots.get(lot);
    if (mine && mine.userId !== null && mine.userId !== userId) return "other";
    if (mine && !isLost(mine, queue, now, stayMs) && (mine.position > 0 || !queue.drawn)) {
      mine.userId = userId;
      return mine.position;
    }
    if (now >= opensAt) close(queueId);
    if (known > of(queueId).taken) change(queueId, { taken: known });
    const isKept = !mine && known > 0 && known > queue.lost;
    const position = isKept ? known : of(queueId).closed ? next(queueId) : 0;
    queue.lots.set(lot, { position, userId, enteredAt: null });
    return position;
  }

  function purge({ inside }: Queue, now: EpochMs) {
    for (const [who, until] of inside) if (until <= now) inside.delete(who);
  }

  return {
    state: async (queueId) => stateOf(of(queueId)),
    join: async (queueId, asked) => join(queueId, asked),
    close: async (queueId) => close(queueId),
    async *collected(queueId) {
      const waiting = [...of(queueId).lots].flatMap(([lot, { position }]) => (position === 0 ? [lot] : []));
      for (let start = 0; start < waiting.length; start += lotsAtOnce) yield waiting.slice(start, start + lotsAtOnce);
    },
    async place(queueId, first, lots) {
      const queue = of(queueId);
      lots.forEach((lot, n) => {
        const { userId = null, enteredAt = null } = queue.lots.get(lot) ?? {};
        queue.lots.set(lot, { position: first + n, userId, enteredAt });
      });
    },
    async drawn(queueId, count) {
      change(queueId, { closed: true, drawn: true, lotCount: count, taken: Math.max(of(queueId).taken, count) });
    },
    async raise(queueId, known) {
      const { taken, served } = of(queueId);
      change(queueId, { taken: Math.max(taken, known.taken), served: Math.max(served, known.served) });
    },
    async serve(queueId, { count, now, calledMs, keepMs, seats }) {
      const { taken, served, calls, inside } = of(queueId);
      const to = Math.max(served, Math.min(taken, served + count));
      for (let position = served + 1; position <= to; position++) inside.set(position, now + calledMs);
      if (to > served) calls.push({ at: now, served: to });
      while (calls.length > 1 && calls[1]!.at <= now - keepMs) calls.shift();
      const lost = calls.length > 0 && calls[0]!.at <= now - keepMs ? calls[0]!.served : 0;
      change(queueId, { served: to, lost: Math.max(lost, of(queueId).lost), seats });
      return stateOf(of(queueId));
    },
    async enter(queueId, { lot, userId, position: signed, now, insideMs, activeMax, stayMs }) {
      const queue = of(queueId);
      const mine = queue.lots.get(lot) ?? { position: 0, userId, enteredAt: null };
      if (mine.position === 0) mine.position = signed;
      const turn = (what: "waits" | "inside" | "full" | "lost" | "other") => ({ turn: what, position: mine.position });
      if (mine.userId !== null && mine.userId !== userId) return turn("other");
      mine.userId = userId;
      queue.lots.set(lot, mine);
      if (!queue.drawn || mine.position > queue.served) return turn("waits");
      if (mine.position === 0) return turn("lost");
      purge(queue, now);
      const { inside } = queue;
      if (isLost(mine, queue, now, stayMs)) {
        inside.delete(lot);
        return turn("lost");
      }
      if (!inside.has(lot) && !inside.delete(mine.position) && inside.size >= activeMax) return turn("full");
      inside.set(lot, now + insideMs);
      mine.enteredAt ??= now;
      return turn("inside");
    },
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
