/** In maps: what the embedded platform runs on. Keys of accepted orders are rebuilt from SQL when it starts. */
import type { OrderAccepted, Refusal } from "@chepiao/contracts";
import { type EpochMs, idempotencyWindowMs, type OrderId, type UserId } from "@chepiao/kernel";
import type { Submission, Submissions } from "./submissions.ts";

type Known = { readonly requestHash: string; readonly orderId: OrderId; readonly at: EpochMs };
type Refused = Known & { readonly refusal: Refusal };

/** Some 30 MB, and minutes even under a storm of refusals: longer than anybody repeats a request by itself. */
const refusalsMaxDefault = 100_000;

export type MemorySubmissionsOptions = { readonly refusalsMax?: number };

export function createMemorySubmissions(options: MemorySubmissionsOptions = {}): Submissions {
  const { refusalsMax = refusalsMaxDefault } = options;
  // Both in order of arrival, so the oldest are found at the front. Seats bound the one, a number the other.
  const known = new Map<string, Known>();
  const refused = new Map<string, Refused>();
  const unwritten = new Map<OrderId, OrderAccepted>();
  const unwrittenOfUser = new Map<UserId, Set<OrderAccepted>>();
  const keyOf = (userId: UserId, key: string) => `${userId} ${key}`;

  function forgetOld(now: EpochMs) {
    for (const keys of [known, refused]) {
      for (const [key, { at }] of keys) {
        if (now - at <= idempotencyWindowMs) break;
        keys.delete(key);
      }
    }
  }
  const remember = ({ userId, key, requestHash, orderId, at }: Submission) =>
    known.set(keyOf(userId, key), { requestHash, orderId, at });

  function forget(orderId: OrderId) {
    const order = unwritten.get(orderId);
    if (!order) return;
    unwritten.delete(orderId);
    const ofUser = unwrittenOfUser.get(order.userId)!;
    ofUser.delete(order);
    if (ofUser.size === 0) unwrittenOfUser.delete(order.userId);
  }

  return {
    async enter(submissions) {
      if (submissions[0]) forgetOld(submissions[0].at);
      return submissions.map((submission) => {
        const key = keyOf(submission.userId, submission.key);
        const refusal = refused.get(key);
        const before = refusal ?? known.get(key);
        if (!before) {
          remember(submission);
          return { kind: "new" };
        }
        if (before.requestHash !== submission.requestHash) return { kind: "other" };
        return refusal ? { kind: "refused", refusal: refusal.refusal } : { kind: "same", orderId: before.orderId };
      });
    },
    async refused(userId, key, refusal) {
      const entry = known.get(keyOf(userId, key));
      if (!entry) return;
      known.delete(keyOf(userId, key));
      refused.set(keyOf(userId, key), { ...entry, refusal });
      if (refused.size > refusalsMax) refused.delete(refused.keys().next().value!);
    },
    async withdrawn(userId, key, orderId) {
      for (const keys of [known, refused]) {
        if (keys.get(keyOf(userId, key))?.orderId === orderId) keys.delete(keyOf(userId, key));
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
    },
    // A process that dies forgets everything, so there is nothing to be kept from it.
    logged: async () => {},
    async written(orders) {
      for (const { orderId } of orders) forget(orderId);
    },
    find: async (orderId) => unwritten.get(orderId) ?? null,
    ofUser: async (userId) => [...(unwrittenOfUser.get(userId) ?? [])].reverse(),
    async restore(submissions) {
      submissions.forEach(remember);
    },
  };
}
