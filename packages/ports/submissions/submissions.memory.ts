/** In maps: what the embedded platform runs on. Keys of accepted orders are rebuilt from SQL when it starts. */
import type { OrderAccepted, Refusal } from "@chepiao/contracts";
import { type EpochMs, epochMs, idempotencyWindowMs, type OrderId, type UserId } from "@chepiao/kernel";
import type { Entry, Submission, Submissions } from "./submissions.ts";

/** Which order a key belongs to. Those of orders are by far the most of what is remembered here. */
export type OrderKeys = {
  find(userId: UserId, key: string): OrderKey | null;
  /** In place of what the key belonged to before. */
  remember(submission: Submission): void;
  forget(userId: UserId, key: string): void;
  /** Forgets what was remembered before that instant; what is remembered comes in order of time. */
  forgetBefore(instant: EpochMs): void;
};
export type OrderKey = {
  readonly orderId: OrderId;
  readonly at: EpochMs;
  /** Valid until the next call. */
  isSame(requestHash: string): boolean;
};
type Refused = { readonly refusal: Refusal; readonly userId: UserId; readonly key: string; readonly at: EpochMs };

/** Some 30 MB, and minutes even under a storm of refusals: longer than a client repeats a request by itself. */
const refusalsMaxDefault = 100_000;

export type MemorySubmissionsOptions = { readonly refusalsMax?: number; readonly keys?: OrderKeys };

const keyOf = (userId: UserId, key: string) => `${userId} ${key}`;

function createOrderKeys(): OrderKeys {
  const known = new Map<string, Submission>();
  return {
    find(userId, key) {
      const submission = known.get(keyOf(userId, key));
      return submission ? { ...submission, isSame: (requestHash) => requestHash === submission.requestHash } : null;
    },
    remember: (submission) => void known.set(keyOf(submission.userId, submission.key), submission),
    forget: (userId, key) => void known.delete(keyOf(userId, key)),
    forgetBefore(instant) {
      for (const [key, { at }] of known) {
        if (at >= instant) break;
        known.delete(key);
      }
    },
  };
}

export function createMemorySubmissions(options: MemorySubmissionsOptions = {}): Submissions {
  const { refusalsMax = refusalsMaxDefault, keys = createOrderKeys() } = options;
  /** By the order that their key belongs to; the oldest are found at the front. */
  const refused = new Map<OrderId, Refused>();
  const unwritten = new Map<OrderId, OrderAccepted>();
  const logged = new Set<OrderId>();
  const unwrittenOfUser = new Map<UserId, Set<OrderAccepted>>();

  function forgetOld(now: EpochMs) {
    const instant = epochMs(now - idempotencyWindowMs);
    keys.forgetBefore(instant);
    for (const [orderId, { at }] of refused) {
      if (at >= instant) break;
      refused.delete(orderId);
    }
  }

  function forget(orderId: OrderId) {
    const order = unwritten.get(orderId);
    if (!order) return;
    unwritten.delete(orderId);
    logged.delete(orderId);
    const ofUser = unwrittenOfUser.get(order.userId)!;
    ofUser.delete(order);
    if (ofUser.size === 0) unwrittenOfUser.delete(order.userId);
  }

  function entryOf({ userId, key, requestHash }: Submission): Entry {
    const before = keys.find(userId, key);
    if (!before) return { kind: "new" };
    if (!before.isSame(requestHash)) return { kind: "other" };
    const refusal = refused.get(before.orderId)?.refusal;
    return refusal ? { kind: "refused", refusal } : { kind: "same", orderId: before.orderId };
  }

  return {
    async enter(submissions) {
      if (submissions[0]) forgetOld(submissions[0].at);
      return submissions.map((submission) => {
        const entry = entryOf(submission);
        if (entry.kind === "new") keys.remember(submission);
        return entry;
      });
    },
    findKeys: async (submissions) => submissions.map(entryOf),
    async refused(userId, key, refusal) {
      const entry = keys.find(userId, key);
      if (!entry) return;
      refused.set(entry.orderId, { refusal, userId, key, at: entry.at });
      if (refused.size <= refusalsMax) return;
      const [orderId, oldest] = refused.entries().next().value!;
      refused.delete(orderId);
      keys.forget(oldest.userId, oldest.key);
    },
    async withdrawn(userId, key, orderId) {
      if (keys.find(userId, key)?.orderId === orderId) {
        keys.forget(userId, key);
        refused.delete(orderId);
      }
      forget(orderId);
    },
    async accepted(orders) {
      for (const order of orders) {
        if (unwritten.has(order.orderId)) continue;
        unwritten.set(order.orderId, order);
        const ofUser = unwrittenOfUser.get(order.userId) ?? new Set();
        unwrittenOfUser.set(order.userId, ofUser.add(order));
      }
      return null;
    },
    async logged(orders) {
      for (const { orderId } of orders) if (unwritten.has(orderId)) logged.add(orderId);
    },
    async written(orders) {
      for (const { orderId } of orders) forget(orderId);
    },
    find: async (orderId) => unwritten.get(orderId) ?? null,
    isLogged: async (orderId) => logged.has(orderId),
    ofUser: async (userId) => [...(unwrittenOfUser.get(userId) ?? [])].reverse(),
    async reload(submissions) {
      submissions.forEach(keys.remember);
    },
  };
}
