/**
 * Purchases on their way: which `Idempotency-Key` belongs to which order, and orders that are in the log but not yet in SQL, so
 * that a buyer sees his order the moment it was answered. An order's id leads to the slot of its user (kernel/ids.ts), so an
 * adapter finds both in one place.
 */
import type { OrderAccepted, Refusal } from "@chepiao/contracts";
import type { EpochMs, OrderId, UserId } from "@chepiao/kernel";

export type Submission = {
  readonly userId: UserId;
  readonly key: string;
  /** Hash of the request's body: the same key may not come with another. */
  readonly requestHash: string;
  /** The order it becomes if the key is new. */
  readonly orderId: OrderId;
  readonly at: EpochMs;
};

export type Entry =
  /** The key is new and now belongs to this submission. */
  | { readonly kind: "new" }
  /** The same request came before and became (or is becoming) this order. */
  | { readonly kind: "same"; readonly orderId: OrderId }
  /** The same request came before and was refused. */
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** The key came before with another request. */
  | { readonly kind: "other" }
  /** Who keeps this key is away, and others are not: nobody knows whether it was taken. */
  | { readonly kind: "away"; readonly refusal: Refusal };

export type Submissions = {
  /**
   * Decides each in the order given. Keys of orders are kept for at least 24 hours; those of refusals, of which any client can make
   * any number, as long as there is room: after that they are decided anew. What nothing becomes of, because the process that decided it
   * died, may be forgotten after the lifetime of a hold, and must be.
   */
  enter(submissions: readonly Submission[]): Promise<Entry[]>;
  /** What `enter` would answer each, alone; nothing is taken: `new` where the key is free. */
  findKeys(submissions: readonly Submission[]): Promise<Entry[]>;
  /** The new submission was refused: a repetition hears the same. */
  refused(userId: UserId, key: string, refusal: Refusal): Promise<void>;
  /**
   * Nothing became of it, through no fault of its own: the key is free again, unless it belongs to another order; and where the
   * order was accepted, it no longer is.
   */
  withdrawn(userId: UserId, key: string, orderId: OrderId): Promise<void>;
  /**
   * About to be written to the log; may be forgotten like what nothing becomes of. Of each in order: why it may not be written, where who keeps it is
   * away; instead of a list of nothing but nulls: null.
   */
  accepted(orders: readonly OrderAccepted[]): Promise<readonly (Refusal | null)[] | null>;
  /** In the log: not forgotten before it is in SQL. */
  logged(orders: readonly OrderAccepted[]): Promise<void>;
  /** In SQL now; its key goes on being its key. */
  written(orders: readonly OrderAccepted[]): Promise<void>;
  /** An order that was accepted and is not in SQL. */
  find(orderId: OrderId): Promise<OrderAccepted | null>;
  /**
   * Whether one that `find` finds is known to be in the log: before that nothing may come of it. Word of it comes a moment after the
   * fact, or never where the process that knew it died; then the order is soon in SQL.
   */
  isLogged(orderId: OrderId): Promise<boolean>;
  /** Those of one account, newest first. */
  ofUser(userId: UserId): Promise<readonly OrderAccepted[]>;
  /** Takes over keys of orders already in SQL, without asking; used when the platform starts. */
  reload(submissions: readonly Submission[]): Promise<void>;
};
