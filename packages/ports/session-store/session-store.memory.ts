/** Sessions in a map: the smallest store that keeps the promises, all but outliving the process. */
import type { SessionRecord, SessionStore } from "./session-store.ts";

export function createMemorySessionStore(): SessionStore {
  const sessions = new Map<string, SessionRecord>();
  const ofUser = (userId: number) => [...sessions.values()].filter((session) => session.userId === userId);
  return {
    create: async (session) => void sessions.set(session.sessionId, session),
    find: async (sessionId) => sessions.get(sessionId) ?? null,
    async slide(sessionId, lastSeenAt, expiresAt, openedAfter) {
      const session = sessions.get(sessionId);
      if (!session || session.createdAt <= openedAfter) return false;
      sessions.set(sessionId, { ...session, lastSeenAt, expiresAt });
      return true;
    },
    end: async (userId, sessionId) => sessions.get(sessionId)?.userId === userId && sessions.delete(sessionId),
    async endAll(userId, but = null) {
      const ended = ofUser(userId).filter(({ sessionId }) => sessionId !== but);
      for (const { sessionId } of ended) sessions.delete(sessionId);
      return ended.length > 0;
    },
    listOf: async (userId) => ofUser(userId).sort((a, b) => a.createdAt - b.createdAt),
    async purge(expiredBy, limit) {
      const expired = [...sessions.values()].filter((session) => session.expiresAt <= expiredBy).slice(0, limit);
      for (const { sessionId } of expired) sessions.delete(sessionId);
      return expired.length;
    },
  };
}
