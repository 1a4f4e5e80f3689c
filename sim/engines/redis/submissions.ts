/**
 * Idempotency keys and orders between log and SQL that outlive the processes which write them, as
 * packages/adapters/redis/submissions keeps them: what nothing becomes of ends by itself.
 */
import type { OrderAccepted, Refusal } from "@chepiao/contracts";
import { dayMs, type EpochMs, idempotencyWindowMs, minuteMs, type OrderId, type UserId } from "@chepiao/kernel";
import type { Entry, Submission, Submissions } from "@chepiao/ports/submissions";

type Key = {
  readonly orderId: OrderId;
  readonly requestHash: string;
  readonly refusal?: Refusal;
  readonly until: number;
};
type Waiting = { readonly order: OrderAccepted; readonly until: number; readonly isLogged: boolean };

const refusalTtlMs = 10 * minuteMs;
const loggedTtlMs = 7 * dayMs;

export function createSharedSubmissions(now: () => EpochMs, undecidedMs: number): Submissions {
  const keys = new Map<string, Key>();
  const waiting = new Map<OrderId, Waiting>();

  const nameOf = (userId: UserId, key: string) => `${userId} ${key}`;
  const keyNow = (name: string) => {
    const key = keys.get(name);
    return key && key.until > now() ? key : undefined;
  };
  const waitingNow = (orderId: OrderId) => {
    const each = waiting.get(orderId);
    return each && each.until > now() ? each : undefined;
  };

  function keepKey({ userId, idempotencyKey, orderId, requestHash }: OrderAccepted) {
    const name = nameOf(userId, idempotencyKey);
    const known = keyNow(name);
    if (known && known.orderId !== orderId) return;
    keys.set(name, { ...(known ?? { orderId, requestHash }), until: now() + idempotencyWindowMs });
  }

  function entryOf({ userId, key, requestHash }: Submission): Entry {
    const known = keyNow(nameOf(userId, key));
    if (!known) return { kind: "new" };
    if (known.requestHash !== requestHash) return { kind: "other" };
    return known.refusal ? { kind: "refused", refusal: known.refusal } : { kind: "same", orderId: known.orderId };
  }

  return {
    async enter(submissions) {
      return submissions.map((submission) => {
        const entry = entryOf(submission);
        const { userId, key, orderId, requestHash } = submission;
        if (entry.kind === "new") keys.set(nameOf(userId, key), { orderId, requestHash, until: now() + undecidedMs });
        return entry;
      });
    },
    findKeys: async (submissions) => submissions.map(entryOf),
    async refused(userId, key, refusal) {
      const known = keyNow(nameOf(userId, key));
      if (known) keys.set(nameOf(userId, key), { ...known, refusal, until: now() + refusalTtlMs });
    },
    async withdrawn(userId, key, orderId) {
      if (keyNow(nameOf(userId, key))?.orderId === orderId) keys.delete(nameOf(userId, key));
      waiting.delete(orderId);
    },
    async accepted(orders) {
      for (const order of orders) waiting.set(order.orderId, { order, until: now() + undecidedMs, isLogged: false });
      return null;
    },
    async logged(orders) {
      for (const order of orders) {
        keepKey(order);
        const known = waitingNow(order.orderId);
        if (known) waiting.set(order.orderId, { ...known, until: now() + loggedTtlMs, isLogged: true });
      }
    },
    async written(orders) {
      for (const order of orders) {
        keepKey(order);
        waiting.delete(order.orderId);
      }
    },
    find: async (orderId) => waitingNow(orderId)?.order ?? null,
    isLogged: async (orderId) => waitingNow(orderId)?.isLogged ?? false,
    async ofUser(userId) {
      const theirs = [...waiting.keys()].flatMap((orderId) => waitingNow(orderId)?.order ?? []);
      return theirs.filter((order) => order.userId === userId).sort((a, b) => b.orderId - a.orderId);
    },
    async reload(submissions) {
      for (const { userId, key, orderId, requestHash } of submissions) {
        const name = nameOf(userId, key);
        if (!keyNow(name)) keys.set(name, { orderId, requestHash, until: now() + idempotencyWindowMs });
      }
    },
  };
}
