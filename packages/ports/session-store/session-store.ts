/** Where log-ins are kept, so that they outlive the process. The room decides when one has expired; this remembers. */
import type { EpochMs, Slot, UserId } from "@chepiao/kernel";

export type SessionRecord = {
  /** Derived from the token, never the token itself. Starts with the slot of its user, so that it leads to one shard. */
  readonly sessionId: string;
  readonly userId: UserId;
  readonly createdAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly userAgent: string;
};

export type SessionStore = {
  /** Durable on return. */
  create(session: SessionRecord): Promise<void>;
  /** Also one that has expired but was not purged yet. */
  find(sessionId: string): Promise<SessionRecord | null>;
  /**
   * Notes that it was used. False where there is no such session any more, which is never made again, or where it was not
   * opened after `openedAfter`: such a one stays as it was.
   */
  slide(sessionId: string, lastSeenAt: EpochMs, expiresAt: EpochMs, openedAfter: EpochMs): Promise<boolean>;
  /** False where this user has no such session. */
  end(userId: UserId, sessionId: string): Promise<boolean>;
  /** Every session of the user, but for the one that is named. False where there was none to end. */
  endAll(userId: UserId, but?: string | null): Promise<boolean>;
  /** Oldest first. */
  listOf(userId: UserId): Promise<readonly SessionRecord[]>;
  /** Forgets sessions that had expired by then, at most `limit` of them; how many it forgot. */
  purge(expiredBy: EpochMs, limit: number): Promise<number>;
};

/** Three hexadecimal digits in front of session ids and inside tokens. */
export const slotPrefix = (slot: Slot): string => slot.toString(16).padStart(3, "0");
export const slotOfSession = (sessionId: string): Slot => Number.parseInt(sessionId.slice(0, 3), 16) as Slot;
