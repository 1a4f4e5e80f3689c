/** One way to change an order: decided on what stands, made once, told when it is made and never when it is not. */
import { expect, test } from "bun:test";
import type { SeatsFreed } from "@chepiao/contracts";
import { type OrderId, orderNoOf } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createMemoryOrderStore, type OrderRecord, type OrderStore } from "@chepiao/ports/order-store";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import { createChanges } from "./changes.ts";
import { decideCancel, decideExpire } from "./decide.ts";
import { createFindOrder } from "./store.ts";

async function createWorld(sample = sampleOrder({ seats: [1, 2] })) {
  const clock = createManualClock(sampleNow);
  const outbox = createMemoryOutbox();
  const store = createMemoryOrderStore(outbox);
  const submissions = createMemorySubmissions();
  const feed = createMemoryOrderFeed();
  const told: string[] = [];
  const nothing: (freed: SeatsFreed) => Promise<void> = async () => {};
  const world = { beforeChange: async () => {}, free: nothing };
  const slowStore: OrderStore = {
    ...store,
    async change(changes, now) {
      await world.beforeChange();
      return store.change(changes, now);
    },
  };
  const changes = createChanges({
    clock,
    store: slowStore,
    find: createFindOrder(store, submissions),
    feed,
    async free(freed) {
      await world.free(freed);
      told.push(`free ${freed.seatIndexes.join(" and ")}`);
    },
    paid: async ({ orderNo }) => void told.push(`paid ${orderNo}`),
    endedUnpaid: ({ userId }) => void told.push(`unpaid of ${userId}`),
    kickOutbox: () => void told.push("kick"),
    report: (message) => void told.push(message),
  });
  await store.accept([sample], sampleNow);
  feed.follow(sample.orderNo, () => told.push("follow"));
  const cancel = (order: OrderRecord) => {
    const decided = decideCancel(order);
    return decided.ok ? { change: decided.value } : { refused: decided.error.code };
  };
  return Object.assign(world, {
    order: sample,
    clock,
    store,
    submissions,
    outbox,
    changes,
    told,
    cancel,
    load: async () => (await store.load(sample.orderId))!,
  });
}

test("a change that is made is told: outbox, seats and limits, and who follows the order, in this order", async () => {
  const { order, changes, told, cancel, load, outbox } = await createWorld();
  expect(await changes.make(order.orderId, cancel)).toMatchObject({ ok: true, value: { change: {} } });
  expect((await load()).state).toBe("cancelled");
  expect(told).toEqual(["kick", "free 1 and 2", "follow", `unpaid of ${order.userId}`]);
  const messages = (await outbox.pending(sampleNow, 10)).map(({ record }) => record.topic);
  expect(messages).toEqual(["inventory-update-topic", "order-state-topic"]);
});

test("a decision that wants no change is answered as it is, and nothing is told", async () => {
  const { order, changes, told, cancel, load } = await createWorld();
  await changes.make(order.orderId, cancel);
  told.length = 0;
  expect(await changes.make(order.orderId, cancel)).toEqual({ ok: true, value: { refused: "OrderNotCancellable" } });
  expect([told, (await load()).version]).toEqual([[], 1]);
});

test("who loses the race decides again on what has won", async () => {
  const world = await createWorld();
  const { order, changes, cancel, store, told } = world;
  const seen: string[] = [];
  let rivals = 1;
  world.beforeChange = async () => {
    if (rivals-- <= 0) return;
    const now = (await store.load(order.orderId))!;
    await store.change([decideExpire(now, order.payBy)!], order.payBy);
  };
  const made = await changes.make(order.orderId, (now) => {
    seen.push(`${now.state} ${now.version}`);
    return cancel(now);
  });
  expect(made).toEqual({ ok: true, value: { refused: "OrderNotCancellable" } });
  expect(seen).toEqual(["pendingPayment 0", "expired 1"]);
  // Neither kicked, nor freed, nor heard of: that is the business of the one who won.
  expect(told).toEqual([]);
});

test("who loses every race says so instead of trying for ever", async () => {
  const world = await createWorld();
  const { order, changes, cancel, store, told } = world;
  let decisions = 0;
  world.beforeChange = async () => {
    const now = (await store.load(order.orderId))!;
    await store.change([{ order: now, freedSeats: [], messages: [] }], sampleNow);
  };
  const made = await changes.make(order.orderId, (now) => {
    decisions++;
    return cancel(now);
  });
  expect(made).toEqual({ ok: false, error: "outrun" });
  expect(decisions).toBeWithin(2, 20);
  expect(told).toEqual([]);
});

test("an order that nobody knows, and one that is not written yet, are told apart and never decided on", async () => {
  const { changes, submissions } = await createWorld();
  const never = () => {
    throw new Error("there is nothing to decide on");
  };
  expect(await changes.make(77 as OrderId, never)).toEqual({ ok: false, error: "unknown" });
  const accepted = sampleOrder({ seats: [3] });
  await submissions.accepted([accepted]);
  expect(await changes.make(accepted.orderId, never)).toEqual({ ok: false, error: "notWritten" });
});

test("what was changed is answered as changed although its seats cannot be given back at once", async () => {
  const world = await createWorld();
  world.free = () => Promise.reject(new Error("the inventory is away"));
  expect((await world.changes.make(world.order.orderId, world.cancel)).ok).toBe(true);
  expect(world.told).toEqual([
    "kick",
    "seats or limits could not be told at once; the log does it",
    "follow",
    `unpaid of ${world.order.userId}`,
  ]);
  expect((await world.outbox.backlog()).count).toBe(2);
});

test("of many changes at once each is told that was made, and none that lost its race", async () => {
  const world = await createWorld();
  const { store, changes, told, clock } = world;
  const other = sampleOrder({ seats: [5], userId: 2 });
  await store.accept([other], sampleNow);
  const orders = await Promise.all([world.order, other].map(async ({ orderId }) => (await store.load(orderId))!));
  await clock.advance(world.order.payBy - sampleNow);
  const expire = (order: OrderRecord) => decideExpire(order, clock.now());
  world.beforeChange = async () => {
    world.beforeChange = async () => {};
    await changes.make(world.order.orderId, world.cancel);
    told.length = 0;
  };
  const made = await changes.makeAll(orders, expire);
  expect(made.map(({ orderNo }) => orderNo)).toEqual([orderNoOf(other.orderId)]);
  // The first one's follower has heard of its cancelling, and of nothing since.
  expect(told).toEqual(["kick", `unpaid of ${other.userId}`]);
  expect(await changes.makeAll(orders, expire)).toEqual([]);
  expect(told).toEqual(["kick", `unpaid of ${other.userId}`]);
});

test("a batch in which time changes nothing costs no transaction", async () => {
  const world = await createWorld();
  world.beforeChange = () => Promise.reject(new Error("nothing is to be written"));
  expect(await world.changes.makeAll([await world.load()], () => null)).toEqual([]);
});
