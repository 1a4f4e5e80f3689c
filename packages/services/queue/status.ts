/** What everybody may know of a queue. Kept for a moment, so that a million people who look cost the store two questions a second. */
import type { KeptQueue, QueuePhase, QueueStatus } from "@chepiao/contracts";
import { formatInZone, type EpochMs, type ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { QueueCounters, QueueState } from "@chepiao/ports/queue-counters";
import { endOf } from "@chepiao/ports/queue-store";

export const stateFreshMs = 500;

export function phaseOf(queue: KeptQueue, now: EpochMs): QueuePhase {
  if (now >= endOf(queue)) return "ended";
  if (now < queue.collectsFrom) return "announced";
  if (queue.marks.drawn !== null) return "open";
  return now < queue.opensAt ? "collecting" : "drawing";
}

export const isOver = (queue: KeptQueue, now: EpochMs): boolean => now >= endOf(queue);

/** The counters as one process has read them. What was called stays called, whatever a failover makes of the counter: no place ever grows. */
export function createStates(counters: Pick<QueueCounters, "state">, clock: Pick<Clock, "now">) {
  const known = new Map<string, { state: QueueState; at: number }>();
  const asking = new Map<string, Promise<QueueState>>();

  /** Also of a state that was heard otherwise. */
  function note(queueId: string, state: QueueState): QueueState {
    const before = known.get(queueId)?.state;
    const further = before ? furtherOf(before, state) : state;
    known.set(queueId, { state: further, at: clock.now() });
    return further;
  }

  function read(queueId: string): QueueState | Promise<QueueState> {
    const last = known.get(queueId);
    if (last && clock.now() - last.at < stateFreshMs) return last.state;
    let ask = asking.get(queueId);
    if (!ask) {
      ask = counters
        .state(queueId)
        .then((state) => note(queueId, state))
        .finally(() => asking.delete(queueId));
      asking.set(queueId, ask);
    }
    return ask;
  }

  /** As it was last heard; for gauges. */
  const last = (queueId: string): QueueState | null => known.get(queueId)?.state ?? null;

  function keepOnly(queueIds: ReadonlySet<string>) {
    for (const queueId of known.keys()) if (!queueIds.has(queueId)) known.delete(queueId);
  }

  return { read, note, last, keepOnly };
}

export type States = ReturnType<typeof createStates>;

const furtherOf = (before: QueueState, state: QueueState): QueueState => ({
  ...state,
  taken: Math.max(before.taken, state.taken),
  served: Math.max(before.served, state.served),
  lots: state.drawn ? state.lots : Math.max(before.lots, state.lots),
  lost: Math.max(before.lost, state.lost),
});

export const announcedView = (queue: KeptQueue, now: EpochMs, zone: ZoneName) => ({
  queueId: queue.queueId,
  scope: queue.scope,
  collectsFrom: formatInZone(queue.collectsFrom, zone),
  opensAt: formatInZone(queue.opensAt, zone),
  endsAt: formatInZone(endOf(queue), zone),
  ended: isOver(queue, now),
  seedHash: queue.seedHash,
  chanceFrom: queue.chanceFrom,
});

export function statusView(queue: KeptQueue, state: QueueState, now: EpochMs, zone: ZoneName): QueueStatus {
  const { marks, perMinute, keepMs } = queue;
  return {
    ...announcedView(queue, now, zone),
    phase: phaseOf(queue, now),
    lots: marks.drawn ?? state.lots,
    taken: state.taken,
    served: state.served,
    lost: state.lost,
    waiting: Math.max(0, state.taken - state.served),
    perMinute,
    keepSeconds: keepMs / 1_000,
    seatsLeft: state.seats,
    root: marks.root,
    chance: marks.chance,
    // Only once the places follow from it: who knows it before could wish for another list.
    seed: marks.seed,
    now: formatInZone(now, zone),
  };
}
