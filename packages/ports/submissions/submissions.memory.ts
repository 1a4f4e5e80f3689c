/** In maps: what the embedded platform runs on. Keys of accepted orders are rebuilt from SQL when it starts. */
import type { OrderAccepted, Refusal } from "@chepiao/contracts";
import { type EpochMs, idempotencyWindowMs, type OrderId, type UserId } from "@chepiao/kernel";
import type { Submission, Submissions } from "./submissions.ts";

type Known = { requestHash: string; orderId: OrderId; at: EpochMs; refusal?: Refusal };

export function createMemorySubmissions(): Submissions {
  // In order of arrival, so the oldest are found at the front.
  const known = new Map<string, Known>();
  const unwritten = new Map<OrderId, OrderAccepted>();
  const keyOf = (userId: UserId, key: string) => `${userId} ${key}`;

  function forgetOld(now: EpochMs) {
    for (const [key, { at }] of known) {
      if (now - at <= idempotencyWindowMs) return;
      known.delete(key);
    }
  }
  const remember = ({ userId, key, requestHash, orderId, at }: Submission) =>
    known.set(keyOf(userId, key), { requestHash, orderId, at });

  return {
    async enter(submissions) {
      if (submissions[0]) forgetOld(submissions[0].at);
      return submissions.map((submission) => {
        const before = known.get(keyOf(submission.userId, submission.key));
        if (!before) {
          remember(submission);
          return { kind: "new" };
        }
        if (before.requestHash !== submission.requestHash) return { kind: "other" };
        if (before.refusal) return { kind: "refused", refusal: before.refusal };
        return { kind: "same", orderId: before.orderId };
      });
    },
    async refused(userId, key, refusal) {
      const entry = known.get(keyOf(userId, key));
      if (entry) entry.refusal = refusal;
    },
    async withdrawn(userId, key) {
      known.delete(keyOf(userId, key));
    },
    async accepted(orders) {
      for (const order of orders) unwritten.set(order.orderId, order);
    },
    async written(orderIds) {
      for (const orderId of orderIds) unwritten.delete(orderId);
    },
    find: async (orderId) => unwritten.get(orderId) ?? null,
    ofUser: async (userId) => [...unwritten.values()].filter((order) => order.userId === userId).reverse(),
    async restore(submissions) {
      submissions.forEach(remember);
    },
  };
}
