/**
 * Sessions on Redis. What a cluster cannot promise: a failover may lose the last second or so of writes. Then a user who has
 * just logged in must do it again, and a session that was just ended lasts until it expires, or is ended again.
 */
import { epochMs, type UserId } from "@chepiao/kernel";
import { type SessionRecord, type SessionStore, slotOfSession } from "@chepiao/ports/session-store";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import { keyIn, type Part, partOfSlot, partOfUser, partTags } from "../parts.ts";
import functions from "./sessions.lua" with { type: "text" };

const sessionFunctions = {
  name: "sessions",
  files: [functions],
  functions: { create: "writes", slide: "writes", finish: "writes" },
} as const;

export function createRedisSessionStore(redis: Redis): SessionStore {
  const library = createLibrary(redis, sessionFunctions);
  const sessionKey = (sessionId: string) => redis.key(keyIn(partOf(sessionId), "session", sessionId));
  const userKey = (part: Part, userId: UserId) => redis.key(keyIn(part, "sessions", userId));
  const endsKey = (part: Part) => redis.key(keyIn(part, "session-ends", "all"));
  const keysOf = (sessionId: string, userId: UserId) => [
    sessionKey(sessionId),
    userKey(partOf(sessionId), userId),
    endsKey(partOf(sessionId)),
  ];

  async function find(sessionId: string): Promise<SessionRecord | null> {
    const { user, created, seen, ends, agent } = await redis.ask((cluster) => cluster.hgetall(sessionKey(sessionId)));
    if (user === undefined) return null;
    return {
      sessionId,
      userId: Number(user) as UserId,
      createdAt: epochMs(Number(created)),
      lastSeenAt: epochMs(Number(seen)),
      expiresAt: epochMs(Number(ends)),
      userAgent: agent ?? "",
    };
  }

  const idsOf = (userId: UserId) =>
    redis.ask((cluster) => cluster.zrange(userKey(partOfUser(userId), userId), "0", "-1"));

  async function finish(userId: UserId, sessionId: string, ...expiredBy: number[]) {
    const gone = await library.call("finish", keysOf(sessionId, userId), [sessionId, userId, ...expiredBy]);
    return Number(gone) === 1;
  }

  return {
    find,
    async create({ sessionId, userId, createdAt, lastSeenAt, expiresAt, userAgent }) {
      const args = [sessionId, userId, createdAt, lastSeenAt, expiresAt, userAgent];
      await library.call("create", keysOf(sessionId, userId), args);
    },
    async slide(sessionId, lastSeenAt, expiresAt, openedAfter) {
      const keys = [sessionKey(sessionId), sessionKey(sessionId), endsKey(partOf(sessionId))];
      return Number(await library.call("slide", keys, [sessionId, lastSeenAt, expiresAt, openedAfter])) === 1;
    },
    end: (userId, sessionId) => finish(userId, sessionId),
    async endAll(userId, but = null) {
      const others = (await idsOf(userId)).filter((sessionId) => sessionId !== but);
      const ended = await Promise.all(others.map((sessionId) => finish(userId, sessionId)));
      return ended.includes(true);
    },
    async listOf(userId) {
      const found = await Promise.all((await idsOf(userId)).map(find));
      return found.filter((session) => session !== null);
    },
    async purge(expiredBy, limit) {
      const expired = await Promise.all(
        partTags.map((_, part) =>
          redis.ask((cluster) =>
            cluster.zrange(endsKey(part), "-inf", String(expiredBy), "BYSCORE", "LIMIT", 0, limit),
          ),
        ),
      );
      const gone = await Promise.all(
        expired
          .flat()
          .slice(0, limit)
          .map((member) => {
            const [user, sessionId] = member.split(" ") as [string, string];
            return finish(Number(user) as UserId, sessionId, expiredBy);
          }),
      );
      return gone.filter(Boolean).length;
    },
  };
}

const partOf = (sessionId: string): Part => partOfSlot(slotOfSession(sessionId));
