/** Limits and keys that were lost are told again while people buy (I6, I7). */
import { expect, test } from "bun:test";
import { epochMs, type OrderId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderStore, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryReservations } from "@chepiao/ports/reservations";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import { claimOf } from "./claim.ts";
import { recoverKeys, recoverLimits } from "./recover.ts";

async function createWorld() {
  const clock = createManualClock(sampleNow);
  const store = createMemoryOrderStore(createMemoryOutbox());
  const reservations = createMemoryReservations();
  const submissions = createMemorySubmissions();
  const orders = [
    sampleOrder({ userId: 1, seats: [1, 2, 3] }),
    sampleOrder({ userId: 2, seats: [4, 5, 6] }),
    sampleOrder({ userId: 3, seats: [7, 8, 9] }),
  ] as const;
  await store.accept(orders, sampleNow);
  const some = async (orderIds: readonly OrderId[]) =>
    (await Promise.all(orderIds.map((orderId) => store.load(orderId)))).filter((order) => order !== null);
  /** The same account buys three more on the run, of which five may be bought. */
  async function mayBuyThreeMore(userId: number): Promise<boolean> {
    const more = sampleOrder({ userId, seats: [1, 2, 3], departAt: epochMs(sampleNow + 1) });
    const trips = claimOf(more).trips.map((trip, n) => ({ ...trip, documentHash: `another ${userId} ${n}` }));
    const [answer] = await reservations.claim([{ ...claimOf(more), trips }]);
    return answer!.ok;
  }
  /** Ends the order, or its first ticket alone, and lets the limits hear of it. */
  async function end(orderId: OrderId, isWhole: boolean) {
    const order = (await store.load(orderId))!;
    const tickets = order.tickets.map((each, n) =>
      isWhole || n === 0 ? { ...each, state: "refunded" as const } : each,
    );
    const state: OrderRecord["state"] = isWhole ? "cancelled" : order.state;
    await store.change([{ order: { ...order, state, tickets }, freedSeats: [], messages: [] }], sampleNow);
    const given = tickets.filter((ticket) => ticket.state === "refunded").map(({ ticketNo }) => ticketNo);
    await reservations.giveBack(orderId, given);
  }
  return { clock, store, reservations, submissions, orders, some, mayBuyThreeMore, end };
}
const through = async (counts: AsyncIterable<number>) => (await Array.fromAsync(counts)).at(-1) ?? 0;

test("I6: limits that were lost count again, but not for what ended while they were told", async () => {
  const world = await createWorld();
  const [stays, ends, endsInPart] = world.orders;
  const restore: typeof world.reservations.restore = async (claims) => {
    // Between the reading and the telling: who gives back finds nothing there.
    await world.end(ends.orderId, true);
    await world.end(endsInPart.orderId, false);
    await world.reservations.restore(claims);
  };
  const reservations = { restore, giveBack: world.reservations.giveBack };
  expect(await through(recoverLimits({ ...world, orders: { some: world.some }, reservations }))).toBe(3);
  expect(await world.mayBuyThreeMore(stays.userId)).toBe(false);
  expect(await world.mayBuyThreeMore(ends.userId)).toBe(true);
  // Two that stand and three more are five.
  expect(await world.mayBuyThreeMore(endsInPart.userId)).toBe(true);
  expect(await world.mayBuyThreeMore(endsInPart.userId)).toBe(false);
});

test("I7: a key that was lost leads to its order again, also where that has ended", async () => {
  const world = await createWorld();
  const [, ended] = world.orders;
  await world.end(ended.orderId, true);
  expect(await through(recoverKeys({ ...world, orders: { some: world.some } }))).toBe(3);
  const { userId, idempotencyKey: key, requestHash } = ended;
  const again = { userId, key, requestHash, orderId: 99 as OrderId, at: sampleNow };
  expect(await world.submissions.enter([again])).toEqual([{ kind: "same", orderId: ended.orderId }]);
});
