/** The stores keep their rules also where reading and writing happen on two threads. */
import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sentMessagesSuite } from "@chepiao/ports/messenger/sent-messages.suite.ts";
import { oneTimeCodesSuite } from "@chepiao/ports/one-time-codes/one-time-codes.suite.ts";
import { gateStoreSuite } from "@chepiao/ports/gate-store/gateStore.suite.ts";
import { orderStoreSuite } from "@chepiao/ports/order-store/orderStore.suite.ts";
import { paymentStoreSuite } from "@chepiao/ports/payment-store/payment-store.suite.ts";
import { notificationStoreSuite } from "@chepiao/ports/notification-store/notificationStore.suite.ts";
import { queueStoreSuite } from "@chepiao/ports/queue-store/queueStore.suite.ts";
import { sessionStoreSuite } from "@chepiao/ports/session-store/session-store.suite.ts";
import { userStoreSuite } from "@chepiao/ports/user-store/user-store.suite.ts";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import type { UserId } from "@chepiao/kernel";
import { openStores, openStoresOn } from "./openStores.ts";

const folder = mkdtempSync(join(tmpdir(), "chepiao-stores-"));
const opened: AsyncDisposable[] = [];
afterAll(async () => {
  for (const each of opened.reverse()) await each[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;
async function open(path = join(folder, `${++files}.db`)) {
  const two = await openStores(path, (error) => {
    throw error;
  });
  opened.push(two);
  return { ...two, path };
}

const threads = "sqlite on two threads";
orderStoreSuite(threads, async () => {
  const { stores } = await open();
  return { store: stores.orders, outbox: stores.outbox };
});
userStoreSuite(threads, async () => (await open()).stores.users);
gateStoreSuite(threads, async () => (await open()).stores.gates);
oneTimeCodesSuite(threads, async () => (await open()).stores.codes);
sentMessagesSuite(threads, async () => (await open()).stores.sentMessages);
notificationStoreSuite(threads, async () => (await open()).stores.notifications);
queueStoreSuite(threads, async () => (await open()).stores.queues);
sessionStoreSuite(threads, async () => (await open()).stores.sessions);
paymentStoreSuite(threads, async () => {
  const { stores } = await open();
  return { store: stores.payments, outbox: stores.outbox, close: async () => {} };
});

describe("on a line to another thread's writer", () => {
  async function openOn() {
    const { path, lineToWriter } = await open();
    const lent = await openStoresOn(path, lineToWriter());
    opened.push(lent);
    return lent.stores;
  }
  userStoreSuite("sqlite on a line", async () => (await openOn()).users);
  sessionStoreSuite("sqlite on a line", async () => (await openOn()).sessions);

  test("what one writes the other reads, and closing waits for what was asked for", async () => {
    const one = await open();
    const other = await openStoresOn(one.path, one.lineToWriter());
    const [first, second] = [sampleOrder({ seats: [1] }), sampleOrder({ seats: [2] })];
    await one.stores.orders.accept([first], sampleNow);
    expect((await other.stores.orders.load(first.orderId))?.orderNo).toBe(first.orderNo);
    const written = other.stores.orders.accept([second], sampleNow);
    await other[Symbol.asyncDispose]();
    expect(await written).toEqual(["pendingPayment"]);
    expect((await one.stores.orders.load(second.orderId))?.orderNo).toBe(second.orderNo);
  });
});

test("who asks for a write does not wait for the disk himself, so whoever writes beside him ends meanwhile", async () => {
  const { stores, path } = await open();
  using other = new Database(path);
  other.run("BEGIN IMMEDIATE");
  const hash = "ab".repeat(32);
  const asked = Promise.all([
    stores.queues.putTaken("testqueue", [{ lot: "a", userId: 1 as UserId }]),
    stores.queues.putListed("testqueue", hash, 0, ["a"]),
    stores.queues.publishRoot("testqueue", hash, sampleNow),
    stores.queues.noteChance("testqueue", "1 2 3"),
    stores.queues.reveal("testqueue", 1, hash),
    stores.users.takeDocumentPlace(1 as UserId, hash, 1, sampleNow),
    stores.users.proveContact(1 as UserId, hash, sampleNow),
    stores.users.releaseContact(1 as UserId, hash),
  ]);
  // A write on this thread would stop it here until the other's lock is given up for lost.
  await Bun.sleep(0);
  other.run("ROLLBACK");
  await asked;
});

test("what was asked for before closing is written", async () => {
  const { stores, path } = await open();
  const orders = Array.from({ length: 200 }, (_, seat) => sampleOrder({ userId: seat + 1, seats: [seat] }));
  const written = Promise.all(orders.map((order) => stores.orders.accept([order], sampleNow)));
  await opened.pop()![Symbol.asyncDispose]();
  expect((await written).flat()).toEqual(orders.map(() => "pendingPayment"));
  const again = await open(path);
  for (const order of orders) expect((await again.stores.orders.load(order.orderId))?.orderNo).toBe(order.orderNo);
});

test("a write that fails is told to whoever asked for it, and the next one goes on", async () => {
  const { stores } = await open();
  const broken = { ...sampleOrder(), orderNo: null as never };
  expect(stores.orders.accept([broken], sampleNow)).rejects.toThrow("NOT NULL");
  const order = sampleOrder();
  expect(await stores.orders.accept([order], sampleNow)).toEqual(["pendingPayment"]);
});
