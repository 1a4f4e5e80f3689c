/**
 * What time brings to a queue: no lot is taken any more, the root of the lots is published, they are drawn, people are called, and it ends by
 * itself. One process of all does it; each step may be done twice, and one that dies is gone on with from what is in SQL.
 */
import type { KeptQueue } from "@chepiao/contracts";
import {
  assert,
  type EpochMs,
  epochMs,
  hourMs,
  minuteMs,
  queueCalledMs,
  queueKeptMs,
  queueLostGraceMs,
  queueLotsPerPage,
  queueRootShownMs,
  secondMs,
} from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { QueueCounters, QueueState } from "@chepiao/ports/queue-counters";
import type { QueueStore } from "@chepiao/ports/queue-store";
import type { Vault } from "@chepiao/ports/vault";
import type { Work } from "@chepiao/room";
import { decideAdmission } from "./admission.ts";
import { pagesOf } from "./api.ts";
import type { ByLoad } from "./byLoad.ts";
import { commitmentOf, drawLots, inOrder, merkleRoot } from "./draw.ts";
import { seedsBy } from "./seeds.ts";
import { isOver, type States } from "./status.ts";
import type { TakenLots } from "./takenLots.ts";

export type KeeperDeps = {
  readonly clock: Clock;
  readonly vault: Pick<Vault, "secret">;
  readonly store: QueueStore;
  readonly counters: QueueCounters;
  readonly states: States;
  readonly takenLots: TakenLots | null;
  readonly byLoad: ByLoad;
  /** Seats of the run that are left; null for a queue of a day. */
  readonly seatsLeft: (queue: KeptQueue) => Promise<number | null>;
  readonly report: (message: string, error?: unknown) => void;
};

export type Keeper = {
  /** One look at all queues. */
  pass(): Promise<void>;
  /** Counters in memory are made from what is in SQL, before the doors open. */
  reload(): Promise<void>;
  readonly work: readonly Work[];
};

const passEveryMs = secondMs;
const seatsEveryMs = 5 * secondMs;
/** A queue in which nobody waits is over, but not before those who come to an opening have come. */
const leastOpenMs = 5 * minuteMs;

/** What this process remembers of a queue from one pass to the next. */
type Round = { credit: number; at: EpochMs; seats: number | null; seatsAt: number };

export function createKeeper(deps: KeeperDeps): Keeper {
  const { clock, vault, store, counters, states, takenLots, byLoad, report } = deps;
  const rounds = new Map<string, Round>();
  /** Lots of queues that are about to be drawn, as far as they were found. */
  const collecting = new Map<string, Set<string>>();
  const pause = () => sleep(clock, 0);

  async function collect(queueId: string, lots: Set<string>): Promise<void> {
    for await (const some of counters.collected(queueId)) {
      for (const lot of some) lots.add(lot);
      await pause();
    }
  }

  /** How many lots there are, for whoever has to know later whether some were lost. */
  async function watchLots(queue: KeptQueue): Promise<void> {
    await noteMarks(queue, states.note(queue.queueId, await counters.state(queue.queueId)));
  }

  /**
   * No lot is taken any more: the list is kept, and its root is published, once. Where counters have fewer lots than were seen, those who show one that
   * we signed have a while to hand it in again; and where fewer are collected than there are, because another node took over meanwhile, they are
   * collected again.
   */
  async function publish({ queueId, opensAt, marks }: KeptQueue): Promise<void> {
    const { closed, lots } = await counters.state(queueId);
    const seen = Math.max(marks.lots, states.last(queueId)?.lots ?? 0);
    const isPatient = () => clock.now() < opensAt + queueLostGraceMs;
    if (!closed && lots < seen && isPatient()) return;
    const found = collecting.get(queueId) ?? new Set();
    collecting.set(queueId, found);
    await counters.close(queueId);
    await collect(queueId, found);
    const after = await counters.state(queueId);
    if ((!after.closed || found.size < after.lots) && isPatient()) return;
    const list = await inOrder(found, (lot) => lot, pause);
    const most = Math.max(seen, after.lots);
    if (list.length < most) report(`of ${most} lots of queue ${queueId} ${most - list.length} are lost`);
    const root = await merkleRoot(list, pause);
    await inPages(list, (page, some) => store.putListed(queueId, root, page, some));
    await store.publishRoot(queueId, root, clock.now());
  }

  /** From the list whose root is published, once everybody has had time to read that, and the chance is known where one was announced. */
  async function draw({ queueId, seedHash, chanceFrom, marks }: KeptQueue): Promise<void> {
    const { root, rootAt, chance } = marks;
    if (root === null || clock.now() < (rootAt ?? 0) + queueRootShownMs) return;
    if (chanceFrom !== null && chance === null) return;
    const seed = seedsBy(vault)(queueId);
    if (commitmentOf(seed) !== seedHash)
      throw new Error("the secret of its seed was replaced: end it and announce another");
    const list = await listed(queueId, root);
    assert((await merkleRoot(list, pause)) === root, "the list is the one whose root was published");
    const drawn = await drawLots({ seed, root, chance: chanceFrom === null ? null : chance }, list, pause);
    await inPages(drawn, (page, some) => store.putPage(queueId, page, some));
    // From here on it is as it is: whoever goes on reads the pages.
    await store.reveal(queueId, drawn.length, seed);
  }

  async function listed(queueId: string, root: string): Promise<string[]> {
    const list: string[] = [];
    for (let page = 0; ; page++) {
      const some = await store.listed(queueId, root, page);
      for (const lot of some) list.push(lot);
      if (some.length < queueLotsPerPage) return list;
    }
  }

  /** Lots that were taken before a restart. */
  async function restoreLots(queueId: string): Promise<void> {
    let after = "";
    for (;;) {
      const lots = await store.taken(queueId, after, queueLotsPerPage);
      if (lots.length === 0) return;
      await counters.take(queueId, lots);
      after = lots.at(-1)!.lot;
    }
  }

  /** What was drawn, given and called is put in where the counters have not got it, or have lost it. */
  async function restore({ queueId, marks }: KeptQueue, state: QueueState): Promise<void> {
    if (!state.drawn) {
      await restoreLots(queueId);
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
    const served = await counters.serve(queueId, {
      count,
      now,
      calledMs: queueCalledMs,
      keepMs,
      activeMax,
      seats,
    });
    await noteMarks(queue, states.note(queueId, served));
    const isDone = waiting === 0 && inside < activeMax && now >= opensAt + leastOpenMs;
    if (isDone && byLoad.mayEnd(queue)) await store.end(queueId, now);
  }

  async function noteMarks({ queueId, marks }: KeptQueue, { taken, served, lots }: QueueState): Promise<void> {
    if (taken > marks.taken || served > marks.served || lots > marks.lots)
      await store.mark(queueId, { taken, served, lots });
  }

  async function passOf(queue: KeptQueue): Promise<void> {
    const now = clock.now();
    const { collectsFrom, opensAt, marks } = queue;
    if (queue.kind === "exempt" || isOver(queue, now) || now < collectsFrom) return;
    if (marks.drawn !== null) return letIn(queue);
    if (now < opensAt) return watchLots(queue);
    return marks.root === null ? publish(queue) : draw(queue);
  }

  async function watchLoad(queues: readonly KeptQueue[]): Promise<void> {
    try {
      await byLoad.watch(queues);
    } catch (error) {
      report("nobody knows how busy it is; no queue is switched on or off by that", error);
    }
  }

  async function pass(): Promise<void> {
    const queues = await store.all();
    await watchLoad(queues);
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
    const undrawn = new Set(queues.filter(({ marks }) => marks.root === null).map(({ queueId }) => queueId));
    takenLots?.keepOnly(undrawn);
    for (const queueId of collecting.keys()) if (!undrawn.has(queueId)) collecting.delete(queueId);
    for (const queueId of rounds.keys()) if (!known.has(queueId)) rounds.delete(queueId);
  }

  async function reload(): Promise<void> {
    const now = clock.now();
    for (const queue of await store.all())
      if (queue.marks.drawn === null && !isOver(queue, now)) await restoreLots(queue.queueId);
    await pass();
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
  return { pass, reload, work: [job("queues", passEveryMs, pass), job("queues of before", hourMs, forget)] };
}

async function inPages(
  lots: readonly string[],
  put: (page: number, lots: readonly string[]) => Promise<void>,
): Promise<void> {
  for (let page = 0; page < pagesOf(lots.length); page++)
    await put(page, lots.slice(page * queueLotsPerPage, (page + 1) * queueLotsPerPage));
}
