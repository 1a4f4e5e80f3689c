/** `t_session`: who is logged in, so that a restart logs nobody out. */
import type { Kysely } from "kysely";
import { epochMs, type UserId } from "@chepiao/kernel";
import { type SessionRecord, type SessionStore, slotOfSession } from "@chepiao/ports/session-store";
import { userSlotOf } from "@chepiao/ports/user-store";
import { reusable } from "./compiled.ts";
import type { SessionRow } from "./sessions.tables.ts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";

const columns = ["session_id", "user_id", "user_agent", "create_time", "last_seen_time", "expire_time"] as const;

/** Together with others, where they share a wait for the disk. */
type Committing = <T>(work: (on: Kysely<Tables>) => Promise<T>) => Promise<T>;

/**
 * @param committing how sessions that are used again are written: to an opening all come whose last request was some minutes ago, and none is answered before
 * that is written. Where each waits for the disk alone, the disk does nothing else.
 */
export function createSqlSessionStore(
  db: Kysely<Tables>,
  everywhere: Everywhere = (query) => query(db),
  committing: Committing = (work) => work(db),
): SessionStore {
  const sessionById = reusable(
    db,
    db.selectFrom("t_session").select(columns).where("slot", "=", 0).where("session_id", "=", "").compile(),
  );
  return {
    async create(session) {
      await insertSessions(db, [session]);
    },
    async find(sessionId) {
      const [row] = await sessionById(slotOfSession(sessionId), sessionId);
      return row ? recordOf(row) : null;
    },
    slide: (sessionId, lastSeenAt, expiresAt, openedAfter) =>
      committing(async (on) => {
        const { numUpdatedRows } = await on
          .updateTable("t_session")
          .set({ last_seen_time: lastSeenAt, expire_time: expiresAt })
          .where("slot", "=", slotOfSession(sessionId))
          .where("session_id", "=", sessionId)
          .where("create_time", ">", openedAfter)
          .executeTakeFirstOrThrow();
        return numUpdatedRows > 0n;
      }),
    async end(userId, sessionId) {
      const { numDeletedRows } = await db
        .deleteFrom("t_session")
        .where("slot", "=", userSlotOf(userId))
        .where("session_id", "=", sessionId)
        .where("user_id", "=", userId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async endAll(userId, but = null) {
      const all = db.deleteFrom("t_session").where("slot", "=", userSlotOf(userId)).where("user_id", "=", userId);
      const ended = but === null ? all : all.where("session_id", "!=", but);
      const { numDeletedRows } = await ended.executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async listOf(userId) {
      const rows = await db
        .selectFrom("t_session")
        .select(columns)
        .where("slot", "=", userSlotOf(userId))
        .where("user_id", "=", userId)
        .orderBy("create_time")
        .orderBy("session_id")
        .execute();
      return rows.map(recordOf);
    },
    // MySQL deletes with a limit, SQLite does not: the ids are read first.
    purge: (expiredBy, limit) =>
      everywhere(async (all) => {
        const rows = await all
          .selectFrom("t_session")
          .select("session_id")
          .where("expire_time", "<=", expiredBy)
          .limit(limit)
          .execute();
        if (rows.length === 0) return 0;
        const ids = rows.map((row) => row.session_id);
        const { numDeletedRows } = await all
          .deleteFrom("t_session")
          .where("slot", "in", [...new Set(ids.map(slotOfSession))])
          .where("session_id", "in", ids)
          .where("expire_time", "<=", expiredBy)
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
  };
}

export async function insertSessions(db: Kysely<Tables>, sessions: readonly SessionRecord[]): Promise<void> {
  await db.insertInto("t_session").values(sessions.map(rowOf)).execute();
}

const rowOf = (session: SessionRecord): SessionRow => ({
  session_id: session.sessionId,
  slot: slotOfSession(session.sessionId),
  user_id: session.userId,
  user_agent: session.userAgent,
  create_time: session.createdAt,
  last_seen_time: session.lastSeenAt,
  expire_time: session.expiresAt,
});

const recordOf = (row: Omit<SessionRow, "slot">): SessionRecord => ({
  sessionId: row.session_id,
  userId: Number(row.user_id) as UserId,
  createdAt: epochMs(Number(row.create_time)),
  lastSeenAt: epochMs(Number(row.last_seen_time)),
  expiresAt: epochMs(Number(row.expire_time)),
  userAgent: row.user_agent,
});
