/** What the log does to orders: twice, late, out of order and in any race, with one outcome (I3, I4, I7). */
import { expect, test } from "bun:test";
import {
  type HoldName,
  type LogRecord,
  type OrderAccepted,
  type PaymentCaptured,
  refundRuleNames,
  type Topic,
} from "@chepiao/contracts";
import {
  createPrng,
  dayMs,
  epochMs,
  fen,
  hourMs,
  ledgerKeptDays,
  limitsOutliveTripMs,
  minuteMs,
  type OrderId,
  type OrderNo,
  orderIdOf,
  secondMs,
  serviceDate,
} from "@chepiao/kernel";
import { createMemoryDelay, type Delay } from "@chepiao/ports/delay";
import { purchaseLimitsWithoutHoarding } from "@chepiao/ports/reservations";
import {
  createWorld,
  departure,
  noon,
  type OnPort,
  quiet,
  requestOf,
  shared,
  sold,
  travelDate,
  type World,
} from "./order.twin.ts";

const payWithinMs = 15 * minuteMs;

/** Hands records to the room as the log does, past the log. */
async function hand(world: World, ...records: LogRecord[]) {
  const consumer = world.room().consumers.find(({ topics }) => topics.includes(records[0]!.topic))!;
  await consumer.handle(records);
  await quiet();
}
const ofTopic = (world: World, topic: Topic) => world.records.filter((record) => record.topic === topic);

async function bought(world: World, user = 1, over: Parameters<typeof requestOf>[1] = {}) {
  const answer = sold(await world.submit(user, requestOf(user, over)));
  await world.rest();
  return answer;
}
async function ticketed(world: World, user = 1, over: Parameters<typeof requestOf>[1] = {}) {
  const answer = await bought(world, user, over);
  await world.pay(answer.orderNo, answer.totalFen);
  expect((await world.load(answer.orderNo)).state).toBe("ticketed");
  return answer;
}
const states = async (world: World, orderNo: string) => {
  const order = await world.load(orderNo);
  return [order.state, ...order.tickets.map((ticket) => ticket.state)];
};

// Written ------------------------------------------------------------------------------------------------------------------

test("I7: an accepted order that comes again changes nothing, whatever became of it", async () => {
  const world = await createWorld();
  const { orderNo } = await bought(world);
  const [created] = ofTopic(world, "order-create-topic");
  await world.cancel(1, orderNo);
  await world.rest();
  const before = await world.load(orderNo);
  await hand(world, created!, created!);
  expect(await world.load(orderNo)).toEqual(before);
  expect(await world.free()).toBe(10);
});

/** An order of another life has seat 0 of G1 in the ledger; the seat engine does not know. */
async function ledgerTaken(world: World) {
  const { orderNo } = await bought(world, 9);
  const [created] = ofTopic(world, "order-create-topic");
  await world.loseSeats(orderNo);
  return created!;
}

test("I1: a seat that the ledger has given away already is not sold: the order is rejected and everything goes back", async () => {
  const world = await createWorld();
  await ledgerTaken(world);
  const { orderNo } = await bought(world, 1);
  expect(await world.load(orderNo)).toMatchObject({ state: "rejected", endedBecause: "SeatLost" });
  expect(await world.get(1, orderNo)).toMatchObject({ state: "rejected", endedBecause: "SeatLost" });
  expect(await world.room().client.payable(1 as never, orderNo)).toMatchObject({ error: { code: "OrderNotPayable" } });
  expect(await world.room().client.isLive(orderIdOf(orderNo)!)).toBe(false);
  expect(await world.free()).toBe(10);
  // No limit was used up: the same passenger may try again.
  sold(await world.submit(1, requestOf(1, { from: "A", to: "D", seatClass: "first" })));
});

test("I7: a rejected order gives everything back although the first attempt broke off", async () => {
  for (const port of ["inventory.release", "reservations.release", "submissions.written"]) {
    let failures = 1;
    const world = await createWorld();
    await ledgerTaken(world);
    world.onPort = (call, when) => {
      if (call === port && when === "before" && failures-- > 0) throw new Error("the port is broken");
    };
    const { orderNo } = await bought(world, 1);
    expect([port, (await world.load(orderNo)).state, await world.free()]).toEqual([port, "rejected", 10]);
    expect(typeof (await world.submit(1, requestOf(1, { seatClass: "first" })))).toBe("object");
    expect(world.room().counters.rejected).toBe(1);
  }
});

test("I6: a passenger who travels at that time is not sold another train, though the limits have forgotten it", async () => {
  const world = await createWorld();
  const first = await ticketed(world, 1);
  await world.loseLimits(first.orderNo);
  const second = await bought(world, 1, { trainNumber: "G2" });
  expect(await world.load(second.orderNo)).toMatchObject({ state: "rejected", endedBecause: "TripOverlaps" });
  expect(await world.get(1, second.orderNo)).toMatchObject({ state: "rejected", endedBecause: "TripOverlaps" });
  expect(world.room().counters.rejected).toBe(1);
  expect(await world.free("G2")).toBe(10);
  // Who pays all the same has it back.
  await world.pay(second.orderNo, second.totalFen, "P-too-late");
  expect([...world.bank.refunds.values()]).toMatchObject([{ paymentNo: "P-too-late", amountFen: second.totalFen }]);
  // Nothing of it is left behind: once the first is given back, the train can be bought.
  sold(await world.refund(1, first.orderNo, [`${first.orderNo}-1`]));
  await world.rest();
  expect((await world.load((await bought(world, 1, { trainNumber: "G2" })).orderNo)).state).toBe("pendingPayment");
});

test("I6: an account gets no sixth ticket of a run, though the limits have forgotten five", async () => {
  const world = await createWorld();
  const five = await bought(world, 1, { people: [0, 1, 2, 3, 4] });
  await world.loseLimits(five.orderNo);
  const { orderNo } = await bought(world, 1, { people: [shared] });
  expect(await world.load(orderNo)).toMatchObject({ state: "rejected", endedBecause: "UserRunLimit" });
  sold(await world.cancel(1, five.orderNo));
  await world.rest();
  expect((await world.load((await bought(world, 1, { people: [shared] })).orderNo)).state).toBe("pendingPayment");
});

test("I6 I7: one that was refused its trip gives everything back although the first attempt broke off", async () => {
  for (const port of ["inventory.release", "reservations.release", "submissions.written", "store.states"]) {
    let failures = 1;
    const world = await createWorld();
    const first = await bought(world, 1);
    await world.loseLimits(first.orderNo);
    world.onPort = (call, when) => {
      if (call === port && when === "before" && failures-- > 0) throw new Error("the port is broken");
    };
    const { orderNo } = await bought(world, 1, { trainNumber: "G2" });
    expect([port, (await world.load(orderNo)).state, await world.free("G2")]).toEqual([port, "rejected", 10]);
    expect([port, failures < 1]).toEqual([port, true]);
  }
});

// Paid ---------------------------------------------------------------------------------------------------------------------

test("a paid order is ticketed, and its seats no longer end by themselves", async () => {
  const world = await createWorld();
  const { orderNo } = await ticketed(world);
  await world.advance(hourMs);
  await world.sweep();
  await world.rest();
  expect(await states(world, orderNo)).toEqual(["ticketed", "issued"]);
  expect(await world.free()).toBe(9);
  expect(sold(await world.get(1, orderNo)).tickets[0]!.code).toStartWith("CP3.");
});

test("I7: a payment that is told again tickets once", async () => {
  const world = await createWorld();
  const { orderNo } = await ticketed(world);
  const [paid] = ofTopic(world, "order-pay-topic");
  const before = await world.load(orderNo);
  await hand(world, paid!, paid!);
  expect(await world.load(orderNo)).toEqual(before);
  await world.rest();
  expect(world.bank.refunds.size).toBe(0);
});

test("I7: seats are confirmed although the first attempt broke off after the order was ticketed", async () => {
  const world = await createWorld();
  const answer = await bought(world);
  let failures = 1;
  const confirmed: number[] = [];
  world.onPort = (call, when, [holds]) => {
    if (call !== "inventory.confirm") return;
    if (when === "before" && failures-- > 0) throw new Error("the port is broken");
    if (when === "after") confirmed.push(...(holds as HoldName[]).map(({ holdId }) => holdId));
  };
  await world.pay(answer.orderNo, answer.totalFen);
  expect(confirmed).toEqual([orderIdOf(answer.orderNo)!]);
  expect((await world.load(answer.orderNo)).state).toBe("ticketed");
});

test("I3: a second payment, a late one, a wrong amount and an unknown order all go back once, however often they are told", async () => {
  const world = await createWorld();
  const paid = await ticketed(world, 1);
  const late = await bought(world, 2);
  const wrong = await bought(world, 3);
  await world.cancel(2, late.orderNo);
  const back = [
    world.capture(paid.orderNo, paid.totalFen, "P-second"),
    world.capture(late.orderNo, late.totalFen, "P-late"),
    world.capture(wrong.orderNo, wrong.totalFen - 1, "P-wrong"),
    world.capture("E00010000000000001", 4_200, "P-unknown"),
    world.capture("no order at all", 4_300, "P-nonsense"),
  ];
  await world.rest();
  await hand(world, ...ofTopic(world, "order-pay-topic"));
  await world.rest();
  const refunds = [...world.bank.refunds.values()].map(({ paymentNo, amountFen, feeFen, reason }) => ({
    paymentNo,
    amountFen,
    feeFen,
    reason,
  }));
  expect(refunds.sort((a, b) => a.paymentNo.localeCompare(b.paymentNo))).toEqual([
    { paymentNo: "P-late", amountFen: back[1]!.amountFen, feeFen: fen(0), reason: "latePayment" },
    { paymentNo: "P-nonsense", amountFen: fen(4_300), feeFen: fen(0), reason: "orderGone" },
    { paymentNo: "P-second", amountFen: back[0]!.amountFen, feeFen: fen(0), reason: "duplicatePayment" },
    { paymentNo: "P-unknown", amountFen: fen(4_200), feeFen: fen(0), reason: "orderGone" },
    { paymentNo: "P-wrong", amountFen: back[2]!.amountFen, feeFen: fen(0), reason: "latePayment" },
  ]);
  expect(world.bank.disputes).toEqual([]);
  expect((await world.load(wrong.orderNo)).state).toBe("pendingPayment");
});

test("I3: money that the payment room did not capture tickets nothing, whatever the log says, and asks for nothing back", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = await bought(world);
  const other = await bought(world, 2);
  const genuine = world.capture(other.orderNo, other.totalFen - 1, "P-genuine");
  await world.rest();
  const forged: PaymentCaptured = {
    paymentNo: "X",
    orderNo: orderNo as never,
    amountFen: fen(totalFen),
    capturedAt: noon,
  };
  const before = world.records.length;
  for (const value of [
    forged,
    { ...forged, mac: "" },
    { ...forged, mac: genuine.mac! },
    { ...forged, mac: 7 as never },
    // The words of a payment that there is, for another order or with more money.
    { ...genuine, orderNo: orderNo as never, amountFen: fen(totalFen) },
    { ...genuine, amountFen: other.totalFen as never },
    { ...forged, paymentNo: undefined as never },
  ]) {
    await hand(world, { topic: "order-pay-topic", key: "k", value });
  }
  await world.rest();
  expect(await states(world, orderNo)).toEqual(["pendingPayment", "held"]);
  expect(await states(world, other.orderNo)).toEqual(["pendingPayment", "held"]);
  expect(world.records.length).toBe(before);
  expect([...world.bank.refunds.values()].map(({ paymentNo }) => paymentNo)).toEqual(["P-genuine"]);
  expect(world.room().counters.paymentsNotBelieved).toBe(7);
  expect(world.reports.filter((report) => report.includes("not believed"))).toHaveLength(7);
});

test("money that carries the payment room's word is taken without asking anybody", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = await bought(world);
  const asked: string[] = [];
  world.onPort = (call) => void asked.push(call);
  expect((await world.pay(orderNo, totalFen)).mac).toBeString();
  expect(await states(world, orderNo)).toEqual(["ticketed", "issued"]);
  expect(asked).not.toContain("payments.captured");
});

test("money told as versions before did is looked up, and taken as the books have it once they can be asked", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = await bought(world);
  let isAway = true;
  world.onPort = (call) => {
    if (call === "payments.captured" && isAway) throw new Error("the books are away");
  };
  const { paymentNo, orderNo: of, amountFen } = world.capture(orderNo, totalFen);
  await world.outbox.sent((await world.outbox.pending(world.clock.now(), 10)).map(({ messageId }) => messageId));
  const old = {
    topic: "order-pay-topic",
    key: "k",
    value: { paymentNo, orderNo: of, amountFen, capturedAt: epochMs(1) },
  } as const;
  expect(String(await hand(world, old).catch((error: unknown) => error))).toContain("the books are away");
  expect(await states(world, orderNo)).toEqual(["pendingPayment", "held"]);
  isAway = false;
  await hand(world, old, old);
  expect(await world.load(orderNo)).toMatchObject({ state: "ticketed", paymentNo, paidAt: world.clock.now() });
});

test("I7: of two payments in one batch the first is taken and the second goes back", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = await bought(world);
  world.capture(orderNo, totalFen, "P1");
  world.capture(orderNo, totalFen, "P2");
  await world.rest();
  expect((await world.load(orderNo)).paymentNo).toBe("P1");
  expect([...world.bank.refunds.keys()]).toEqual(["P2-late"]);
});

test("I7: money that is told before its order is written waits for it", async () => {
  const world = await createWorld();
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  world.onPort = (call, when) => (call === "store.accept" && when === "before" ? opened : undefined);
  const { orderNo, totalFen } = sold(await world.submit(1));
  world.capture(orderNo, totalFen);
  await world.life().relay();
  await world.advance(3 * secondMs);
  expect(world.bank.refunds.size).toBe(0);
  open();
  await world.rest();
  expect(await states(world, orderNo)).toEqual(["ticketed", "issued"]);
});

test("I7: an order that is written in the moment between two looks is not taken for unknown", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = sold(await world.submit(1));
  const [created] = ofTopic(world, "order-create-topic");
  await world.restart();
  // Back to where it is accepted and not written: another life, whose store has not seen it yet.
  const fresh = await createWorld();
  await fresh.life().submissions.accepted([created!.value as never]);
  let probes = 0;
  fresh.onPort = async (call, when) => {
    if (call !== "store.load" || when !== "after" || probes++ > 0) return;
    fresh.onPort = () => {};
    await hand(fresh, created!);
  };
  fresh.capture(orderNo, totalFen);
  await fresh.rest();
  expect(fresh.bank.refunds.size).toBe(0);
  expect((await fresh.load(orderNo)).state).toBe("ticketed");
});

// Given back ---------------------------------------------------------------------------------------------------------------

test("a ticket is given back by the terms that it was bought under, whatever holds since", async () => {
  const dearer = { refund: { grades: [{ hoursBefore: 0, percent: 50 }] } };
  const world = await createWorld({ at: epochMs(departure - hourMs), later: [dearer] });
  const first = await ticketed(world, 1);
  world.putInForce(2);
  const second = await ticketed(world, 1, { people: [1] });
  const terms = async (orderNo: string) => {
    const { tickets } = sold(await world.quote(1, orderNo));
    const given = sold(await world.refund(1, orderNo, [tickets[0]!.ticketNo])).tickets[0]!;
    expect(given.feeFen).toBe(tickets[0]!.feeFen);
    return [(await world.load(orderNo)).policyVersion, tickets[0]!.feeBasisPoints];
  };
  expect(await terms(first.orderNo)).toEqual([undefined, 2_000]);
  expect(await terms(second.orderNo)).toEqual([2, 5_000]);
});

test("a purchase is planned and priced by one version of the rules, whatever begins to hold on its way", async () => {
  const world = await createWorld({ later: [{ order: { ticketsMax: 1 } }] });
  const { fare } = world.timetable;
  world.onPort = async (call, when) => {
    if (call !== "inventory.hold" || when !== "after") return;
    world.onPort = () => {};
    world.putInForce(2);
    world.timetable.fare = (...journey) => fen(2 * fare(...journey));
  };
  const straddling = await ticketed(world, 1, { people: [0, 1] });
  const next = await ticketed(world, 1, { people: [2] });
  const [one, other] = [await world.load(straddling.orderNo), await world.load(next.orderNo)];
  expect([one.policyVersion, other.policyVersion]).toEqual([undefined, 2]);
  expect(other.totalFen).toBe(one.totalFen);
});

test("tickets given back one by one: seats and limits are free at once, money comes less the fee, and each is noted once", async () => {
  const world = await createWorld({ at: epochMs(departure - hourMs) });
  const { orderNo, totalFen } = await ticketed(world, 1, { people: [0, 1, 2, 3, 4] });
  const nos = sold(await world.get(1, orderNo)).tickets.map((ticket) => ticket.ticketNo);
  const quote = sold(await world.quote(1, orderNo)).tickets;
  expect(quote[0]).toEqual({
    ticketNo: nos[0]!,
    line: 0,
    refundable: true,
    rule: "grade",
    ruleName: refundRuleNames.grade,
    feeBasisPoints: 2_000,
    feeFen: 3_000,
    refundFen: 12_000,
  });
  expect(await world.refund(1, orderNo, [nos[0]!], 2_999)).toBe("OrderChanged");
  sold(await world.refund(1, orderNo, [nos[0]!], 3_000));
  expect(await world.refund(1, orderNo, [nos[0]!])).toBe("TicketNotRefundable");
  await world.rest();
  expect(await states(world, orderNo)).toEqual(["ticketed", "refunding", "issued", "issued", "issued", "issued"]);
  expect(await world.free()).toBe(6);
  // The share of one ticket is free again, and no more.
  expect(await world.submit(1, requestOf(1, { people: [5, 6] }))).toBe("UserRunLimit");
  const again = sold(await world.submit(1, requestOf(1, { people: [0] })));
  await world.rest();
  // The word of the freed seat comes again, after the seat was sold to somebody else.
  await hand(world, ...ofTopic(world, "inventory-update-topic"));
  expect(await world.free()).toBe(5);
  expect(await world.submit(1, requestOf(1, { people: [6] }))).toBe("UserRunLimit");
  await world.cancel(1, again.orderNo);

  world.settle();
  world.settle();
  await world.rest();
  expect((await states(world, orderNo))[1]).toBe("refunded");
  sold(await world.refund(1, orderNo, nos.slice(1)));
  await world.rest();
  expect((await states(world, orderNo)).slice(0, 3)).toEqual(["refunded", "refunded", "refunding"]);
  world.settle();
  await world.rest();
  expect(new Set(await states(world, orderNo))).toEqual(new Set(["refunded"]));
  const back = [...world.bank.refunds.values()].reduce((sum, due) => sum + due.amountFen + due.feeFen, 0);
  expect(back).toBe(totalFen);
  expect(await world.free()).toBe(10);
});

test("what was cancelled is free before the answer, so that buying again does not meet it", async () => {
  const world = await createWorld();
  const { orderNo } = await bought(world, 1, { people: [0, 1, 2, 3, 4] });
  world.life().log.breakDown(true);
  sold(await world.cancel(1, orderNo));
  expect(await world.free()).toBe(10);
  world.life().log.breakDown(false);
  await bought(world, 1, { people: [0, 1, 2, 3, 4] });
  expect(await world.free()).toBe(5);
});

test("a cancel whose seats cannot be given back at once is answered all the same, and the log does it", async () => {
  const world = await createWorld();
  const { orderNo } = await bought(world);
  let failures = 1;
  world.onPort = (call, when) => {
    if (call === "inventory.release" && when === "before" && failures-- > 0) throw new Error("the port is broken");
  };
  expect(sold(await world.cancel(1, orderNo)).state).toBe("cancelled");
  await world.rest();
  expect(await world.free()).toBe(10);
  sold(await world.submit(1));
});

test("I7: word of freed seats that comes twice frees nobody else's seat and no limit twice", async () => {
  const world = await createWorld();
  const { orderNo } = await bought(world, 1, { people: [0, 1, 2, 3, 4] });
  await world.cancel(1, orderNo);
  await world.rest();
  const freed = ofTopic(world, "inventory-update-topic");
  expect(freed.length).toBe(1);
  await bought(world, 1, { people: [0, 1, 2] });
  await hand(world, ...freed, ...freed);
  expect(await world.free()).toBe(7);
  expect(await world.submit(1, requestOf(1, { people: [3, 4, 6] }))).toBe("UserRunLimit");
});

test("a settlement of nobody's ticket, or of an order that is not there, changes nothing", async () => {
  const world = await createWorld();
  const { orderNo } = await ticketed(world);
  const before = await world.load(orderNo);
  for (const [no, ticketNo] of [
    [orderNo, null],
    [orderNo, `${orderNo}-1`],
    ["E00010000000000001", "x"],
    ["nonsense", "x"],
  ]) {
    const value = { refundNo: "R", paymentNo: "P", orderNo: no as never, ticketNo: ticketNo ?? null };
    await hand(world, { topic: "payment-settled-topic", key: "k", value });
  }
  expect(await world.load(orderNo)).toEqual(before);
});

// Time ---------------------------------------------------------------------------------------------------------------------

test("I4: an unpaid order expires in the millisecond in which its 15 minutes are over, and not before", async () => {
  const world = await createWorld();
  const { orderNo } = await bought(world);
  await world.advance(payWithinMs - 1);
  await world.room().sweeper.expire();
  expect((await world.load(orderNo)).state).toBe("pendingPayment");
  expect((await world.room().client.payable(1 as never, orderNo)).ok).toBe(true);
  await world.advance(1);
  expect(await world.room().client.payable(1 as never, orderNo)).toMatchObject({ error: { code: "OrderNotPayable" } });
  await world.room().sweeper.expire();
  await world.rest();
  expect(await states(world, orderNo)).toEqual(["expired", "released"]);
  expect(await world.free()).toBe(10);
  sold(await world.submit(1));
});

test("I4: the sweeper goes by itself, survives trouble, and stops", async () => {
  const world = await createWorld();
  const first = await bought(world, 1);
  const stop = world.room().sweeper.start();
  let failures = 2;
  world.onPort = (call, when) => {
    if (call === "store.overdue" && when === "before" && world.clock.now() >= noon + payWithinMs && failures-- > 0) {
      throw new Error("the database is away");
    }
  };
  await world.advance(payWithinMs + 3 * secondMs);
  await world.rest();
  expect((await world.load(first.orderNo)).state).toBe("expired");
  expect(world.reports.length).toBe(2);
  await stop();
  const second = await bought(world, 2);
  await world.advance(20 * minuteMs);
  expect((await world.load(second.orderNo)).state).toBe("pendingPayment");
});

/** Nobody looks for overdue orders: what ends was named by the delay. */
const withDelay = () =>
  createWorld({
    delay: (clock) => createMemoryDelay(clock, payWithinMs),
    onPort: (call) => {
      if (call === "store.overdue") throw new Error("the index is broken");
    },
  });

test("I4: an unpaid order that the delay names expires without being looked for, and one that was paid stays", async () => {
  const world = await withDelay();
  const stop = world.room().sweeper.start();
  const unpaid = await bought(world, 1);
  const paid = await ticketed(world, 2);
  await world.advance(payWithinMs);
  await world.rest();
  expect(await states(world, unpaid.orderNo)).toEqual(["expired", "released"]);
  expect((await world.load(paid.orderNo)).state).toBe("ticketed");
  expect([await world.free(), world.room().counters.expired]).toEqual([9, 1]);
  await stop();
});

test("I7: an order that is named too early, twice, or does not exist is not changed by that", async () => {
  const heard: ((orderIds: readonly OrderId[]) => Promise<void>)[] = [];
  const delay: Delay = {
    schedule: () => {},
    listen(handle) {
      heard.push(handle);
      return { [Symbol.asyncDispose]: async () => {} };
    },
    counters: { scheduled: 0, dropped: 0, due: 0 },
    [Symbol.asyncDispose]: async () => {},
  };
  const world = await createWorld({ delay: () => delay });
  const stop = world.room().sweeper.start();
  const { orderNo } = await bought(world);
  const name = () => heard[0]!([orderIdOf(orderNo)!, orderIdOf(orderNo)!, 999 as OrderId]);
  await name();
  expect((await world.load(orderNo)).state).toBe("pendingPayment");
  await stop();
  await world.advance(payWithinMs);
  await name();
  await name();
  await world.rest();
  expect(await states(world, orderNo)).toEqual(["expired", "released"]);
  expect([await world.free(), world.room().counters.expired]).toEqual([10, 1]);
});

test("who follows an order hears nothing of an expiry that came after its payment", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = await bought(world);
  await world.advance(payWithinMs);
  let heard = 0;
  world.life().feed.follow(orderNo as OrderNo, () => heard++);
  world.onPort = async (call, when) => {
    if (call !== "store.change" || when !== "before") return;
    world.onPort = () => {};
    await world.pay(orderNo, totalFen);
    expect(heard).toBe(1);
  };
  await world.room().sweeper.expire();
  expect([(await world.load(orderNo)).state, world.room().counters.expired, heard]).toEqual(["ticketed", 0, 1]);
});

test("I4: more orders than one sweep holds all expire", async () => {
  const world = await createWorld();
  const { orderNo } = await bought(world);
  const [created] = ofTopic(world, "order-create-topic");
  const order = created!.value as OrderAccepted;
  const copies = Array.from({ length: 1_200 }, (_, n) => ({
    ...created!,
    value: {
      ...order,
      orderId: order.orderId + n + 1,
      orderNo: `copy ${n}`,
      lines: [{ ...order.lines[0], runId: `copy ${n}` }],
      tickets: order.tickets.map((ticket) => ({ ...ticket, documentHash: `copy ${n}` })),
    },
  }));
  await hand(world, ...(copies as never as LogRecord[]));
  await world.advance(payWithinMs);
  await world.room().sweeper.expire();
  expect((await world.all()).filter((each) => each.state !== "expired")).toEqual([]);
  expect(world.room().counters.expired).toBe(1_201);
  expect(orderNo).toBeTruthy();
});

test("I2, I4: an order that was answered before its process died for an hour is written, and then expires", async () => {
  const world = await createWorld();
  world.onPort = (call) => (call === "store.accept" ? new Promise<never>(() => {}) : undefined);
  const { orderNo } = sold(await world.submit(1, requestOf(1), "k"));
  world.crash();
  await quiet();
  expect(await world.all()).toEqual([]);
  world.onPort = () => {};
  await world.advance(hourMs);
  await world.restart();
  expect((await world.load(orderNo)).state).toBe("pendingPayment");
  expect(await world.free()).toBe(9);
  expect(sold(await world.submit(1, requestOf(1), "k")).orderNo).toBe(orderNo as never);
  expect(await world.room().client.payable(1 as never, orderNo)).toMatchObject({ error: { code: "OrderNotPayable" } });
  await world.sweep();
  await world.rest();
  expect(await states(world, orderNo)).toEqual(["expired", "released"]);
  expect(await world.free()).toBe(10);
});

test("a trip is over when its train arrives", async () => {
  const world = await createWorld({ at: epochMs(departure - hourMs) });
  const { orderNo } = await ticketed(world);
  await world.advance(4 * hourMs - 1);
  await world.sweep();
  expect((await world.load(orderNo)).state).toBe("ticketed");
  await world.advance(1);
  await world.sweep();
  expect(await states(world, orderNo)).toEqual(["completed", "used"]);
  expect(await world.refund(1, orderNo, [`${orderNo}-1`])).toBe("TicketNotRefundable");
});

test("I6: a trip that is over still counts among the five tickets of its run, also after a restart", async () => {
  const world = await createWorld({ at: epochMs(departure - hourMs) });
  await ticketed(world, 1, { to: "B", people: [0, 1, 2, 3, 4] });
  await world.advance(2 * hourMs + 5 * minuteMs);
  await world.sweep();
  const more = requestOf(1, { from: "C", people: [0] });
  expect(await world.submit(1, more)).toBe("UserRunLimit");
  await world.restart();
  expect(await world.submit(1, more)).toBe("UserRunLimit");
  await world.advance(limitsOutliveTripMs);
  await world.sweep();
  // Long past: nothing of it is kept in memory any more.
  expect(
    await world
      .life()
      .reservations.reserve(
        [{ ...reservation, trips: [{ ticketNo: "t", documentHash: "1 own 0" }] }],
        purchaseLimitsWithoutHoarding,
      ),
  ).toMatchObject([{ ok: true }]);
});

test("the ledger forgets the seats of a run two weeks after its day, and not before", async () => {
  const world = await createWorld({ at: epochMs(departure - hourMs) });
  const { orderNo } = await ticketed(world);
  const [created] = ofTopic(world, "order-create-topic");
  /** Somebody else on the same seat: what the ledger says of it. */
  const claimed = (orderId: number) =>
    world.store.accept([{ ...(created!.value as OrderAccepted), orderId: orderId as OrderId }], noon);
  await world.advance(ledgerKeptDays * dayMs);
  await world.room().sweeper.forget();
  expect(await claimed(1)).toEqual(["rejected"]);
  await world.advance(2 * dayMs);
  await world.room().sweeper.forget();
  expect(await claimed(2)).toEqual(["pendingPayment"]);
  expect((await world.load(orderNo)).tickets).toHaveLength(1);
});

const reservation = {
  orderId: 1 as never,
  line: 0,
  userId: 1 as never,
  runId: `G1/${travelDate}` as never,
  boardingDate: travelDate,
  departAt: departure,
  arriveAt: epochMs(departure + 1),
  boughtAt: noon,
  boughtOn: serviceDate("2026-11-22"),
  unpaidUntil: null,
  isStanding: false,
};

// Races --------------------------------------------------------------------------------------------------------------------

/** Holds every call of the store at its door; lets them in one at a time, in an order drawn by lot. */
function lottery(seed: number) {
  const prng = createPrng(seed);
  const waiting: (() => void)[] = [];
  const onPort: OnPort = (call, when) =>
    call.startsWith("store.") && when === "before" ? new Promise<void>((resolve) => waiting.push(resolve)) : undefined;
  async function run() {
    for (let idle = 0; idle < 3;) {
      await quiet();
      if (waiting.length === 0) idle++;
      else {
        idle = 0;
        waiting.splice(prng.below(waiting.length), 1)[0]!();
      }
    }
  }
  return { onPort, run };
}

test("I3, I7: of payment, cancel and expiry exactly one wins, whatever the order of their steps; money and seats agree", async () => {
  const seed = Number(process.env["SEED"] ?? 1);
  const outcomes = new Map<string, number>();
  for (let n = seed; n < seed + 150; n++) {
    const world = await createWorld();
    const { orderNo, totalFen } = await bought(world);
    await world.advance(payWithinMs);
    const { onPort, run } = lottery(n);
    world.onPort = onPort;
    world.capture(orderNo, totalFen);
    void world.life().relay();
    const cancels = [world.cancel(1, orderNo), world.cancel(1, orderNo)];
    const sweeps = [world.room().sweeper.expire(), world.room().sweeper.expire()];
    await run();
    world.onPort = () => {};
    const cancelled = (await Promise.all(cancels)).filter((answer) => typeof answer !== "string").length;
    await Promise.all(sweeps);
    await world.rest();
    const [state] = await states(world, orderNo);
    const paid = state === "ticketed";
    outcomes.set(state!, (outcomes.get(state!) ?? 0) + 1);
    const { counters } = world.room();
    expect([
      n,
      state,
      cancelled,
      counters.expired,
      world.bank.refunds.size,
      await world.free(),
      (await world.load(orderNo)).version,
    ]).toEqual([n, state, state === "cancelled" ? 1 : 0, state === "expired" ? 1 : 0, paid ? 0 : 1, paid ? 9 : 10, 1]);
    const freed = ofTopic(world, "inventory-update-topic").length;
    expect([n, freed]).toEqual([n, paid ? 0 : 1]);
  }
  expect([...outcomes.keys()].sort()).toEqual(["cancelled", "expired", "ticketed"]);
});

test("I3: a ticket that is given back twice at the same moment is paid back once, and refunds of two tickets both count", async () => {
  const seed = Number(process.env["SEED"] ?? 1);
  for (let n = seed; n < seed + 60; n++) {
    const world = await createWorld();
    const { orderNo } = await ticketed(world, 1, { people: [0, 1] });
    const { onPort, run } = lottery(n);
    world.onPort = onPort;
    const answers = [0, 0, 1].map((place) => world.refund(1, orderNo, [`${orderNo}-${place + 1}`]));
    await run();
    world.onPort = () => {};
    const [first, second, third] = await Promise.all(answers);
    expect([n, [first, second].filter((answer) => answer === "TicketNotRefundable").length, typeof third]).toEqual([
      n,
      1,
      "object",
    ]);
    await world.rest();
    expect([n, ...(await states(world, orderNo))]).toEqual([n, "refunded", "refunding", "refunding"]);
    expect([n, world.bank.refunds.size, world.bank.disputes]).toEqual([n, 2, []]);
  }
});
