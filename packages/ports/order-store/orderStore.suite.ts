/** The rules of an order store. */
import { expect, test } from "bun:test";
import { endOf, firstRunOf, type LogRecord, type OrderAccepted, type RunId, runId } from "@chepiao/contracts";
import {
  createPrng,
  type EpochMs,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  type PassengerId,
  segmentsPerRunMax,
  serviceDate,
  type ServiceDate,
  type UserId,
} from "@chepiao/kernel";
import type { Outbox } from "@chepiao/ports/outbox";
import { type TripLimits, tripLimitsDefault } from "@chepiao/ports/reservations";
import { orderChangesSuite } from "./changes.suite.ts";
import { liveOrderOf, type OrderRecord, type OrderStore, unpaidOrderOf, type Written } from "./orderStore.ts";
import {
  freedOf,
  sampleDate,
  sampleDeparture,
  sampleNow as now,
  sampleOrder,
  type SampleOptions,
} from "./samples.suite.ts";
import { studentTripsSuite } from "./studentTrips.suite.ts";

type Subject = { readonly store: OrderStore; readonly outbox: Outbox };

const cancelled = (order: OrderRecord): OrderRecord => ({
  ...order,
  state: "cancelled",
  tickets: order.tickets.map((ticket) => ({ ...ticket, state: "released" })),
});
const word = (order: OrderRecord): LogRecord => ({
  topic: "inventory-update-topic",
  key: firstRunOf(order),
  value: freedOf(order)[0]!,
});
const collect = async <T>(pages: AsyncIterable<readonly T[]>) => (await Array.fromAsync(pages)).flat();

let accountsMade = 0;

/** Small numbers, so that few orders reach them. */
const limits: TripLimits = { ...tripLimitsDefault, ticketsPerUserRun: 5, gapMs: 0 };

export function orderStoreSuite(adapter: string, create: () => Promise<Subject> | Subject): void {
  orderChangesSuite(adapter, create);
  studentTripsSuite(adapter, create);

  const accept = async (store: OrderStore, ...orders: OrderAccepted[]) => {
    await store.accept(orders, now, limits);
    return Promise.all(orders.map(async (order) => (await store.load(order.orderId))!));
  };

  test(`${adapter}: an accepted order is read back as it was, waiting for payment`, async () => {
    const { store } = await create();
    const order = sampleOrder({ seats: [3, 4] });
    expect(await store.accept([order], now, limits)).toEqual(["pendingPayment"]);
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
    const on = (train: string, originDate: ServiceDate): OrderAccepted => {
      const order = sampleOrder({ train, seats: [7] });
      return { ...order, lines: [{ ...order.lines[0], originDate, runId: runId(train, originDate) }] };
    };
    const past = [on("G1", firstDay), on("G2", firstDay), on("G10", firstDay)];
    const later = on("G1", nextDay);
    await accept(store, ...past, later);
    expect(await store.forgetRuns(firstDay, 10)).toBe(0);
    expect([await store.forgetRuns(nextDay, 2), await store.forgetRuns(nextDay, 2)]).toEqual([2, 1]);
    expect(await store.forgetRuns(nextDay, 2)).toBe(0);
    for (const order of past) expect((await store.load(order.orderId))?.state).toBe("pendingPayment");
    // A buyer who came for their seats would get them: the ledger knows of nobody.
    expect(
      await store.accept(
        past.map(({ lines: [{ trainNumber }] }) => on(trainNumber, firstDay)),
        now,
        limits,
      ),
    ).toEqual(["pendingPayment", "pendingPayment", "pendingPayment"]);
    expect(await store.accept([on("G1", nextDay)], now, limits)).toEqual(["rejected"]);
    // What is given back of them is nobody's any more, and does no harm.
    const [loaded] = await accept(store, past[0]!);
    expect(
      await store.change([{ order: cancelled(loaded!), freedSeats: freedOf(loaded!), messages: [] }], now),
    ).toEqual([true]);
  });

  test(`I7 ${adapter}: an order that arrives again is the order that is there`, async () => {
    const { store } = await create();
    const order = sampleOrder();
    expect(await store.accept([order, order], now, limits)).toEqual(["pendingPayment", "known"]);
    const [loaded] = await accept(store, order);
    await store.change([{ order: cancelled(loaded!), freedSeats: freedOf(loaded!), messages: [] }], now);
    expect(await store.accept([order], now, limits)).toEqual(["known"]);
    expect((await store.load(order.orderId))!.state).toBe("cancelled");
  });

  test(`I7 ${adapter}: a batch that arrives again is known, but for what is new in it, and what became of each is told`, async () => {
    const { store } = await create();
    const first = Array.from({ length: 20 }, (_, seat) => sampleOrder({ seats: [seat], userId: seat + 1 }));
    const loser = sampleOrder({ seats: [0], userId: 50 });
    await store.accept([...first, loser], now, limits);
    const [gone] = await accept(store, first[7]!);
    await store.change([{ order: cancelled(gone!), freedSeats: freedOf(gone!), messages: [] }], now);
    const later = [sampleOrder({ seats: [7], userId: 60 }), sampleOrder({ seats: [8], userId: 61 })];
    const again = [...first.slice(0, 10), later[0]!, ...first.slice(10), loser, later[1]!];
    const outcomes = await store.accept(again, now, limits);
    expect(again.flatMap((order, n) => (outcomes[n] === "known" ? [] : [[order.userId, outcomes[n]]]))).toEqual([
      [60, "pendingPayment"],
      [61, "rejected"],
    ] as never);
    const unknown = sampleOrder({});
    const known = await store.states([...again, unknown].map(({ orderId }) => orderId));
    expect(known.size).toBe(again.length);
    expect(known.get(loser.orderId)!.endedBecause).toBe("SeatLost");
    const told = (orders: readonly OrderAccepted[]) => orders.map(({ orderId }) => known.get(orderId)!.state);
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
    expect(await store.accept([first, loser, before, after, otherClass], now, limits)).toEqual([
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
    expect(await store.accept([again], now, limits)).toEqual(["pendingPayment"]);
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
      const order = sampleOrder({ userId: round + 1, seats: [seat], fromStop: from, toStop: to });
      expect([seed, ...(await store.accept([order], now, limits))]).toEqual([
        seed,
        free ? "pendingPayment" : "rejected",
      ]);
      if (free) taken.push({ seat, from, to });
      if (free && prng.chance(0.4)) {
        const [loaded] = await accept(store, order);
        await store.change([{ order: cancelled(loaded!), freedSeats: freedOf(loaded!), messages: [] }], now);
        taken.pop();
      }
    }
  });

  const outcomeOf = async (store: OrderStore, order: OrderAccepted) => {
    await store.accept([order], now, limits);
    const { state, endedBecause } = (await store.load(order.orderId))!;
    return endedBecause ?? state;
  };
  /** Leaves so many hours after the samples do. */
  const trip = (hour: number, documents: string[], options: SampleOptions = {}) =>
    sampleOrder({
      train: `G${hour}`,
      userId: 100 + hour,
      seats: documents.map((_, n) => n),
      documents,
      departAt: epochMs(sampleDeparture + hour * hourMs),
      hours: 2,
      ...options,
    });

  test(`I6 ${adapter}: no passenger is written as travelling on two trains at once; the end of one trip may be the start of the next`, async () => {
    const { store } = await create();
    const batch = [
      trip(4, ["a", "b"]),
      trip(3, ["c", "a"]),
      trip(5, ["b"], { userId: 7 }),
      trip(6, ["a"]),
      trip(2, ["a", "c"]),
      trip(3, ["d"], { seats: [5] }),
    ];
    expect(await store.accept(batch, now, limits)).toEqual([
      "pendingPayment",
      "rejected",
      "rejected",
      "pendingPayment",
      "pendingPayment",
      "pendingPayment",
    ]);
    const refused = (await store.load(batch[1]!.orderId))!;
    expect([refused.endedBecause, ...refused.tickets.map(({ state }) => state)]).toEqual([
      "TripOverlaps",
      "released",
      "released",
    ]);
    expect((await store.states([batch[1]!.orderId])).get(batch[1]!.orderId)).toMatchObject({
      state: "rejected",
      endedBecause: "TripOverlaps",
      acceptedAt: batch[1]!.acceptedAt,
    });
    // It has taken neither seats nor trips.
    const others = [trip(3, ["c"], { userId: 8, seats: [1], hours: 1 }), trip(4, ["c"], { userId: 9, seats: [2] })];
    expect(await outcomeOf(store, others[0]!)).toBe("TripOverlaps");
    expect(await outcomeOf(store, others[1]!)).toBe("pendingPayment");
  });

  test(`I6 ${adapter}: a trip that is given up, whole or in part, is free at once, and what the order keeps is not`, async () => {
    const { store } = await create();
    const [both, alone] = await accept(store, trip(4, ["a", "b"]), trip(4, ["c"], { train: "G40", userId: 3 }));
    const [first, second] = both!.tickets;
    const given = { ...first!, state: "refunding" as const, feeFen: fen(0), refundFen: fen(1) };
    const half: OrderRecord = { ...both!, state: "ticketed", tickets: [given, { ...second!, state: "issued" }] };
    await store.change([{ order: half, freedSeats: freedOf({ ...both!, tickets: [first!] }), messages: [] }], now);
    await store.change([{ order: cancelled(alone!), freedSeats: freedOf(alone!), messages: [] }], now);
    expect(await outcomeOf(store, trip(5, ["b"], { userId: 4 }))).toBe("TripOverlaps");
    expect(await outcomeOf(store, trip(5, ["a", "c"], { userId: 5, seats: [8, 9] }))).toBe("pendingPayment");
    // A late copy of what has ended takes nothing anew.
    expect(await store.accept([both!, alone!], now, limits)).toEqual(["known", "known"]);
    const used = { ...half, version: 1, state: "completed" as const };
    await store.change([{ order: used, freedSeats: [], messages: [] }], now);
    expect(await outcomeOf(store, trip(5, ["b"], { userId: 6 }))).toBe("TripOverlaps");
  });

  test(`I6 ${adapter}: an account has at most five tickets of one run, and a document ten of one day`, async () => {
    const { store } = await create();
    const own = { userId: 7, train: "G1" };
    const four = trip(0, ["a", "b", "c", "d"], { ...own, seats: [0, 1, 2, 3] });
    expect(await outcomeOf(store, four)).toBe("pendingPayment");
    const two = () => trip(0, ["e", "f"], { ...own, seats: [4, 5] });
    const last = () => trip(0, ["g"], { ...own, seats: [6] });
    expect(await outcomeOf(store, two())).toBe("UserRunLimit");
    expect(await store.accept([last(), trip(0, ["h"], { ...own, seats: [7] })], now, limits)).toEqual([
      "pendingPayment",
      "rejected",
    ]);
    const loaded = (await store.load(four.orderId))!;
    await store.change([{ order: cancelled(loaded), freedSeats: freedOf(loaded), messages: [] }], now);
    expect(await outcomeOf(store, two())).toBe("pendingPayment");

    const hops = Array.from({ length: 11 }, (_, n) => trip(n, ["z"], { hours: 1, seats: [30] }));
    expect(await store.accept(hops, now, limits)).toEqual([...Array<Written>(10).fill("pendingPayment"), "rejected"]);
    expect((await store.load(hops[10]!.orderId))!.endedBecause).toBe("DocumentDayLimit");
    const nextDay = trip(20, ["z"], { seats: [30], boardingDate: serviceDate("2026-12-02") });
    expect(await outcomeOf(store, nextDay)).toBe("pendingPayment");
  });

  test(`${adapter}: trips of long ago count for nobody any more, and those of later days do`, async () => {
    const { store } = await create();
    const five = ["a", "b", "c", "d", "e"];
    await accept(store, trip(0, five, { userId: 7, train: "G1" }));
    await store.forgetRuns(sampleDate, 10);
    expect(await outcomeOf(store, trip(1, ["a"], { userId: 8, train: "G9" }))).toBe("TripOverlaps");
    expect(await outcomeOf(store, trip(0, ["f"], { userId: 7, train: "G1", seats: [6] }))).toBe("UserRunLimit");
    await store.forgetRuns(serviceDate("2026-12-02"), 10);
    expect(await outcomeOf(store, trip(1, ["a"], { userId: 8, train: "G9" }))).toBe("pendingPayment");
    expect(await outcomeOf(store, trip(0, ["f"], { userId: 7, train: "G1", seats: [6] }))).toBe("pendingPayment");
  });

  test(`I6 ${adapter}: the trips of all lines are counted, or of none`, async () => {
    const { store } = await create();
    const later = (hour: number, seat: number) => ({
      train: `G${hour}`,
      seats: [seat],
      hours: 2,
      departAt: epochMs(sampleDeparture + hour * hourMs),
    });
    expect(await outcomeOf(store, trip(6, ["b"], { userId: 3 }))).toBe("pendingPayment");
    const there = (document: string, hour: number) =>
      trip(2, ["a", document], { seats: [1], userId: 4, furtherLines: [later(hour, 2)] });
    const refused = there("b", 7);
    expect(await outcomeOf(store, refused)).toBe("TripOverlaps");
    expect((await store.load(refused.orderId))!.tickets.map(({ state }) => state)).toEqual(["released", "released"]);
    // Nobody is in two places at once by two lines of one order.
    expect(await outcomeOf(store, there("a", 3))).toBe("TripOverlaps");
    // None of it has left anything behind, on either line: seats, trips, or tickets of a run.
    expect(await outcomeOf(store, there("c", 7))).toBe("pendingPayment");
    expect(await outcomeOf(store, trip(7, ["c"], { userId: 5, seats: [3] }))).toBe("TripOverlaps");
    expect(await outcomeOf(store, trip(3, ["a"], { userId: 5, seats: [3] }))).toBe("TripOverlaps");
    const four = trip(7, ["e", "f", "g", "h"], { userId: 4, seats: [4, 5, 6, 7] });
    expect(await outcomeOf(store, four)).toBe("pendingPayment");
    expect(await outcomeOf(store, trip(7, ["i"], { userId: 4, seats: [8] }))).toBe("UserRunLimit");
  });

  test(`I6 ${adapter}: random trips agree with a list of who is on a train in which hour`, async () => {
    const { store } = await create();
    const seed = Number(process.env.SEED ?? 20261129);
    const prng = createPrng(seed);
    const people = ["a", "b", "c", "d", "e"];
    const onTrain = new Set<string>();
    const hoursOf = (documents: readonly string[], from: number, hours: number) =>
      documents.flatMap((document) => Array.from({ length: hours }, (_, n) => `${document} ${from + n}`));
    const standing: { order: OrderAccepted; hours: string[]; documents: string[]; from: number; count: number }[] = [];
    for (let round = 0; round < 60; round++) {
      const batch = Array.from({ length: 1 + prng.below(3) }, () => {
        const first = prng.below(people.length);
        const documents = Array.from({ length: 1 + prng.below(2) }, (_, n) => people[(first + n) % people.length]!);
        const [from, count] = [prng.below(40), 1 + prng.below(5)];
        // Few enough a day and account, and a seat of their own, so that it is the hours alone that decide.
        const boardingDate = serviceDate(`2026-12-${10 + (round % 20)}`);
        const options = { hours: count, train: `G${round}`, userId: 1_000 + round, boardingDate };
        return {
          order: trip(from, documents, options),
          hours: hoursOf(documents, from, count),
          documents,
          from,
          count,
        };
      }).map((each, n) => ({
        ...each,
        order: {
          ...each.order,
          tickets: each.order.tickets.map((ticket, at) => ({ ...ticket, seatIndex: 10 * n + at })),
        },
      }));
      const expected = batch.map((each): Written => {
        if (each.hours.some((hour) => onTrain.has(hour))) return "rejected";
        for (const hour of each.hours) onTrain.add(hour);
        standing.push(each);
        return "pendingPayment";
      });
      expect([
        seed,
        ...(await store.accept(
          batch.map(({ order }) => order),
          now,
          limits,
        )),
      ]).toEqual([seed, ...expected] as never);
      if (standing.length === 0 || prng.chance(0.4)) continue;
      const [ending] = standing.splice(prng.below(standing.length), 1);
      const { order, documents, from, count } = ending!;
      const loaded = (await store.load(order.orderId))!;
      const isWhole = documents.length === 1 || prng.chance(0.5);
      const tickets = loaded.tickets.map((ticket, n) => ({
        ...ticket,
        state: isWhole || n === 0 ? ("released" as const) : ticket.state,
      }));
      const state = isWhole ? "cancelled" : loaded.state;
      const freedSeats = freedOf({ ...loaded, tickets: tickets.filter((ticket) => ticket.state === "released") });
      await store.change([{ order: { ...loaded, state, tickets }, freedSeats, messages: [] }], now);
      for (const hour of hoursOf(isWhole ? documents : [documents[0]!], from, count)) onTrain.delete(hour);
    }
  });

  test(`${adapter}: of two changes decided on one version the first is made`, async () => {
    const { store, outbox } = await create();
    const [order] = await accept(store, sampleOrder({ seats: [1] }));
    const paid: OrderRecord = { ...order!, state: "paid", paymentNo: "P1", paidAt: now };
    const gone = { order: cancelled(order!), freedSeats: freedOf(order!), messages: [word(order!)] };
    expect(await store.change([{ order: paid, freedSeats: [], messages: [] }, gone], now)).toEqual([true, false]);
    expect(await store.load(order!.orderId)).toEqual({ ...paid, version: 1 });
    expect(await outbox.pending(now, 10)).toEqual([]);
    const rival = sampleOrder({ seats: [1], userId: 2 });
    expect(await store.accept([rival], now, limits)).toEqual(["rejected"]);
  });

  test(`${adapter}: a change, the seats it frees and the word of it are one`, async () => {
    const { store, outbox } = await create();
    const [order] = await accept(store, sampleOrder({ seats: [1, 2] }));
    const change = { order: cancelled(order!), freedSeats: freedOf(order!), messages: [word(order!)] };
    expect(await store.change([change], now)).toEqual([true]);
    expect((await outbox.pending(now, 10)).map((message) => message.record)).toEqual([word(order!)]);
    expect(await store.accept([sampleOrder({ seats: [1, 2], userId: 2 })], now, limits)).toEqual(["pendingPayment"]);
  });

  test(`${adapter}: tickets change one by one`, async () => {
    const { store } = await create();
    const [order] = await accept(store, sampleOrder({ seats: [1, 2] }));
    const [first, second] = order!.tickets;
    const given = { ...first!, state: "refunding" as const, feeFen: fen(500), refundFen: fen(9_500) };
    const changed: OrderRecord = { ...order!, state: "ticketed", tickets: [given, { ...second!, state: "issued" }] };
    await store.change([{ order: changed, freedSeats: freedOf(order!, [1]), messages: [] }], now);
    expect(await store.load(order!.orderId)).toEqual({ ...changed, version: 1 });
    const onFreed = sampleOrder({ seats: [1], userId: 2 });
    const onKept = sampleOrder({ seats: [2], userId: 2 });
    expect(await store.accept([onFreed, onKept], now, limits)).toEqual(["pendingPayment", "rejected"]);
  });

  test(`${adapter}: of an account's orders one takes a place among the mistakes of a day, with its change or not at all`, async () => {
    const { store } = await create();
    const userId = (80_000 + ++accountsMade) as UserId;
    const [one, other, third] = await accept(
      store,
      sampleOrder({ userId, train: "G31", seats: [1] }),
      sampleOrder({ userId, train: "G32", seats: [1] }),
      sampleOrder({ userId, train: "G33", seats: [1] }),
    );
    const day = serviceDate("2026-11-20");
    const change = (order: OrderRecord, nth: number, on = day) => ({
      order: cancelled(order),
      freedSeats: freedOf(order),
      messages: [],
      mistake: { day: on, nth },
    });
    expect(await store.mistakesOf(userId, day)).toEqual([]);
    // One that loses the race for its order leaves the place to others.
    expect(await store.change([change({ ...one!, version: 7 }, 0)], now)).toEqual([false]);
    expect(await store.mistakesOf(userId, day)).toEqual([]);
    const made = await Promise.all([one!, other!].map((order) => store.change([change(order, 0)], now)));
    expect(made.flat().filter(Boolean)).toEqual([true]);
    const [winner, loser] = made[0]![0] ? [one!, other!] : [other!, one!];
    expect(await store.mistakesOf(userId, day)).toEqual([winner.orderId]);
    expect([(await store.load(winner.orderId))!.state, (await store.load(loser.orderId))!.state]).toEqual([
      "cancelled",
      loser.state,
    ]);
    expect(await store.change([change(loser, 1), change(third!, 0, serviceDate("2026-11-21"))], now)).toEqual([
      true,
      true,
    ]);
    expect(await store.mistakesOf(userId, day)).toEqual([winner.orderId, loser.orderId]);
    await store.forgetRuns(serviceDate("2026-11-21"), 0);
    expect(await store.mistakesOf(userId, day)).toEqual([]);
    expect(await store.mistakesOf(userId, serviceDate("2026-11-21"))).toEqual([third!.orderId]);
  });

  test(`${adapter}: who has seats on a run is found, and what became of each when it was cancelled, a failure only until it is done`, async () => {
    const { store } = await create();
    const run = runId("G41", sampleDate);
    const [paid, free, two, elsewhere] = await accept(
      store,
      sampleOrder({ train: "G41", seats: [1, 2] }),
      sampleOrder({ train: "G41", seats: [3] }),
      sampleOrder({ train: "G42", seats: [1], furtherLines: [{ train: "G41", seats: [4], fromStop: 0, toStop: 2 }] }),
      sampleOrder({ train: "G43", seats: [1], furtherLines: [{ train: "G44", seats: [4], fromStop: 0, toStop: 2 }] }),
    );
    const ids = (...orders: (OrderRecord | undefined)[]) =>
      orders.map((order) => order!.orderId).toSorted((a, b) => a - b);
    expect(await store.holdersOn(run)).toEqual(ids(paid, free, two));
    expect(await store.holdersOn(runId("G43", sampleDate))).toEqual(ids(elsewhere));
    // Where it is shortened, those alone that get in or out beyond.
    expect(await store.holdersOn(run, [3])).toEqual(ids(paid, free));
    expect(await store.holdersOn(run, [2, 4])).toEqual(ids(two));
    expect(await store.holdersOn(run, [1])).toEqual([]);
    await store.change([{ order: cancelled(free!), freedSeats: freedOf(free!), messages: [] }], now);
    expect(await store.holdersOn(run)).toEqual(ids(paid, two));
    expect(await store.runRefunds(run)).toEqual([]);

    await store.noteRunRefundFailed(run, two!.orderId, "x".repeat(600), now);
    const runRefund = { runId: run, ticketCount: 2, amountFen: fen(20_000) };
    const tickets = paid!.tickets.map((ticket) => ({ ...ticket, state: "refunding" as const }));
    const change = {
      order: { ...paid!, state: "refunded" as const, tickets },
      freedSeats: freedOf(paid!),
      messages: [],
      runRefund,
    };
    // One that loses its race is noted by nobody.
    expect(await store.change([{ ...change, order: { ...change.order, version: 9 } }], now)).toEqual([false]);
    expect((await store.runRefunds(run)).map(({ orderId }) => orderId)).toEqual([two!.orderId]);
    expect(await store.change([change], now)).toEqual([true]);
    const results = new Map((await store.runRefunds(run)).map((each) => [each.orderId, each]));
    expect(results.get(paid!.orderId)).toEqual({
      orderId: paid!.orderId,
      ticketCount: 2,
      amountFen: fen(20_000),
      why: null,
      at: now,
    });
    expect(results.get(two!.orderId)!.why).toStartWith("xxx");
    expect(await store.holdersOn(run)).toEqual(ids(two));
    // What goes back of an order later counts with what went back before, which is kept where the rest fails.
    const ofTwo = async () => {
      const found = (await store.runRefunds(run)).find(({ orderId }) => orderId === two!.orderId)!;
      return [found.ticketCount, Number(found.amountFen), found.why];
    };
    const goesBack = async (version: number) => {
      const part = { ...runRefund, ticketCount: 1, amountFen: fen(10_000) };
      const order = { ...two!, version: two!.version + version };
      expect(await store.change([{ order, freedSeats: [], messages: [], runRefund: part }], now)).toEqual([true]);
    };
    await goesBack(0);
    expect(await ofTwo()).toEqual([1, 10_000, null]);
    await store.noteRunRefundFailed(run, two!.orderId, "the disk is full", now);
    expect(await ofTwo()).toEqual([1, 10_000, "the disk is full"]);
    await goesBack(1);
    expect(await ofTwo()).toEqual([2, 20_000, null]);
  });

  test(`${adapter}: the orders of a traveller are found by the document, of whichever account, while the trip is one`, async () => {
    const { store } = await create();
    const held = (n: number, userId: number, documentHash: string, unproved = false) => {
      // One after another, so that one person may travel on all.
      const departAt = epochMs(sampleDeparture + n * 12 * hourMs);
      const order = sampleOrder({ userId, train: `G6${n}`, seats: [n], departAt });
      const tickets = order.tickets.map((ticket) => ({
        ...ticket,
        documentHash,
        ...(unproved ? { documentUnproved: true as const } : {}),
      }));
      return { ...order, tickets };
    };
    const [one, two] = await accept(
      store,
      held(1, 7, "traveller"),
      held(2, 8, "traveller"),
      held(3, 9, "another"),
      held(4, 10, "traveller", true),
    );
    const idsOf = async (hash: string) => (await store.ofTraveller(hash)).map(({ orderId }) => orderId);
    expect(await idsOf("traveller")).toEqual([one!.orderId, two!.orderId].toSorted((a, b) => a - b));
    expect(await store.ofTraveller("traveller")).toContainEqual((await store.load(one!.orderId))!);
    await store.change([{ order: cancelled(one!), freedSeats: freedOf(one!), messages: [] }], now);
    expect(await idsOf("traveller")).toEqual([two!.orderId]);
    expect(await idsOf("nobody")).toEqual([]);
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

  test(`I6 ${adapter}: of orders that ended unpaid only those whose train does not run count against nobody`, async () => {
    const { store } = await create();
    const orders = await accept(store, ...[1, 2, 3].map((seat) => sampleOrder({ seats: [seat] })));
    const reasons = [null, "TicketNotChangeable", "RunCancelled"] as const;
    await store.change(
      orders.map((order, n) => ({
        order: { ...cancelled(order), endedBecause: reasons[n]! },
        freedSeats: freedOf(order),
        messages: [],
      })),
      now,
    );
    const since = epochMs(Math.min(...orders.map(({ acceptedAt }) => acceptedAt)));
    const counted = (await collect(store.unpaidSince(since))).map(({ orderId }) => orderId);
    expect(new Set(counted)).toEqual(new Set(orders.slice(0, 2).map(({ orderId }) => orderId)));
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
        { order: cancelled(gone!), freedSeats: freedOf(gone!), messages: [] },
      ],
      now,
    );
    expect((await store.travelled(now, 10)).map((order) => order.orderId)).toEqual([past.orderId]);
    expect(await collect(store.live(now))).toEqual([liveOrderOf(live!)]);
    expect(
      new Set((await collect(store.createdSince(epochMs(now - 24 * hourMs)))).map((order) => order.orderId)),
    ).toEqual(new Set([coming.orderId, gone!.orderId]));
    const day = store.createdSince(past.acceptedAt, epochMs(past.acceptedAt + 1));
    expect((await collect(day)).map((order) => order.orderId)).toEqual([past.orderId]);
    expect(await collect(store.createdSince(past.acceptedAt, past.acceptedAt))).toEqual([]);
    const some = await store.some([gone!.orderId, past.orderId, 1 as typeof past.orderId]);
    expect(new Map(some.map((order) => [order.orderId, order.state]))).toEqual(
      new Map([
        [gone!.orderId, "cancelled"],
        [past.orderId, "ticketed"],
      ]),
    );
    const ended = unpaidOrderOf((await store.load(gone!.orderId))!);
    expect(await collect(store.unpaidSince(ended.acceptedAt))).toEqual([ended]);
    expect(await collect(store.unpaidSince(epochMs(ended.acceptedAt + 1)))).toEqual([]);
    await store.change(
      [{ order: { ...travelled!, state: "completed", version: 1 }, freedSeats: [], messages: [] }],
      now,
    );
    const justBefore = epochMs(endOf(past) - 1);
    expect((await collect(store.live(justBefore))).map((order) => order.orderId)).toEqual([
      past.orderId,
      coming.orderId,
    ]);
    expect((await collect(store.live(endOf(past)))).map((order) => order.orderId)).toEqual([coming.orderId]);
    expect((await store.soldRuns()).has(firstRunOf(coming))).toBe(true);
    expect((await store.soldRuns()).has(firstRunOf(gone!))).toBe(false);
    expect((await store.runsInLedger()).has(firstRunOf(gone!))).toBe(true);
    expect(await store.highestId()).toBe(Math.max(past.orderId, coming.orderId, gone!.orderId));
  });

  test(`${adapter}: orders that are over name their travellers until those are erased; trip, seats and money stay`, async () => {
    const { store } = await create();
    const longAgo = epochMs(now - 200 * 24 * hourMs);
    // Ids of one account only ever rise: an account of its own has old ones.
    const userId = 70_000 + ++accountsMade;
    const old = { userId, acceptedAt: epochMs(longAgo - 48 * hourMs), departAt: longAgo };
    const [gone, travelled, standing] = await accept(
      store,
      sampleOrder({ train: "G21", seats: [1, 2], ...old }),
      sampleOrder({ train: "G22", seats: [1], ...old }),
      sampleOrder({ train: "G23", seats: [1], ...old }),
    );
    // Two orders of yesterday, one of them made long before.
    const early = sampleOrder({ train: "G24", seats: [1], ...old, departAt: epochMs(now - 24 * hourMs) });
    const [late] = await accept(store, early, sampleOrder({ train: "G25", seats: [1] }));
    const ticketed = { ...travelled!, state: "ticketed" } as const;
    await store.change(
      [
        { order: cancelled(gone!), freedSeats: freedOf(gone!), messages: [] },
        { order: ticketed, freedSeats: [], messages: [] },
        { order: cancelled(late!), freedSeats: freedOf(late!), messages: [] },
      ],
      now,
    );
    const passage = { at: longAgo, gateId: "A1", stationId: "S0", eventId: "1" };
    const used = ticketed.tickets.map(
      (ticket) => ({ ...ticket, state: "used", passages: { enter: passage } }) as const,
    );
    const completed = { ...ticketed, version: 1, state: "completed", tickets: used } as const;
    await store.change([{ order: completed, freedSeats: [], messages: [] }], now);

    const naming = async (endedBefore: EpochMs, madeSince = 0) =>
      (await collect(store.namingTravellers(endedBefore, epochMs(madeSince)))).toSorted((a, b) => a - b);
    const ids = [gone!.orderId, travelled!.orderId].toSorted((a, b) => a - b);
    const before = epochMs(now - 180 * 24 * hourMs);
    expect(await naming(before)).toEqual(ids);
    expect(await naming(before, old.acceptedAt + 1_000)).toEqual([]);
    // The trip of the one that was cancelled had ended by then, and not a moment earlier.
    expect(await naming(epochMs(endOf(gone!)))).toEqual([]);
    expect(await naming(epochMs(endOf(gone!) + 1))).toEqual(ids);
    expect(await naming(now)).toEqual([...ids, late!.orderId].toSorted((a, b) => a - b));

    const was = (await store.load(gone!.orderId))!;
    expect(await store.eraseTravellers(ids, now)).toBe(2);
    expect(await store.load(gone!.orderId)).toEqual({
      ...was,
      version: was.version + 1,
      tickets: was.tickets.map((ticket) => ({
        ...ticket,
        passengerId: 0 as PassengerId,
        name: "—",
        documentSealed: "",
        documentHash: "",
        documentMasked: "—",
      })),
    });
    // Nor does anybody know any more through which gates they went.
    expect((await store.load(travelled!.orderId))!.tickets).toMatchObject([{ state: "used", name: "—" }]);
    expect((await store.load(travelled!.orderId))!.tickets[0]!.passages).toBeUndefined();
    expect(await naming(before)).toEqual([]);
    expect(await store.eraseTravellers(ids, now)).toBe(0);
    expect((await store.load(gone!.orderId))!.version).toBe(was.version + 1);
    for (const kept of [standing!, late!])
      expect((await store.load(kept.orderId))!.tickets[0]!.documentHash).toBe(kept.tickets[0]!.documentHash);
    // Whatever was decided on the order as it was is decided anew.
    expect(await store.change([{ order: was, freedSeats: [], messages: [] }], now)).toEqual([false]);
    expect(await store.eraseTravellers([], now)).toBe(0);
  });

  test(`${adapter}: that a document is only named by somebody is kept with his ticket, wherever it is read`, async () => {
    const { store } = await create();
    const plain = sampleOrder({ seats: [1, 2] });
    const order = {
      ...plain,
      tickets: plain.tickets.map((ticket, n) => (n === 0 ? ticket : { ...ticket, documentUnproved: true as const })),
    };
    const [accepted] = await accept(store, order);
    expect(accepted!.tickets.map(({ documentUnproved }) => documentUnproved)).toEqual([undefined, true]);
    expect(await collect(store.live(now))).toEqual([liveOrderOf(accepted!)]);
    await store.change([{ order: cancelled(accepted!), freedSeats: freedOf(accepted!), messages: [] }], now);
    const ended = unpaidOrderOf((await store.load(order.orderId))!);
    expect(ended.tickets[1]).toMatchObject({ documentUnproved: true });
    expect(await collect(store.unpaidSince(order.acceptedAt))).toEqual([ended]);
  });

  test(`${adapter}: who travels free is kept with the ticket of the adult, and erased with it`, async () => {
    const { store } = await create();
    const plain = sampleOrder({ seats: [1, 2] });
    const { passengerId, name, documentType, documentHash, documentMasked } = plain.tickets[1]!;
    const freeChild = { passengerId, name, documentType, documentHash, documentMasked };
    const tickets = [{ ...plain.tickets[0]!, freeChild }, plain.tickets[1]!];
    const [accepted] = await accept(store, { ...plain, tickets });
    expect(accepted!.tickets.map((ticket) => ticket.freeChild)).toEqual([freeChild, undefined]);
    await store.change([{ order: cancelled(accepted!), freedSeats: freedOf(accepted!), messages: [] }], now);
    expect((await store.load(plain.orderId))!.tickets[0]!.freeChild).toEqual(freeChild);
    expect(await store.eraseTravellers([plain.orderId], now)).toBe(1);
    expect((await store.load(plain.orderId))!.tickets.map((ticket) => ticket.freeChild)).toEqual([
      undefined,
      undefined,
    ]);
  });

  /** Two classes on one train, with seats of the same numbers, and a connection that ends later. */
  const ofThreeLines = () =>
    sampleOrder({
      train: "G1",
      seats: [3, 4],
      furtherLines: [
        { train: "G1", seats: [3], seatClass: "first" },
        { train: "G2", seats: [3, 4], departAt: epochMs(sampleDeparture + 5 * hourMs) },
      ],
    });

  test(`${adapter}: an order of several lines is read back as it was, wherever it is looked for`, async () => {
    const { store } = await create();
    const [order] = await accept(store, ofThreeLines());
    expect(order!.lines).toEqual(ofThreeLines().lines);
    expect(order!.tickets.map(({ line, seatIndex }) => [line, seatIndex])).toEqual([
      [0, 3],
      [0, 4],
      [1, 3],
      [2, 3],
      [2, 4],
    ]);
    const [single] = await accept(store, sampleOrder({ seats: [9] }));
    expect(await store.ofUser(1 as UserId, { limit: 5 })).toEqual([single!, order!]);
    expect((await collect(store.live(now))).toSorted((a, b) => a.orderId - b.orderId)).toEqual(
      [order!, single!].map(liveOrderOf),
    );
    const overdue = await store.overdue(epochMs(order!.payBy + 1), 5);
    expect(new Set(overdue.map(({ lines }) => lines.length))).toEqual(new Set([1, 3]));
    const runs = [...new Set(order!.lines.map((line) => line.runId))];
    expect(await store.soldRuns()).toEqual(new Set(runs));
    const holders = new Map(runs.map((run) => [run, run === firstRunOf(single!) ? 2 : 1]));
    expect(await store.holdersOf([...runs, "G0/2026-12-01" as RunId])).toEqual(holders);
    expect(await store.holdersOf([])).toEqual(new Map());
  });

  test(`I1 ${adapter}: an order has the seats of all its lines or of none`, async () => {
    const { store } = await create();
    await accept(store, sampleOrder({ userId: 2, train: "G2", seats: [4] }));
    const loser = ofThreeLines();
    expect(await store.accept([loser], now, limits)).toEqual(["rejected"]);
    const record = (await store.load(loser.orderId))!;
    expect(record.lines).toEqual(loser.lines);
    expect(record.tickets.map(({ state }) => state)).toEqual(Array(5).fill("released"));
    // It took nothing, on no line.
    const others = [
      sampleOrder({ userId: 3, train: "G1", seats: [3, 4] }),
      sampleOrder({ userId: 3, train: "G1", seats: [3], seatClass: "first" }),
      sampleOrder({ userId: 3, train: "G2", seats: [3] }),
    ];
    expect(await store.accept(others, now, limits)).toEqual(["pendingPayment", "pendingPayment", "pendingPayment"]);
    expect(await store.accept([loser], now, limits)).toEqual(["known"]);
  });

  test(`I1 ${adapter}: what an order of several lines frees is free on its own line only`, async () => {
    const { store } = await create();
    const [order] = await accept(store, ofThreeLines());
    const [, , first] = order!.tickets;
    const tickets = order!.tickets.map((ticket) =>
      ticket === first ? { ...ticket, state: "refunding" as const } : ticket,
    );
    const freed = freedOf({ ...order!, tickets: [first!] });
    await store.change([{ order: { ...order!, state: "ticketed", tickets }, freedSeats: freed, messages: [] }], now);
    const again = (train: string, seat: number, seatClass: "first" | "second", userId: number) =>
      sampleOrder({ userId, train, seats: [seat], seatClass });
    expect(
      await store.accept(
        [again("G1", 3, "first", 5), again("G1", 3, "second", 6), again("G2", 3, "second", 7)],
        now,
        limits,
      ),
    ).toEqual(["pendingPayment", "rejected", "rejected"]);
    const left = (await store.load(order!.orderId))!;
    const gone = { ...cancelled(left), state: "refunded" as const };
    await store.change(
      [
        {
          order: gone,
          freedSeats: freedOf({ ...left, tickets: left.tickets.filter(({ line }) => line !== 1) }),
          messages: [],
        },
      ],
      now,
    );
    const all = [
      again("G1", 3, "second", 8),
      again("G1", 4, "second", 8),
      again("G2", 3, "second", 9),
      again("G2", 4, "second", 9),
    ];
    expect(await store.accept(all, now, limits)).toEqual(Array(4).fill("pendingPayment"));
    expect(await store.accept([again("G1", 3, "first", 10)], now, limits)).toEqual(["rejected"]);
  });

  test(`${adapter}: time comes for an order as each of its trips ends that has a ticket nobody has used, and lives until the last`, async () => {
    const { store } = await create();
    const departAt = epochMs(now - 6 * hourMs);
    const [order] = await accept(
      store,
      sampleOrder({ departAt, furtherLines: [{ train: "G2", departAt: epochMs(now - hourMs) }] }),
    );
    const [firstEnd, end] = [order!.lines[0].arriveAt, endOf(order!)];
    let version = 0;
    const became = async (...states: OrderRecord["tickets"][number]["state"][]) => {
      const tickets = order!.tickets.map((ticket, n) => ({ ...ticket, state: states[n]! }));
      const changed: OrderRecord = { ...order!, state: "ticketed", version: version++, tickets };
      expect(await store.change([{ order: changed, freedSeats: [], messages: [] }], now)).toEqual([true]);
    };
    const dueAt = async (at: EpochMs) => (await store.travelled(at, 5)).map(({ orderId }) => orderId);
    await became("issued", "issued");
    expect(await dueAt(epochMs(firstEnd - 1))).toEqual([]);
    expect(await dueAt(firstEnd)).toEqual([order!.orderId]);
    await became("used", "issued");
    expect([await dueAt(epochMs(end - 1)), await dueAt(end)]).toEqual([[], [order!.orderId]]);
    // A gate has seen both.
    await became("used", "used");
    expect([await dueAt(epochMs(end - 1)), await dueAt(end)]).toEqual([[], [order!.orderId]]);
    // The second was given back: with the first it is over.
    await became("used", "refunding");
    expect([await dueAt(epochMs(firstEnd - 1)), await dueAt(firstEnd)]).toEqual([[], [order!.orderId]]);
    expect((await collect(store.live(now))).length).toBe(1);
    expect(await collect(store.live(end))).toEqual([]);
  });

  test(`${adapter}: where gates let its passenger in and out is read back with a ticket`, async () => {
    const { store } = await create();
    const [order] = await accept(store, sampleOrder({ seats: [0, 1] }));
    const passage = { at: now, gateId: "A1", stationId: "S0", eventId: "1" };
    const passages = { enter: passage, leave: { ...passage, stationId: "S3", eventId: "2" } };
    const [first, second] = order!.tickets;
    const tickets = [
      { ...first!, state: "used" as const, passages },
      { ...second!, state: "issued" as const },
    ];
    await store.change([{ order: { ...order!, state: "ticketed", tickets }, freedSeats: [], messages: [] }], now);
    expect((await store.load(order!.orderId))!.tickets).toEqual(tickets);
  });

  test(`${adapter}: what nobody's order is about can be told too`, async () => {
    const { store, outbox } = await create();
    const [order] = await accept(store, sampleOrder());
    await store.enqueue([word(order!)], now);
    expect((await outbox.pending(now, 10)).length).toBe(1);
  });
}
