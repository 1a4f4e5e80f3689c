/** The smallest store of queues. */
import type { KeptQueue, QueueMarks, TakenLot } from "@chepiao/contracts";
import { endOf, noMarks, type QueueStore } from "./queueStore.ts";

export function createMemoryQueueStore(): QueueStore {
  const queues = new Map<string, KeptQueue>();
  /** Pages of lists and of draws: by queue, root (none for a draw), page. */
  const pages = new Map<string, readonly string[]>();
  const takenOf = new Map<string, Map<string, TakenLot>>();
  const keyOf = (queueId: string, page: number, root = "") => `${queueId} ${root} ${page}`;

  function change(queueId: string, to: (marks: QueueMarks) => Partial<QueueMarks> | null): boolean {
    const known = queues.get(queueId);
    const changed = known ? to(known.marks) : null;
    if (known && changed) queues.set(queueId, { ...known, marks: { ...known.marks, ...changed } });
    return changed !== null;
  }

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
    async mark(queueId, { taken, served, lots }) {
      change(queueId, (marks) => ({
        taken: Math.max(marks.taken, taken),
        served: Math.max(marks.served, served),
        lots: Math.max(marks.lots, lots),
      }));
    },
    async putTaken(queueId, lots) {
      const taken = takenOf.get(queueId) ?? new Map<string, TakenLot>();
      takenOf.set(queueId, taken);
      for (const each of lots) if (!taken.has(each.lot)) taken.set(each.lot, each);
    },
    async taken(queueId, after, max) {
      const behind = [...(takenOf.get(queueId)?.values() ?? [])].filter(({ lot }) => lot > after);
      return behind.toSorted((a, b) => (a.lot < b.lot ? -1 : 1)).slice(0, max);
    },
    async putListed(queueId, root, page, lots) {
      const key = keyOf(queueId, page, root);
      if (!pages.has(key)) pages.set(key, [...lots]);
    },
    listed: async (queueId, root, page) => pages.get(keyOf(queueId, page, root)) ?? [],
    publishRoot: async (queueId, root, at) =>
      change(queueId, (marks) => (marks.root === null ? { root, rootAt: at } : null)),
    noteChance: async (queueId, chance) =>
      change(queueId, (marks) => (marks.root !== null && marks.chance === null ? { chance } : null)),
    async putPage(queueId, page, lots) {
      pages.set(keyOf(queueId, page), [...lots]);
    },
    page: async (queueId, page) => pages.get(keyOf(queueId, page)) ?? [],
    async reveal(queueId, drawn, seed) {
      change(queueId, (marks) => (marks.drawn === null ? { drawn, seed } : null));
    },
    async forget(endedBefore) {
      for (const { queueId } of [...queues.values()].filter((each) => endOf(each) < endedBefore)) {
        queues.delete(queueId);
        takenOf.delete(queueId);
        for (const key of pages.keys()) if (key.startsWith(`${queueId} `)) pages.delete(key);
      }
    },
  };
}
