/**
 * Lots on the disk before they are answered, for counters that a restart forgets. Those that come while some are being written go together with
 * the next: one wait for the disk serves many.
 */
import type { TakenLot } from "@chepiao/contracts";
import type { QueueStore } from "@chepiao/ports/queue-store";

export type TakenLots = {
  put(queueId: string, taken: TakenLot): Promise<void>;
  /** No lot of other queues is taken any more. */
  keepOnly(queueIds: ReadonlySet<string>): void;
};

export function createTakenLots(store: Pick<QueueStore, "putTaken">): TakenLots {
  /** By queue, so that who asks for his lot again, as each page does, costs nothing. */
  const written = new Map<string, Set<string>>();
  let gathering = new Map<string, TakenLot[]>();
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  async function write() {
    const batch = gathering;
    gathering = new Map();
    next = null;
    for (const [queueId, lots] of batch) {
      await store.putTaken(queueId, lots);
      const known = written.get(queueId) ?? new Set();
      written.set(queueId, known);
      for (const { lot } of lots) known.add(lot);
    }
  }

  return {
    put(queueId, taken) {
      if (written.get(queueId)?.has(taken.lot)) return Promise.resolve();
      const lots = gathering.get(queueId) ?? [];
      gathering.set(queueId, lots);
      lots.push(taken);
      // A batch that failed is no reason not to write the next.
      next ??= writing = writing.then(write, write);
      return next;
    },
    keepOnly(queueIds) {
      for (const queueId of written.keys()) if (!queueIds.has(queueId)) written.delete(queueId);
    },
  };
}
