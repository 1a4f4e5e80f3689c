/** What accounts were told, and what of it they have read. */
import type { NotificationFacts, NotificationKind, NotificationPreferences } from "@chepiao/contracts";
import type { EpochMs, UserId } from "@chepiao/kernel";

export type NewNotification = {
  /** Of what happened and what is told of it: whoever hears of it again makes the same. */
  readonly notificationId: string;
  readonly userId: UserId;
  readonly kind: NotificationKind;
  readonly facts: NotificationFacts;
  /** When it happened. */
  readonly at: EpochMs;
};
export type NotificationRecord = NewNotification & { readonly readAt: EpochMs | null };

/** An account's notifications are in order of `at`, and of their ids where they happened at once. */
export type NotificationPlace = Pick<NewNotification, "at" | "notificationId">;

export type NotificationStore = {
  /** Those that are there stay as they are, read or not (I7). */
  add(notifications: readonly NewNotification[]): Promise<void>;
  /** Newest first, those before that place. */
  ofUser(
    userId: UserId,
    page: { readonly before?: NotificationPlace; readonly limit: number },
  ): Promise<readonly NotificationRecord[]>;
  /** How many are not read; counts no further than `max`. */
  unread(userId: UserId, max: number): Promise<number>;
  /** The account's own of these; what is read keeps the moment. */
  markRead(userId: UserId, notificationIds: readonly string[], now: EpochMs): Promise<void>;
  /** That one, and all before it. */
  markReadUpTo(userId: UserId, place: NotificationPlace, now: EpochMs): Promise<void>;
  /** What the account has chosen; null where it never has. */
  preferences(userId: UserId): Promise<NotificationPreferences | null>;
  /** In place of what it had chosen before. */
  setPreferences(userId: UserId, preferences: NotificationPreferences, now: EpochMs): Promise<void>;
  /** All of an account, with what it has chosen. */
  erase(userId: UserId): Promise<void>;
  /** Forgets what happened before then, at most `limit`; how many it forgot. */
  forget(before: EpochMs, limit: number): Promise<number>;
};
