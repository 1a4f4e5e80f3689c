/** Submissions on a real cluster: the port's rules, and what a process that dies leaves behind. */
import { afterAll, expect, test } from "bun:test";
import type { OrderAccepted } from "@chepiao/contracts";
import { asOf010 } from "@chepiao/contracts/older.suite.ts";
import { epochMs, type OrderId, slotCount, slotOfUser, type UserId } from "@chepiao/kernel";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { submissionsSuite } from "@chepiao/ports/submissions/submissions.suite.ts";
import { keyIn, partOfOrder } from "../parts.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisSubmissions } from "./submissions.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

submissionsSuite("Redis", () => createRedisSubmissions(withFreshPrefix(redis)));

test("I2: what nobody has answered is forgotten; what is in the log is not", async () => {
  const submissions = createRedisSubmissions(withFreshPrefix(redis), { undecidedMs: 150 });
  const userId = 7 as UserId;
  const idOf = (n: number) => (n * slotCount + slotOfUser(userId)) as OrderId;
  const orders = [1, 2, 3].map(
    (n) => ({ orderId: idOf(n), userId, idempotencyKey: `k${n}`, requestHash: "body" }) as OrderAccepted,
  );
  const enter = (order: OrderAccepted, orderId = order.orderId) =>
    submissions.enter([{ userId, key: order.idempotencyKey, requestHash: "body", orderId, at: epochMs(0) }]);
  for (const order of orders) await enter(order);
  const [entered, accepted, logged] = orders as [OrderAccepted, OrderAccepted, OrderAccepted];
  await submissions.accepted([accepted, logged]);
  await submissions.logged([logged]);
  await Bun.sleep(200);
  expect(await submissions.ofUser(userId)).toEqual([logged]);
  expect(await submissions.find(accepted.orderId)).toBeNull();
  expect(await enter(logged, idOf(9))).toEqual([{ kind: "same", orderId: logged.orderId }]);
  expect(await enter(entered, idOf(9))).toEqual([{ kind: "new" }]);
});

test("an order that version 0.1.0 left there on its way is found in today's shape", async () => {
  const shared = withFreshPrefix(redis);
  const submissions = createRedisSubmissions(shared);
  const order = sampleOrder({ userId: 7, seats: [3, 4] });
  await submissions.accepted([asOf010(order) as OrderAccepted]);
  expect(await submissions.find(order.orderId)).toEqual(order);
  expect(await submissions.ofUser(order.userId)).toEqual([order]);
});

test("I2: that orders are logged is said before a process ends", async () => {
  const shared = withFreshPrefix(redis);
  const undecidedMs = 60_000;
  const submissions = createRedisSubmissions(shared, { undecidedMs });
  const userId = 7 as UserId;
  const orderId = (slotCount + slotOfUser(userId)) as OrderId;
  const order = { orderId, userId, idempotencyKey: "k", requestHash: "body" } as OrderAccepted;
  const keptForMs = () =>
    shared.ask((cluster) => cluster.pttl(shared.key(keyIn(partOfOrder(orderId), "waiting", orderId))));
  await submissions.accepted([order]);
  void submissions.logged([order]);
  expect(await keptForMs()).toBeLessThanOrEqual(undecidedMs);
  await submissions[Symbol.asyncDispose]();
  expect(await keptForMs()).toBeGreaterThan(undecidedMs);
});
