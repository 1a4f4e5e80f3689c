/** The rules of an order store. */
import { expect, test } from "bun:test";
import { type LogRecord, type OrderAccepted, runId } from "@chepiao/contracts";
import {
  createPrng,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  segmentsPerRunMax,
  serviceDate,
  type ServiceDate,
  type UserId,
} from "@chepiao/kernel";
import type { Outbox } from "@chepiao/ports/outbox";
import { liveOrderOf, type OrderRecord, type OrderStore } from "./orderStore.ts";
import { sampleNow as now, sampleOrder } from "./samples.suite.ts";

type Subject = { readonly store: OrderStore; readonly outbox: Outbox };

const cancelled = (order: OrderRecord): OrderRecord => ({
  ...order,
  state: "cancelled",
  tickets: order.tickets.map((ticket) => ({ ...ticket, state: "released" })),
});
const word = (order: OrderRecord): LogRecord => ({
  topic: "inventory-update-topic",
  key: order.runId,
  value: {
    orderId: order.orderId,
    runId: order.runId,
    seatClass: order.seatClass,
    fromStop: order.fromStop,
    toStop: order.toStop,
    seatIndexes: order.tickets.map((ticket) => ticket.seatIndex),
    ticketNos: order.tickets.map((ticket) => ticket.ticketNo),
  },
});
const collect = async <T>(pages: AsyncIterable<readonly T[]>) => (await Array.fromAsync(pages)).flat();

export function orderStoreSuite(adapter: string, create: () => Promise<Subject> | Subject): void {
  const accept = async (store: OrderStore, ...orders: OrderAccepted[]) => {
    await store.accept(orders, now);
    return Promise.all(orders.map(async (order) => (await store.load(order.orderId))!));
  };

  test(`${adapter}: an accepted order is read back as it was, waiting for payment`, async () => {
    const { store } = await create();
    const order = sampleOrder({ seats: [3, 4] });
    expect(await store.accept([order], now)).toEqual(["pendingPayment"]);
    const loaded = await store.load(order.orderId);
    expect(loaded).toEqual({
      ...order,
      state: "pendingPayment",
      version: 0,
      paymentNo: null,
      paidAt: null,
      endedBecause: null,
      tickets: order.tickets.map((ticket) => ({ ...ticket, state: "held", feeFen: null, refundFen: null })),
    });
    expect(await store.load((order.orderId + 1) as never)).toBeNull();
  });

  test(`${adapter}: the ledger forgets runs of long ago, a few at a time, and nothing else`, async () => {
    const { store } = await create();
    const [firstDay, nextDay] = [serviceDate("2026-11-01"), serviceDate("2026-11-02")];
    const on = (train: string, originDate: ServiceDate): OrderAccepted => ({
      ...sampleOrder({ train, seats: [7] }),
      originDate,
      runId: runId(train, originDate),
    });
    const past = [on("G1", firstDay), on("G2", firstDay), on("G10", firstDay)];
    const later = on("G1", nextDay);
    await accept(store, ...past, later);
    expect(await store.forgetRuns(firstDay, 10)).toBe(0);
    expect([await store.forgetRuns(nextDay, 2), await store.forgetRuns(nextDay, 2)]).toEqual([2, 1]);
    expect(await store.forgetRuns(nextDay, 2)).toBe(0);
    for (const order of past) expect((await store.load(order.orderId))?.state).toBe("pendingPayment");
    // Whoever came for their seats would get them: the ledger knows of nobody.
    expect(
      await store.accept(
        past.map(({ trainNumber }) => on(trainNumber, firstDay)),
        now,
      ),
    ).toEqual(["pendingPayment", "pendingPayment", "pendingPayment"]);
    expect(await store.accept([on("G1", nextDay)], now)).toEqual(["rejected"]);
    // What is given back of them is nobody's any more, and does no harm.
    const [loaded] = await accept(store, past[0]!);
    expect(await store.change([{ order: cancelled(loaded!), freedSeats: [7], messages: [] }], now)).toEqual([true]);
  });

  test(`I7 ${adapter}: an order that arrives again is the order that is there`, async () => {
    const { store } = await create();
    const order = sampleOrder();
    expect(await store.accept([order, order], now)).toEqual(["pendingPayment", "known"]);
    const [loaded] = await accept(store, order);
    await store.change([{ order: cancelled(loaded!), freedSeats: [0], messages: [] }], now);
    expect(await store.accept([order], now)).toEqual(["known"]);
    expect((await store.load(order.orderId))!.state).toBe("cancelled");
  });

  test(`I7 ${adapter}: a batch that arrives again is known, but for what is new in it, and what became of each is told`, async () => {
    const { store } = await create();
    const first = Array.from({ length: 20 }, (_, seat) => sampleOrder({ seats: [seat], userId: seat + 1 }));
    const loser = sampleOrder({ seats: [0], userId: 50 });
    await store.accept([...first, loser], now);
    const [gone] = await accept(store, first[7]!);
    await store.change([{ order: cancelled(gone!), freedSeats: [7], messages: [] }], now);
    const later = [sampleOrder({ seats: [7], userId: 60 }), sampleOrder({ seats: [8], userId: 61 })];
    const again = [...first.slice(0, 10), later[0]!, ...first.slice(10), loser, later[1]!];
    const outcomes = await store.accept(again, now);
    expect(again.flatMap((order, n) => (outcomes[n] === "known" ? [] : [[order.userId, outcomes[n]]]))).toEqual([
      [60, "pendingPayment"],
      [61, "rejected"],
    ] as never);
    const unknown = sampleOrder({});
    const states = await store.states([...again, unknown].map(({ orderId }) => orderId));
    expect(states.size).toBe(again.length);
    const told = (orders: readonly OrderAccepted[]) => orders.map(({ orderId }) => states.get(orderId));
    expect(told([first[6]!, first[7]!, loser, ...later])).toEqual([
      "pendingPayment",
      "cancelled",
      "rejected",
      "pendingPayment",
      "rejected",
    ]);
  });

  test(`I1 ${adapter}: the ledger gives a seat to one order over a segment, and the loser takes none of its seats`, async () => {
    const { store } = await create();
    const first = sampleOrder({ seats: [5], fromStop: 1, toStop: 3 });
    const loser = sampleOrder({ seats: [4, 5], fromStop: 2, toStop: 4, userId: 2 });
    const before = sampleOrder({ seats: [5], fromStop: 0, toStop: 1, userId: 3 });
    const after = sampleOrder({ seats: [4, 5], fromStop: 3, toStop: 5, userId: 4 });
    const otherClass = sampleOrder({ seats: [5], fromStop: 1, toStop: 3, seatClass: "first", userId: 5 });
    expect(await store.accept([first, loser, before, after, otherClass], now)).toEqual([
      "pendingPayment",
      "rejected",
      "pendingPayment",
      "pendingPayment",
      "pendingPayment",
    ]);
    const rejected = (await store.load(loser.orderId))!;
    expect(rejected.endedBecause).toBe("SeatLost");
    expect(rejected.tickets.map((ticket) => ticket.state)).toEqual(["released", "released"]);
    const again = sampleOrder({ seats: [4], fromStop: 2, toStop: 3, userId: 6 });
    expect(await store.accept([again], now)).toEqual(["pendingPayment"]);
  });

  test(`I1 ${adapter}: random claims agree with a plain list of what is taken, up to ${segmentsPerRunMax} segments`, async () => {
    const { store } = await create();
    const seed = Number(process.env.SEED ?? 20261122);
    const prng = createPrng(seed);
    const taken: { seat: number; from: number; to: number }[] = [];
    for (let round = 0; round < 150; round++) {
      const from = prng.below(segmentsPerRunMax);
      const to = from + 1 + prng.below(Math.min(segmentsPerRunMax - from, prng.chance(0.5) ? 6 : 128));
      const seat = prng.below(3);
      const free = !taken.some((other) => other.seat === seat && other.from < to && from < other.to);
      const order = sampleOrder({ seats: [seat], fromStop: from, toStop: to });
      expect([seed, ...(await store.accept([order], now))]).toEqual([seed, free ? "pendingPayment" : "rejected"]);
      if (free) taken.push({ seat, from, to });
      if (free && prng.chance(0.4)) {
        const [loaded] = await accept(store, order);
        await store.change([{ order: cancelled(loaded!), freedSeats: [seat], messages: [] }], now);
        taken.pop();
      }
    }
  });

  test(`${adapter}: of two changes decided on one version the first is made`, async () => {
    const { store, outbox } = await create();
    const [order] = await accept(store, sampleOrder({ seats: [1] }));
    const paid: OrderRecord = { ...order!, state: "paid", paymentNo: "P1", paidAt: now };
    const gone = { order: cancelled(order!), freedSeats: [1], messages: [word(order!)] };
    expect(await store.change([{ order: paid, freedSeats: [], messages: [] }, gone], now)).toEqual([true, false]);
    expect(await store.load(order!.orderId)).toEqual({ ...paid, version: 1 });
    expect(await outbox.pending(now, 10)).toEqual([]);
    const rival = sampleOrder({ seats: [1], userId: 2 });
    expect(await store.accept([rival], now)).toEqual(["rejected"]);
  });

  test(`${adapter}: a change, the seats it frees and the word of it are one`, async () => {
    const { store, outbox } = await create();
    const [order] = await accept(store, sampleOrder({ seats: [1, 2] }));
    const change = { order: cancelled(order!), freedSeats: [1, 2], messages: [word(order!)] };
    expect(await store.change([change], now)).toEqual([true]);
    expect((await outbox.pending(now, 10)).map((message) => message.record)).toEqual([word(order!)]);
    expect(await store.accept([sampleOrder({ seats: [1, 2], userId: 2 })], now)).toEqual(["pendingPayment"]);
  });

  test(`${adapter}: tickets change one by one`, async () => {
    const { store } = await create();
    const [order] = await accept(store, sampleOrder({ seats: [1, 2] }));
    const [first, second] = order!.tickets;
    const given = { ...first!, state: "refunding" as const, feeFen: fen(500), refundFen: fen(9_500) };
    const changed: OrderRecord = { ...order!, state: "ticketed", tickets: [given, { ...second!, state: "issued" }] };
    await store.change([{ order: changed, freedSeats: [1], messages: [] }], now);
    expect(await store.load(order!.orderId)).toEqual({ ...changed, version: 1 });
    const onFreed = sampleOrder({ seats: [1], userId: 2 });
    const onKept = sampleOrder({ seats: [2], userId: 2 });
    expect(await store.accept([onFreed, onKept], now)).toEqual(["pendingPayment", "rejected"]);
  });

  test(`${adapter}: an account sees its own orders, newest first, page by page`, async () => {
    const { store } = await create();
    const mine = [1, 2, 3].map((n) => sampleOrder({ userId: 7, seats: [n], acceptedAt: epochMs(now + n * 1_000) }));
    await accept(store, ...mine, sampleOrder({ userId: 8, seats: [9] }));
    const userId = 7 as UserId;
    const page = await store.ofUser(userId, { limit: 2 });
    expect(page.map((order) => order.orderId)).toEqual([mine[2]!.orderId, mine[1]!.orderId]);
    const rest = await store.ofUser(userId, { limit: 2, before: page[1]!.orderId });
    expect(rest.map((order) => order.orderId)).toEqual([mine[0]!.orderId]);
    expect(await store.ofUser(userId, { limit: 2, state: "ticketed" })).toEqual([]);
    expect((await store.ofUser(userId, { limit: 9, state: "pendingPayment" })).length).toBe(3);
  });

  test(`I4 ${adapter}: overdue orders are found, the longest overdue first, and only unpaid ones`, async () => {
    const { store } = await create();
    const late = sampleOrder({ seats: [1], acceptedAt: epochMs(now - 20 * minuteMs) });
    const later = sampleOrder({ seats: [2], acceptedAt: epochMs(now - 30 * minuteMs) });
    const inTime = sampleOrder({ seats: [3] });
    const [paid] = await accept(
      store,
      sampleOrder({ seats: [4], acceptedAt: epochMs(now - hourMs) }),
      late,
      later,
      inTime,
    );
    await store.change([{ order: { ...paid!, state: "ticketed" }, freedSeats: [], messages: [] }], now);
    const overdue = await store.overdue(now, 10);
    expect(overdue.map((order) => order.orderId)).toEqual([later.orderId, late.orderId]);
    expect((await store.overdue(now, 1)).length).toBe(1);
  });

  test(`${adapter}: ended trips, live orders, recent keys and sold runs are found`, async () => {
    const { store } = await create();
    const past = sampleOrder({
      train: "G7",
      seats: [1],
      departAt: epochMs(now - 10 * hourMs),
      acceptedAt: epochMs(now - 48 * hourMs),
    });
    const coming = sampleOrder({ train: "G8", seats: [1] });
    const [travelled, live, gone] = await accept(store, past, coming, sampleOrder({ train: "G9", seats: [1] }));
    await store.change(
      [
        { order: { ...travelled!, state: "ticketed" }, freedSeats: [], messages: [] },
        { order: cancelled(gone!), freedSeats: [1], messages: [] },
      ],
      now,
    );
    expect((await store.travelled(now, 10)).map((order) => order.orderId)).toEqual([past.orderId]);
    expect(await collect(store.live(now))).toEqual([liveOrderOf(live!)]);
    expect(
      new Set((await collect(store.createdSince(epochMs(now - 24 * hourMs)))).map((order) => order.orderId)),
    ).toEqual(new Set([coming.orderId, gone!.orderId]));
    await store.change(
      [{ order: { ...travelled!, state: "completed", version: 1 }, freedSeats: [], messages: [] }],
      now,
    );
    const ended = epochMs(past.arriveAt - 1);
    expect((await collect(store.live(ended))).map((order) => order.orderId)).toEqual([past.orderId, coming.orderId]);
    expect((await collect(store.live(past.arriveAt))).map((order) => order.orderId)).toEqual([coming.orderId]);
    expect((await store.soldRuns()).has(coming.runId)).toBe(true);
    expect((await store.soldRuns()).has(gone!.runId)).toBe(false);
    expect(await store.highestId()).toBe(Math.max(past.orderId, coming.orderId, gone!.orderId));
  });

  test(`${adapter}: what nobody's order is about can be told too`, async () => {
    const { store, outbox } = await create();
    const [order] = await accept(store, sampleOrder());
    await store.tell([word(order!)], now);
    expect((await outbox.pending(now, 10)).length).toBe(1);
  });
}
