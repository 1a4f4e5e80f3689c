/** The smallest store of queues. */
import type { KeptQueue } from "@chepiao/contracts";
import { endOf, furtherOf, noMarks, type QueueStore } from "./queueStore.ts";

export function createMemoryQueueStore(): QueueStore {
  const queues = new Map<string, KeptQueue>();
  const pages = new Map<string, readonly string[]>();
  const keyOf = (queueId: string, page: number) => `${queueId} ${page}`;
  return {
    all: async () => [...queues.values()].toSorted((a, b) => a.opensAt - b.opensAt),
    async announce(queue, now) {
      const isLive = ({ scope, ...other }: KeptQueue) => scope === queue.scope && endOf(other) > now;
      if (queues.has(queue.queueId) || [...queues.values()].some(isLive)) return false;
      queues.set(queue.queueId, { ...queue, marks: noMarks });
      return true;
    },
    async end(queueId, at) {
      const known = queues.get(queueId);
      if (!known || known.endedAt !== null) return false;
      queues.set(queueId, { ...known, endedAt: at });
      return true;
    },
    async mark(queueId, marks) {
      const known = queues.get(queueId);
      if (known) queues.set(queueId, { ...known, marks: furtherOf(known.marks, marks) });
    },
    async putPage(queueId, page, lots) {
      pages.set(keyOf(queueId, page), [...lots]);
    },
    page: async (queueId, page) => pages.get(keyOf(queueId, page)) ?? [],
    async forget(endedBefore) {
      for (const queue of [...queues.values()].filter((each) => endOf(each) < endedBefore)) {
        queues.delete(queue.queueId);
        for (const key of pages.keys()) if (key.startsWith(`${queue.queueId} `)) pages.delete(key);
      }
    },
  };
}
