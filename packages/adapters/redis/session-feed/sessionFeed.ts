/**
 * Word of ended sessions between processes, by sharded pub/sub on one channel. Word is lost while its node is away, and while a process
 * connects anew; each process asks the store about each of its sessions within a minute.
 */
import { secondMs, type UserId } from "@chepiao/kernel";
import type { SessionChange, SessionFeed } from "@chepiao/ports/session-feed";
import type { Redis } from "../openRedis.ts";

const subscribeAgainMs = secondMs;

export function createRedisSessionFeed(redis: Redis): SessionFeed & Disposable {
  const { cluster } = redis;
  const channel = redis.key("session-feed");
  const followers = new Set<(change: SessionChange) => void>();
  let isClosed = false;
  let isSubscribed = false;

  const hear = (from: string, text: string) => {
    const change = from === channel ? changeIn(text) : null;
    if (change) for (const heard of followers) heard(change);
  };
  cluster.on("smessage", hear);

  /** Once, by the first who follows; the driver does so again on each new connection. */
  async function subscribe() {
    while (!isClosed) {
      try {
        await redis.ask(() => cluster.ssubscribe(channel));
        return;
      } catch {
        await Bun.sleep(subscribeAgainMs);
      }
    }
  }

  return {
    changed({ userId, sessionId }) {
      redis.ask(() => cluster.spublish(channel, JSON.stringify([userId, sessionId]))).catch(() => {});
    },
    follow(heard) {
      followers.add(heard);
      if (!isSubscribed) {
        isSubscribed = true;
        void subscribe();
      }
      return () => void followers.delete(heard);
    },
    [Symbol.dispose]() {
      isClosed = true;
      cluster.off("smessage", hear);
    },
  };
}

/** Null where it is not what this version tells. */
function changeIn(text: string): SessionChange | null {
  try {
    const [userId, sessionId] = JSON.parse(text) as [unknown, unknown];
    const isChange = Number.isSafeInteger(userId) && (sessionId === null || typeof sessionId === "string");
    return isChange ? { userId: userId as UserId, sessionId: sessionId } : null;
  } catch {
    return null;
  }
}
