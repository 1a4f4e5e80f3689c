/**
 * Idempotency keys, and orders between log and SQL, shared by all processes. What a purchase leaves while it is being decided ends
 * by itself, so that one whose process dies leaves nothing for longer than a hold lives (I2); from the log on it is kept.
 *
 * What a cluster cannot promise: a failover may lose the last second or so of writes. A key lost like that is new again, and its
 * request, repeated just then, is decided anew; the limits still count the first order.
 */
import { type OrderAccepted, type Refusal, ServiceUnavailable, upgradeOrder } from "@chepiao/contracts";
import {
  dayMs,
  holdGraceMs,
  idempotencyWindowMs,
  jsonOnce,
  minuteMs,
  type OrderId,
  paymentTimeoutMsDefault,
  secondMs,
  type UserId,
} from "@chepiao/kernel";
import type { Entry, Submission, Submissions } from "@chepiao/ports/submissions";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import { createOwed } from "../owed.ts";
import { byPart, byPartApart, gathering, keyIn, partOfOrder, partOfUser, together } from "../parts.ts";
import functions from "./submissions.lua" with { type: "text" };

const submissionFunctions = {
  name: "submissions",
  files: [functions],
  functions: {
    enter: "writes",
    refused: "writes",
    withdrawn: "writes",
    accepted: "writes",
    logged: "writes",
    written: "writes",
  },
} as const;

export type RedisSubmissionsOptions = {
  /** How long a purchase may take that nobody has answered yet: as long as its seats are held for it. */
  readonly undecidedMs?: number;
};

/** Longer than a client repeats a request by itself. */
const refusalTtlMs = 10 * minuteMs;
/** Word that orders are logged is gathered: nobody waits for it, and an order is kept without it for as long as its seats are. */
const loggedGatherMs = secondMs;
/** An order in the log that is not in SQL after this long is not waited for any more. */
const loggedTtlMs = 7 * dayMs;

export function createRedisSubmissions(
  redis: Redis,
  options: RedisSubmissionsOptions = {},
): Submissions & AsyncDisposable {
  const { undecidedMs = paymentTimeoutMsDefault + holdGraceMs } = options;
  const library = createLibrary(redis, submissionFunctions);
  const keyOf = (userId: UserId, key: string) => redis.key(keyIn(partOfUser(userId), "key", `${userId}:${key}`));
  const keyOfOrder = (order: OrderAccepted) => keyOf(order.userId, order.idempotencyKey);
  const waitingKey = (orderId: OrderId) => redis.key(keyIn(partOfOrder(orderId), "waiting", orderId));
  const ofUserKey = (userId: UserId) => redis.key(keyIn(partOfUser(userId), "waiting-of", userId));

  async function enter(submissions: readonly Submission[]): Promise<Entry[]> {
    const entries = await byPartApart(
      submissions,
      ({ userId }) => partOfUser(userId),
      async (some) => {
        const keys = some.map(({ userId, key }) => keyOf(userId, key));
        const args = some.flatMap(({ orderId, requestHash }) => [orderId, requestHash]);
        return ((await library.call("enter", keys, [undecidedMs, ...args])) as string[]).map(entryOf);
      },
    );
    return entries.map((entry) =>
      entry instanceof ServiceUnavailable ? { kind: "away", refusal: entry.refusal } : entry,
    );
  }

  const findKeys = (submissions: readonly Submission[]) =>
    byPart(
      submissions,
      ({ userId }) => partOfUser(userId),
      async (some) => {
        const found = await redis.ask((cluster) => cluster.mget(some.map(({ userId, key }) => keyOf(userId, key))));
        return some.map((submission, n) => entryIn(found[n] ?? null, submission));
      },
    );

  type Withdrawal = Pick<Submission, "userId" | "key" | "orderId">;
  /** A master that was silent for a moment may have taken the key all the same: nobody could buy under it for the lifetime of a hold. */
  const withdrawals = createOwed<Withdrawal>(
    ({ userId, key, orderId }) =>
      library.call("withdrawn", [keyOf(userId, key), waitingKey(orderId), ofUserKey(userId)], [orderId]),
    { forMs: undecidedMs },
  );

  type Refused = { readonly userId: UserId; readonly key: string; readonly refusal: Refusal };
  const refuse = together<Refused, unknown>((all) =>
    byPartApart(
      all,
      ({ userId }) => partOfUser(userId),
      async (some) => {
        const keys = some.map(({ userId, key }) => keyOf(userId, key));
        await library.call("refused", keys, [refusalTtlMs, ...some.map(({ refusal }) => JSON.stringify(refusal))]);
        return some;
      },
    ),
  );

  /** The same step on many orders, whose keys and arguments follow each other. */
  async function onOrders(
    step: "accepted" | "logged" | "written",
    orders: readonly OrderAccepted[],
    first: readonly number[],
    keysOf: (order: OrderAccepted) => readonly string[],
    argsOf: (order: OrderAccepted) => readonly (string | number)[],
  ): Promise<readonly (OrderAccepted | ServiceUnavailable)[]> {
    return byPartApart(
      orders,
      ({ userId }) => partOfUser(userId),
      async (some) => {
        await library.call(step, some.flatMap(keysOf), [...first, ...some.flatMap(argsOf)]);
        return some;
      },
    );
  }

  /** For steps whose orders are all done, or done again. */
  async function onAllOrders(...args: Parameters<typeof onOrders>): Promise<void> {
    const away = (await onOrders(...args)).find((each) => each instanceof ServiceUnavailable);
    if (away) throw away;
  }

  const logged = gathering<OrderAccepted>(Math.min(loggedGatherMs, undecidedMs / 10), (orders) =>
    onAllOrders(
      "logged",
      orders,
      [idempotencyWindowMs, loggedTtlMs],
      (order) => [keyOfOrder(order), waitingKey(order.orderId)],
      ({ orderId, requestHash }) => [orderId, requestHash],
    ),
  );

  async function find(orderId: OrderId): Promise<OrderAccepted | null> {
    const json = await redis.ask((cluster) => cluster.get(waitingKey(orderId)));
    return json === null ? null : upgradeOrder(JSON.parse(json) as OrderAccepted);
  }

  return {
    enter,
    findKeys,
    find,
    // What is logged is kept for longer than anything that is not.
    isLogged: async (orderId) => (await redis.ask((cluster) => cluster.pttl(waitingKey(orderId)))) > undecidedMs,
    async refused(userId, key, refusal) {
      await refuse({ userId, key, refusal });
    },
    withdrawn: (userId, key, orderId) => withdrawals.act({ userId, key, orderId }),
    async accepted(orders) {
      const done = await onOrders(
        "accepted",
        orders,
        [undecidedMs, loggedTtlMs],
        ({ orderId, userId }) => [waitingKey(orderId), ofUserKey(userId)],
        (order) => [order.orderId, jsonOnce(order)],
      );
      const isAway = (each: unknown) => each instanceof ServiceUnavailable;
      return done.some(isAway) ? done.map((each) => (each instanceof ServiceUnavailable ? each.refusal : null)) : null;
    },
    logged: logged.add,
    written: (orders) =>
      onAllOrders(
        "written",
        orders,
        [idempotencyWindowMs],
        (order) => [keyOfOrder(order), waitingKey(order.orderId), ofUserKey(order.userId)],
        ({ orderId, requestHash }) => [orderId, requestHash],
      ),
    async ofUser(userId) {
      const ids = await redis.ask((cluster) => cluster.smembers(ofUserKey(userId)));
      const newestFirst = ids.map((id) => Number(id) as OrderId).sort((a, b) => b - a);
      return (await Promise.all(newestFirst.map(find))).filter((order) => order !== null);
    },
    async reload(submissions) {
      const set = ({ userId, key, orderId, requestHash }: Submission) =>
        redis.ask((cluster) =>
          cluster.set(keyOf(userId, key), `${orderId}\n${requestHash}`, "PX", idempotencyWindowMs, "NX"),
        );
      await Promise.all(submissions.map(set));
    },
    async [Symbol.asyncDispose]() {
      withdrawals[Symbol.dispose]();
      await logged.end();
    },
  };
}

/** What a key holds, as submissions.lua writes it. */
function entryIn(text: string | null, { requestHash }: Submission): Entry {
  if (text === null) return { kind: "new" };
  const [orderId, hash, ...refusal] = text.split("\n");
  if (hash !== requestHash) return { kind: "other" };
  if (refusal.length > 0) return { kind: "refused", refusal: JSON.parse(refusal.join("\n")) as Refusal };
  return { kind: "same", orderId: Number(orderId) as OrderId };
}

/** As submissions.lua says it. */
function entryOf(text: string): Entry {
  const space = text.indexOf(" ");
  const [word, rest] = space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
  if (word === "same") return { kind: "same", orderId: Number(rest) as OrderId };
  if (word === "refused") return { kind: "refused", refusal: JSON.parse(rest) as Refusal };
  return { kind: word as "new" | "other" };
}
