/**
 * Who is logged in. A session that was looked at within the last minute is answered from memory, without waiting; past that
 * the store is asked again, which notes the use and hears of what other processes ended, disabled or promoted.
 */
import type { SessionView } from "@chepiao/contracts";
import {
  type EpochMs,
  epochMs,
  sessionLifetimeMsDefault,
  sessionsPerUserMax,
  sessionTouchMs,
  sessionTtlMs,
  type UserId,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Random } from "@chepiao/ports/random";
import type { SessionChange, SessionFeed } from "@chepiao/ports/session-feed";
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
  /** However much it is used, a session ends so long after it was opened. */
  readonly sessionLifetimeMs?: number;
  /** Waited for before an ending is answered: other threads keep sessions in memory, too, and `hear` of it. */
  readonly tellOthers?: ((change: SessionChange) => Promise<void>) | undefined;
  /** Other processes, which nobody waits for. */
  readonly feed?: SessionFeed | null | undefined;
};

/** About 40 MB when full. A session that falls out is found in the store again. */
const cachedMax = 100_000;
const userAgentLengthMax = 200;

type Answer = Promise<SessionView | null> | SessionView | null;
type Entry = {
  readonly token: string;
  readonly sessionId: string;
  /** Unknown while the first look-up is under way. */
  userId: UserId | null;
  createdAt: EpochMs;
  /** When the store was last asked. */
  checkedAt: EpochMs;
  usedAt: EpochMs;
  /** A promise while the store is asked, then what it said; handed out many times. */
  answer: Answer;
};

export function createSessions(deps: SessionsDeps) {
  const {
    sessions,
    users,
    vault,
    clock,
    random,
    tellOthers,
    feed = null,
    sessionLifetimeMs = sessionLifetimeMsDefault,
  } = deps;
  const byToken = new LRUCache<string, Entry>({
    max: cachedMax,
    dispose(entry, token) {
      takeOut(entry);
      if (tokenOf.get(entry.sessionId) === token) tokenOf.delete(entry.sessionId);
    },
  });
  const tokenOf = new Map<string, string>();
  /** So that an ending is no walk over everybody; under null, those whose first look-up is under way. */
  const tokensOf = new Map<UserId | null, Set<string>>();

  function authenticate(token: string): Answer {
    const now = clock.now();
    const entry = byToken.get(token);
    if (entry === undefined) return lookUp(token, now);
    if (entry.userId !== null && now >= endOf(entry)) {
      byToken.delete(token);
      return null;
    }
    if (now - entry.checkedAt >= sessionTouchMs) checkAgain(token, entry, now);
    entry.usedAt = now;
    return entry.answer;
  }

  /** The entry is there before the answer is: who asks meanwhile shares it, and a log-out meanwhile finds it. */
  function lookUp(token: string, now: EpochMs): Answer {
    const sessionId = sessionIdOf(vault, token);
    if (sessionId === null) return null;
    const entry: Entry = { token, sessionId, userId: null, createdAt: now, checkedAt: now, usedAt: now, answer: null };
    byToken.set(token, entry);
    fileUnder(null, entry);
    tokenOf.set(sessionId, token);
    settle(token, entry, () => find(entry, now));
    return entry.answer;
  }

  function checkAgain(token: string, entry: Entry, now: EpochMs): void {
    const idleMs = now - entry.usedAt;
    const { userId } = entry;
    entry.checkedAt = now;
    settle(token, entry, async () => {
      // Idle here for long: it may have been used through another process, and only the store knows.
      if (userId === null || idleMs >= sessionTtlMs) return find(entry, now);
      return (await slide(entry, now)) ? viewOf(entry, userId) : null;
    });
  }

  async function find(entry: Entry, now: EpochMs): Promise<SessionView | null> {
    const { sessionId } = entry;
    const session = await sessions.find(sessionId);
    if (!session || now >= session.expiresAt || now >= endOf(session)) return null;
    if (now - session.lastSeenAt >= sessionTouchMs && !(await slide(session, now))) return null;
    fileUnder(session.userId, entry);
    entry.createdAt = session.createdAt;
    return viewOf(session, session.userId);
  }

  /** Only those who are logged in stay in memory; a failing store is asked again by the next. */
  function settle(token: string, entry: Entry, load: () => Promise<SessionView | null>): void {
    const answer = load();
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

  type Opened = Pick<SessionRecord, "sessionId" | "createdAt">;
  const endOf = ({ createdAt }: Pick<Opened, "createdAt">) => epochMs(createdAt + sessionLifetimeMs);
  const slide = (session: Opened, now: EpochMs) => {
    const expiresAt = epochMs(Math.min(now + sessionTtlMs, endOf(session)));
    return sessions.slide(session.sessionId, now, expiresAt, epochMs(now - sessionLifetimeMs));
  };

  /** The role is the account's as it is now, not as it was at log-in; and the account says which of its sessions are over. */
  async function viewOf({ sessionId, createdAt }: Opened, userId: UserId): Promise<SessionView | null> {
    const user = await users.byId(userId);
    if (user?.status !== "active" || createdAt < user.sessionsSince) return null;
    return { sessionId, userId, role: user.role, openedAt: createdAt };
  }

  function fileUnder(userId: UserId | null, entry: Entry): void {
    // Dropped meanwhile: the token may be another entry's by now.
    const isKept = byToken.peek(entry.token) === entry;
    if (isKept) takeOut(entry);
    entry.userId = userId;
    if (!isKept) return;
    const tokens = tokensOf.get(userId) ?? new Set();
    tokensOf.set(userId, tokens.add(entry.token));
  }

  function takeOut({ userId, token }: Entry): void {
    const tokens = tokensOf.get(userId);
    tokens?.delete(token);
    if (tokens?.size === 0) tokensOf.delete(userId);
  }

  function drop(sessionId: string): void {
    const token = tokenOf.get(sessionId);
    if (token !== undefined) byToken.delete(token);
  }

  async function live(userId: UserId): Promise<readonly SessionRecord[]> {
    const now = clock.now();
    return (await sessions.listOf(userId)).filter((session) => now < session.expiresAt && now < endOf(session));
  }

  async function end(userId: UserId, sessionId: string): Promise<boolean> {
    const ended = await sessions.end(userId, sessionId);
    if (!ended) return false;
    await changed({ userId, sessionId });
    return true;
  }

  /** Called after the change, so that nobody reads back in between what was before. */
  async function changed(change: SessionChange): Promise<void> {
    hear(change);
    feed?.changed(change);
    await tellOthers?.(change);
  }

  /** The next request asks the store. */
  function hear({ userId, sessionId }: SessionChange): void {
    if (sessionId !== null) return drop(sessionId);
    const tokens = [...(tokensOf.get(userId) ?? []), ...(tokensOf.get(null) ?? [])];
    for (const token of tokens) byToken.delete(token);
  }

  const unfollow = feed?.follow(hear);

  return {
    authenticate,
    close: () => unfollow?.(),
    live,
    end,
    /** A new session; past the most a user may have, the oldest end. */
    async open(userId: UserId, userAgent: string): Promise<{ token: string; expiresAt: EpochMs }> {
      const now = clock.now();
      const { token, sessionId } = newToken(vault, random, userId);
      const expiresAt = epochMs(now + Math.min(sessionTtlMs, sessionLifetimeMs));
      const agent = userAgent.slice(0, userAgentLengthMax);
      await sessions.create({ sessionId, userId, createdAt: now, lastSeenAt: now, expiresAt, userAgent: agent });
      // Counted after it was written: of two who log in at once, the one who counts last sees both.
      const others = (await live(userId)).filter((session) => session.sessionId !== sessionId);
      const surplus = others.slice(0, Math.max(0, others.length + 1 - sessionsPerUserMax));
      for (const session of surplus) await end(userId, session.sessionId);
      return { token, expiresAt };
    },
    /** Every session of the account, but for the one that is named. */
    async endAll(userId: UserId, but: string | null = null): Promise<void> {
      if (await sessions.endAll(userId, but)) await changed({ userId, sessionId: null });
    },
    changed,
    hear,
  };
}

export type Sessions = ReturnType<typeof createSessions>;
