/**
 * What time brings to a queue: no lot is taken any more, the root of the lots is published, they are drawn, people are called, and it ends by
 * itself. One process of all does it; each step may be done twice, and one that dies is gone on with from what is in SQL.
 */
import type { KeptQueue, QueueMarks } from "@chepiao/contracts";
import {
  type EpochMs,
  epochMs,
  hourMs,
  minuteMs,
  queueCalledMs,
  queueKeptMs,
  queueLotsPerPage,
  secondMs,
} from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { QueueCounters, QueueState } from "@chepiao/ports/queue-counters";
import type { QueueStore } from "@chepiao/ports/queue-store";
import type { Work } from "@chepiao/room";
import { decideAdmission } from "./admission.ts";
import { pagesOf } from "./api.ts";
import { drawLots, merkleRoot } from "./draw.ts";
import { isOver, type States } from "./status.ts";

export type KeeperDeps = {
  readonly clock: Clock;
  readonly store: QueueStore;
  readonly counters: QueueCounters;
  readonly states: States;
  /** Seats of the run that are left; null for a queue of a day. */
  readonly seatsLeft: (queue: KeptQueue) => Promise<number | null>;
  readonly report: (message: string, error?: unknown) => void;
};

export type Keeper = {
  /** One look at all queues. */
  pass(): Promise<void>;
  readonly work: readonly Work[];
};

const passEveryMs = secondMs;
const seatsEveryMs = 5 * secondMs;
/** A queue in which nobody waits is over, but not before those who come to an opening have come. */
const leastOpenMs = 5 * minuteMs;

/** What this process remembers of a queue from one pass to the next. */
type Round = { credit: number; at: EpochMs; seats: number | null; seatsAt: number };

export function createKeeper(deps: KeeperDeps): Keeper {
  const { clock, store, counters, states, report } = deps;
  const rounds = new Map<string, Round>();
  const pause = () => sleep(clock, 0);

  async function collected(queueId: string): Promise<Set<string>> {
    const lots = new Set<string>();
    for await (const some of counters.collected(queueId)) for (const lot of some) lots.add(lot);
    return lots;
  }

  /** First the root of the lots is published, and a look later they are drawn: nobody can add one who has heard the seed. */
  async function draw(queue: KeptQueue): Promise<void> {
    const { queueId, seed, marks } = queue;
    await counters.close(queueId);
    const lots = await collected(queueId);
    const root = await merkleRoot(lots, pause);
    if (marks.root !== root) {
      if (marks.root !== null)
        report(`the lots of queue ${queueId} are not those whose root was published; another is`);
      return store.mark(queueId, { ...marks, root });
    }
    const drawn = await drawLots(seed, root, lots, pause);
    for (let page = 0; page < pagesOf(drawn.length); page++)
      await store.putPage(queueId, page, drawn.slice(page * queueLotsPerPage, (page + 1) * queueLotsPerPage));
    // From here on it is as it is: whoever goes on reads the pages.
    await store.mark(queueId, { ...marks, root, drawn: drawn.length, taken: drawn.length });
  }

  /** What was drawn, given and called is put in where the counters have not got it, or have lost it. */
  async function restore({ queueId, marks }: KeptQueue, state: QueueState): Promise<void> {
    if (!state.drawn) {
      for (let page = 0; page < pagesOf(marks.drawn!); page++) {
        const lots = await store.page(queueId, page);
        await counters.place(queueId, 1 + page * queueLotsPerPage, lots);
      }
      await counters.drawn(queueId, marks.drawn!);
    }
    const known = states.last(queueId);
    const taken = Math.max(marks.taken, known?.taken ?? 0);
    const served = Math.max(marks.served, known?.served ?? 0);
    if (state.taken < taken || state.served < served) await counters.raise(queueId, { taken, served });
  }

  function roundOf({ queueId }: KeptQueue, now: EpochMs): Round {
    const known = rounds.get(queueId);
    if (known) return known;
    const round: Round = { credit: 1, at: now, seats: null, seatsAt: -Infinity };
    rounds.set(queueId, round);
    return round;
  }

  async function seatsOf(queue: KeptQueue, round: Round, now: EpochMs): Promise<number | null> {
    if (now - round.seatsAt < seatsEveryMs) return round.seats;
    round.seatsAt = now;
    try {
      round.seats = await deps.seatsLeft(queue);
    } catch (error) {
      report(`seats of ${queue.scope} could not be counted`, error);
    }
    return round.seats;
  }

  async function letIn(queue: KeptQueue): Promise<void> {
    const { queueId, activeMax, perMinute, keepMs, opensAt } = queue;
    await restore(queue, await counters.state(queueId));
    const state = states.note(queueId, await counters.state(queueId));
    const now = clock.now();
    const round = roundOf(queue, now);
    const inside = await counters.inside(queueId, now);
    const waiting = state.taken - state.served;
    const facts = { waiting, inside, activeMax, perMinute, credit: round.credit, elapsedMs: now - round.at };
    const { count, credit } = decideAdmission(facts);
    round.credit = credit;
    round.at = now;
    const seats = await seatsOf(queue, round, now);
    const served = await counters.serve(queueId, { count, now, calledMs: queueCalledMs, keepMs, seats });
    await noteMarks(queue, states.note(queueId, served));
    if (waiting === 0 && inside < activeMax && now >= opensAt + leastOpenMs) await store.end(queueId, now);
  }

  async function noteMarks({ queueId, marks }: KeptQueue, { taken, served }: QueueState): Promise<void> {
    if (taken === marks.taken && served === marks.served) return;
    await store.mark(queueId, { ...marks, taken, served } satisfies QueueMarks);
  }

  async function passOf(queue: KeptQueue): Promise<void> {
    const now = clock.now();
    if (isOver(queue, now) || now < queue.opensAt) return;
    await (queue.marks.drawn === null ? draw(queue) : letIn(queue));
  }

  async function pass(): Promise<void> {
    const queues = await store.all();
    for (const queue of queues) {
      try {
        await passOf(queue);
      } catch (error) {
        // Another queue need not wait for it.
        report(`queue ${queue.queueId} could not be looked after; trying again`, error);
      }
    }
    const known = new Set(queues.map(({ queueId }) => queueId));
    states.keepOnly(known);
    for (const queueId of rounds.keys()) if (!known.has(queueId)) rounds.delete(queueId);
  }

  async function forget(): Promise<void> {
    const before = epochMs(clock.now() - queueKeptMs);
    for (const queue of (await store.all()).filter((each) => isOver(each, before)))
      await counters.forget(queue.queueId);
    await store.forget(before);
  }

  const job = (name: string, everyMs: number, what: () => Promise<void>): Work => ({
    kind: "job",
    name,
    electedAs: "queues",
    everyMs,
    pass: what,
    failed: `queues could not be looked after (${name}); trying again`,
  });
  return { pass, work: [job("queues", passEveryMs, pass), job("queues of before", hourMs, forget)] };
}
