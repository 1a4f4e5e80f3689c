/** The smallest store of notifications. */
import type { NotificationPreferences } from "@chepiao/contracts";
import type { EpochMs, UserId } from "@chepiao/kernel";
import type { NotificationPlace, NotificationRecord, NotificationStore } from "./notificationStore.ts";

export type MemoryNotificationStore = NotificationStore & { all(): readonly NotificationRecord[] };

export function createMemoryNotificationStore(): MemoryNotificationStore {
  const records = new Map<string, NotificationRecord>();
  const chosen = new Map<UserId, NotificationPreferences>();
  const keyOf = (userId: UserId, notificationId: string) => `${userId} ${notificationId}`;
  const ofUser = (userId: UserId) => [...records.values()].filter((each) => each.userId === userId);

  function read(some: readonly NotificationRecord[], now: EpochMs) {
    for (const each of some)
      if (each.readAt === null) records.set(keyOf(each.userId, each.notificationId), { ...each, readAt: now });
  }

  return {
    all: () => [...records.values()],
    async add(notifications) {
      for (const each of notifications) {
        const key = keyOf(each.userId, each.notificationId);
        if (!records.has(key)) records.set(key, { ...each, readAt: null });
      }
    },
    ofUser: async (userId, { before, limit }) =>
      ofUser(userId)
        .filter((each) => before === undefined || isBefore(each, before))
        .toSorted((a, b) => (isBefore(a, b) ? 1 : -1))
        .slice(0, limit),
    unread: async (userId, max) => Math.min(max, ofUser(userId).filter(({ readAt }) => readAt === null).length),
    markRead: async (userId, notificationIds, now) =>
      read(
        ofUser(userId).filter(({ notificationId }) => notificationIds.includes(notificationId)),
        now,
      ),
    markReadUpTo: async (userId, place, now) =>
      read(
        ofUser(userId).filter((each) => !isBefore(place, each)),
        now,
      ),
    preferences: async (userId) => chosen.get(userId) ?? null,
    setPreferences: async (userId, preferences) => void chosen.set(userId, preferences),
    async erase(userId) {
      chosen.delete(userId);
      for (const { notificationId } of ofUser(userId)) records.delete(keyOf(userId, notificationId));
    },
    async forget(before, limit) {
      const old = [...records.values()].filter(({ at }) => at < before).slice(0, limit);
      for (const { userId, notificationId } of old) records.delete(keyOf(userId, notificationId));
      return old.length;
    },
  };
}

const isBefore = (a: NotificationPlace, b: NotificationPlace): boolean =>
  a.at < b.at || (a.at === b.at && a.notificationId < b.notificationId);
