/** The smallest store of deliveries. */
import type { UserId } from "@chepiao/kernel";
import type { Deliveries, Delivery, DeliveryKey } from "./deliveries.ts";

export type MemoryDeliveries = Deliveries & { all(): readonly Delivery[] };

export function createMemoryDeliveries(): MemoryDeliveries {
  const records = new Map<string, Delivery>();
  const keyOf = ({ userId, notificationId, channel }: DeliveryKey) => `${userId} ${notificationId} ${channel}`;
  const queued = () =>
    [...records.values()].filter(({ state }) => state === "queued").toSorted((a, b) => a.dueAt - b.dueAt);
  const ofUser = (userId: UserId) => [...records.values()].filter((each) => each.userId === userId);
  const remove = (some: readonly Delivery[]) => some.forEach((each) => records.delete(keyOf(each)));

  return {
    all: () => [...records.values()],
    async add(deliveries) {
      for (const each of deliveries)
        if (!records.has(keyOf(each)))
          records.set(keyOf(each), { ...each, state: "queued", tries: 0, dueAt: each.at, lastError: null });
    },
    async claim({ now, until, limit }) {
      const due = queued().filter(({ dueAt }) => dueAt <= now);
      const claimed = due.slice(0, limit).map((each) => ({ ...each, tries: each.tries + 1, dueAt: until }));
      for (const each of claimed) records.set(keyOf(each), each);
      return claimed;
    },
    async settle(key, tries, outcome) {
      const found = records.get(keyOf(key));
      if (found?.state !== "queued" || (outcome.state !== "sent" && found.tries !== tries)) return;
      const dueAt = outcome.state === "queued" ? outcome.dueAt : outcome.at;
      records.set(keyOf(key), { ...found, state: outcome.state, lastError: outcome.lastError, dueAt });
    },
    find: async ({ userId, kind, state, limit }) =>
      [...records.values()]
        .filter(
          (each) =>
            (userId === undefined || each.userId === userId) &&
            (kind === undefined || each.kind === kind) &&
            (state === undefined || each.state === state),
        )
        .toSorted((a, b) => b.at - a.at || (a.notificationId < b.notificationId ? 1 : -1))
        .slice(0, limit),
    waiting: async (max) =>
      queued()
        .slice(0, max)
        .map(({ at, dueAt, tries }) => ({ at, dueAt, tries })),
    async queueAgain(seen, now) {
      const found = records.get(keyOf(seen));
      if (!found || found.state === "queued" || found.tries !== seen.tries) return false;
      records.set(keyOf(seen), { ...found, state: "queued", dueAt: now });
      return true;
    },
    async backlog(max) {
      const all = queued();
      return { queued: Math.min(max, all.length), dueSince: all[0]?.dueAt ?? null };
    },
    erase: async (userId) => remove(ofUser(userId)),
    async forget(before, limit) {
      const old = [...records.values()].filter(({ at }) => at < before).slice(0, limit);
      remove(old);
      return old.length;
    },
  };
}
