/** Limits and keys that were lost are told again while people buy (I6, I7). */
import { expect, test } from "bun:test";
import { epochMs, formatInZone, type OrderId, type ZoneName } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderStore, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import {
  createMemoryReservations,
  purchaseLimitsDefault,
  purchaseLimitsWithoutHoarding,
} from "@chepiao/ports/reservations";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import { claimsOf } from "./reservation.ts";
import { dayBegan } from "./reload.ts";
import { repairKeys, repairLimits } from "./repairLimits.ts";

const zone = "Asia/Shanghai" as ZoneName;
const noRuns = { zone, run: () => null };

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
    const [claim] = claimsOf(more, "pendingPayment", noRuns);
    const trips = claim!.trips.map((trip, n) => ({ ...trip, documentHash: `another ${userId} ${n}` }));
    const [answer] = await reservations.reserve([{ ...claim!, trips }], {
      ...purchaseLimitsWithoutHoarding,
      ticketsPerUserRun: 5,
    });
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
    await (isWhole ? reservations.endUnpaid(orderId) : reservations.release({ orderId, line: 0 }, given));
  }
  const timetable = () => noRuns;
  return { clock, store, timetable, reservations, submissions, orders, some, mayBuyThreeMore, end };
}
const through = async (counts: AsyncIterable<number>) => (await Array.fromAsync(counts)).at(-1) ?? 0;

test("I6: limits that were lost count again, but not for what ended while they were told", async () => {
  const world = await createWorld();
  const [stays, ends, endsInPart] = world.orders;
  const reload: typeof world.reservations.reload = async (reservations) => {
    // Between the reading and the telling: who gives back finds nothing there.
    await world.end(ends.orderId, true);
    await world.end(endsInPart.orderId, false);
    await world.reservations.reload(reservations);
  };
  const reservations = { ...world.reservations, reload };
  // Three, and the one that ended once more: as a cancelled one.
  expect(await through(repairLimits({ ...world, orders: { some: world.some }, reservations }))).toBe(4);
  expect(await world.mayBuyThreeMore(stays.userId)).toBe(false);
  expect(await world.mayBuyThreeMore(ends.userId)).toBe(true);
  // Two that stand and three more are five.
  expect(await world.mayBuyThreeMore(endsInPart.userId)).toBe(true);
  expect(await world.mayBuyThreeMore(endsInPart.userId)).toBe(false);
});

test("I6: what waits for its money, and what was cancelled or paid while it was told, counts as what it is", async () => {
  const world = await createWorld();
  const [waits, ends, paid] = world.orders;
  const reload: typeof world.reservations.reload = async (reservations) => {
    await world.end(ends.orderId, true);
    const order = (await world.store.load(paid.orderId))!;
    await world.store.change([{ order: { ...order, state: "ticketed" }, freedSeats: [], messages: [] }], sampleNow);
    await world.reservations.reload(reservations);
  };
  const reservations = { ...world.reservations, reload };
  await through(repairLimits({ ...world, orders: { some: world.some }, reservations }));
  const code = async (userId: number, limits = purchaseLimitsDefault) => {
    const [claim] = claimsOf(sampleOrder({ userId, seats: [9], train: `G${userId}` }), "pendingPayment", noRuns);
    const trips = claim!.trips.map((trip) => ({ ...trip, documentHash: `another ${userId}` }));
    const [answer] = await world.reservations.reserve([{ ...claim!, trips }], limits);
    return answer!.ok ? "ok" : answer!.error.code;
  };
  expect(await code(waits.userId)).toBe("UnpaidOrderOpen");
  expect(await code(paid.userId)).toBe("ok");
  expect(await code(ends.userId, { ...purchaseLimitsDefault, cancelsPerDay: 1 })).toBe("CancelledTooOften");
});

test("I6: the day on which an order counts begins when the clock shows midnight, also where it is changed that day", () => {
  const berlin = "Europe/Berlin" as ZoneName;
  const began = (at: string, where: ZoneName) => formatInZone(dayBegan(epochMs(Date.parse(at)), where), where);
  expect(began("2026-12-01T00:30+08:00", zone)).toBe("2026-12-01T00:00:00+08:00");
  expect(began("2027-03-28T12:00+02:00", berlin)).toBe("2027-03-28T00:00:00+01:00");
  expect(began("2027-10-31T12:00+01:00", berlin)).toBe("2027-10-31T00:00:00+02:00");
});

test("I7: a key that was lost leads to its order again, also where that has ended", async () => {
  const world = await createWorld();
  const [, ended] = world.orders;
  await world.end(ended.orderId, true);
  expect(await through(repairKeys({ ...world, orders: { some: world.some } }))).toBe(3);
  const { userId, idempotencyKey: key, requestHash } = ended;
  const again = { userId, key, requestHash, orderId: 99 as OrderId, at: sampleNow };
  expect(await world.submissions.enter([again])).toEqual([{ kind: "same", orderId: ended.orderId }]);
});
