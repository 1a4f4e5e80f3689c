/**
 * Notifications on their way to people, by channel: which were handed over to whoever carries them, and which wait for another try. A delivery
 * is one by its account, notification and channel, however often it is asked for.
 */
import type { MessageChannel, NotificationFacts, NotificationKind } from "@chepiao/contracts";
import type { EpochMs, UserId } from "@chepiao/kernel";

/** SQL stores a state by its place: a new one stands at the end. */
export const deliveryStates = ["queued", "sent", "bounced", "failed", "dropped"] as const;
/**
 * `queued` it waits for its time, or is under way; `sent` it was taken by whoever carries it; `bounced` it was refused for good; `failed` nobody took
 * it for as long as it was news; `dropped` nobody wanted it any more.
 */
export type DeliveryState = (typeof deliveryStates)[number];
export type DeliveryEnd = Exclude<DeliveryState, "queued">;

export type DeliveryKey = {
  readonly userId: UserId;
  readonly notificationId: string;
  readonly channel: MessageChannel;
};
export type NewDelivery = DeliveryKey & {
  readonly kind: NotificationKind;
  readonly facts: NotificationFacts;
  /** When it happened. */
  readonly at: EpochMs;
};
export type Delivery = NewDelivery & {
  readonly state: DeliveryState;
  /** Begun so far. */
  readonly tries: number;
  /** The next try is not before then; of one that has ended, when it did. */
  readonly dueAt: EpochMs;
  readonly lastError: string | null;
};

export type DeliverySearch = Partial<Pick<Delivery, "userId" | "kind" | "state">> & { readonly limit: number };
export type WaitingDelivery = Pick<Delivery, "at" | "dueAt" | "tries">;

/** How a try came out. */
export type DeliveryOutcome =
  | { readonly state: DeliveryEnd; readonly lastError: string | null; readonly at: EpochMs }
  | { readonly state: "queued"; readonly lastError: string | null; readonly dueAt: EpochMs };

export type Deliveries = {
  /** Queued, and due at once; those that are there stay as they are (I7). */
  add(deliveries: readonly NewDelivery[]): Promise<void>;
  /**
   * Begins a try of some that are due: each is handed out once, and is due again at `until`, so that one whose process dies is tried by another.
   * About `limit`, those that have waited longest first.
   */
  claim(asked: {
    readonly now: EpochMs;
    readonly until: EpochMs;
    readonly limit: number;
  }): Promise<readonly Delivery[]>;
  /**
   * Says how the try `tries` came out. One that has ended stays so; that it was sent is taken of any try, everything else of the last one alone:
   * whoever was too slow does not take it away from the next.
   */
  settle(key: DeliveryKey, tries: number, outcome: DeliveryOutcome): Promise<void>;
  /** Newest first; those of all accounts where none is named. */
  find(search: DeliverySearch): Promise<readonly Delivery[]>;
  /** Of those that are queued, at most `max`, the first that are due first. */
  waiting(max: number): Promise<readonly WaitingDelivery[]>;
  /**
   * Queues one that has ended once more, due at once; false where it has not ended, was tried since it was seen with so many tries, or is not
   * there: of two operators who saw the same, one alone sends it again.
   */
  queueAgain(seen: DeliveryKey & Pick<Delivery, "tries">, now: EpochMs): Promise<boolean>;
  /** How many are queued, counted no further than `max`, and since when the first of them could have been tried; null where there is none. */
  backlog(max: number): Promise<{ readonly queued: number; readonly dueSince: EpochMs | null }>;
  /** All of an account. */
  erase(userId: UserId): Promise<void>;
  /** Forgets what happened before then, at most `limit`; how many it forgot. */
  forget(before: EpochMs, limit: number): Promise<number>;
};
