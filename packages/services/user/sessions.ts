/**
 * Who is logged in. A session that was looked at within the last minute is answered from memory, without waiting; past that
 * the store is asked again, which notes the use and hears of what other processes ended, disabled or promoted.
 */
import type { SessionView } from "@chepiao/contracts";
import { type EpochMs, epochMs, sessionsPerUserMax, sessionTouchMs, sessionTtlMs, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Random } from "@chepiao/ports/random";
import type { SessionRecord, SessionStore } from "@chepiao/ports/session-store";
import type { UserStore } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import { LRUCache } from "lru-cache";
import { newToken, sessionIdOf } from "./tokens.ts";

export type SessionsDeps = {
  readonly sessions: SessionStore;
  readonly users: UserStore;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  /** Waited for before an ending is answered: other threads keep sessions in memory, too, and `hear` of it. */
  readonly tellOthers?: ((news: SessionNews) => Promise<void>) | undefined;
};

/** A session that ended, or null for all of an account that is not what it was. */
export type SessionNews = { readonly userId: UserId; readonly sessionId: string | null };

/** About 40 MB when full. Whoever falls out is found in the store again. */
const cachedMax = 100_000;
const userAgentLengthMax = 200;

type Answer = Promise<SessionView | null> | SessionView | null;
type Entry = {
  readonly sessionId: string;
  /** Unknown while the first look-up is under way. */
  userId: UserId | null;
  /** When the store was last asked. */
  checkedAt: EpochMs;
  usedAt: EpochMs;
  /** A promise while the store is asked, then what it said; handed out many times. */
  answer: Answer;
};

export function createSessions({ sessions, users, vault, clock, random, tellOthers }: SessionsDeps) {
  const byToken = new LRUCache<string, Entry>({
    max: cachedMax,
    dispose(entry, token) {
      if (tokenOf.get(entry.sessionId) === token) tokenOf.delete(entry.sessionId);
    },
  });
  const tokenOf = new Map<string, string>();

  function authenticate(token: string): Answer {
    const now = clock.now();
    const entry = byToken.get(token);
    if (entry === undefined) return lookUp(token, now);
    if (now - entry.checkedAt >= sessionTouchMs) lookAgain(token, entry, now);
    entry.usedAt = now;
    return entry.answer;
  }

  /** The entry is there before the answer is: who asks meanwhile shares it, and a log-out meanwhile finds it. */
  function lookUp(token: string, now: EpochMs): Answer {
    const sessionId = sessionIdOf(vault, token);
    if (sessionId === null) return null;
    const entry: Entry = { sessionId, userId: null, checkedAt: now, usedAt: now, answer: null };
    byToken.set(token, entry);
    tokenOf.set(sessionId, token);
    settle(token, entry, () => find(entry, now));
    return entry.answer;
  }

  function lookAgain(token: string, entry: Entry, now: EpochMs): void {
    const idleMs = now - entry.usedAt;
    const { userId } = entry;
    entry.checkedAt = now;
    settle(token, entry, async () => {
      // Idle here for long: it may have been used through another process, and only the store knows.
      if (userId === null || idleMs >= sessionTtlMs) return find(entry, now);
      return (await slide(entry.sessionId, now)) ? viewOf(entry.sessionId, userId) : null;
    });
  }

  async function find(entry: Entry, now: EpochMs): Promise<SessionView | null> {
    const { sessionId } = entry;
    const session = await sessions.find(sessionId);
    if (!session || now >= session.expiresAt) return null;
    if (now - session.lastSeenAt >= sessionTouchMs && !(await slide(sessionId, now))) return null;
    entry.userId = session.userId;
    return viewOf(sessionId, session.userId);
  }

  /** Only those who are logged in stay in memory; a failing store is asked again by the next. */
  function settle(token: string, entry: Entry, look: () => Promise<SessionView | null>): void {
    const answer = look();
    entry.answer = answer;
    const leave = () => {
      if (byToken.peek(token) === entry && entry.answer === answer) byToken.delete(token);
    };
    const stay = (view: SessionView | null) => {
      if (view === null) leave();
      else if (entry.answer === answer) entry.answer = view;
    };
    answer.then(stay, leave);
  }

  const slide = (sessionId: string, now: EpochMs) => sessions.slide(sessionId, now, epochMs(now + sessionTtlMs));

  /** The role is the account's as it is now, not as it was at log-in. */
  async function viewOf(sessionId: string, userId: UserId): Promise<SessionView | null> {
    const user = await users.byId(userId);
    return user?.status === "active" ? { sessionId, userId, role: user.role } : null;
  }

  function drop(sessionId: string): void {
    const token = tokenOf.get(sessionId);
    if (token !== undefined) byToken.delete(token);
  }

  async function live(userId: UserId): Promise<readonly SessionRecord[]> {
    const now = clock.now();
    return (await sessions.listOf(userId)).filter((session) => now < session.expiresAt);
  }

  async function end(userId: UserId, sessionId: string): Promise<boolean> {
    const ended = await sessions.end(userId, sessionId);
    if (!ended) return false;
    await changed({ userId, sessionId });
    return true;
  }

  /** Called after the change, so that nobody reads back in between what was before. */
  async function changed(news: SessionNews): Promise<void> {
    hear(news);
    await tellOthers?.(news);
  }

  /** The next request asks the store. */
  function hear({ userId, sessionId }: SessionNews): void {
    if (sessionId !== null) return drop(sessionId);
    for (const [token, entry] of byToken.entries()) {
      if (entry.userId === userId || entry.userId === null) byToken.delete(token);
    }
  }

  return {
    authenticate,
    live,
    end,
    /** A new session; past the most a user may have, the oldest end. */
    async open(userId: UserId, userAgent: string): Promise<{ token: string; expiresAt: EpochMs }> {
      const now = clock.now();
      const { token, sessionId } = newToken(vault, random, userId);
      const expiresAt = epochMs(now + sessionTtlMs);
      const agent = userAgent.slice(0, userAgentLengthMax);
      await sessions.create({ sessionId, userId, createdAt: now, lastSeenAt: now, expiresAt, userAgent: agent });
      // Counted after it was written: of two who log in at once, the one who counts last sees both.
      const others = (await live(userId)).filter((session) => session.sessionId !== sessionId);
      const surplus = others.slice(0, Math.max(0, others.length + 1 - sessionsPerUserMax));
      for (const session of surplus) await end(userId, session.sessionId);
      return { token, expiresAt };
    },
    async endAll(userId: UserId): Promise<void> {
      await sessions.endAll(userId);
      await changed({ userId, sessionId: null });
    },
    changed,
    hear,
  };
}
