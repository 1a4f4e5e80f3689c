/** What may happen to an order, decided without a world; and I3: money is never made nor lost by a decision. */
import { expect, test } from "bun:test";
import {
  endOf,
  firstRunOf,
  type LogRecord,
  type OrderState,
  type PaymentCaptured,
  policyDefault,
  type RefundDue,
  type RefundSettled,
} from "@chepiao/contracts";
import {
  createPrng,
  dayMs,
  epochMs,
  type EpochMs,
  fen,
  hourMs,
  minuteMs,
  type OrderId,
  type Prng,
  serviceDate,
  type ZoneName,
} from "@chepiao/kernel";
import { firstRecord, type OrderChange, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleDeparture, sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import {
  decideCancel,
  decideExpire,
  decidePaid,
  decideRefund,
  decideRunCancelled,
  decideSettled,
  decideTravelled,
  paymentBack,
} from "./decide.ts";
import { operatorSource } from "@chepiao/ports/run-states";
import type { Mistakes } from "./refundCase.ts";
import { refundRulesOf } from "./refundFee.ts";
import { undecided } from "./views.ts";

const refundRules = refundRulesOf(policyDefault);
const sampleDay = serviceDate("2026-11-30");
const unpaid = (seats: readonly number[] = [3, 4]) => firstRecord(sampleOrder({ seats }), null);
const captured = (order: OrderRecord, over: Partial<PaymentCaptured> = {}): PaymentCaptured => ({
  paymentNo: "P1",
  orderNo: order.orderNo,
  amountFen: order.totalFen,
  capturedAt: sampleNow,
  ...over,
});
function ticketed(order = unpaid()): OrderRecord {
  const outcome = decidePaid(order, captured(order));
  if (outcome.kind !== "ticketed") throw new Error(outcome.kind);
  return outcome.change.order;
}
const inState = (state: OrderState): OrderRecord => ({ ...ticketed(), state });
const changeOf = (result: { ok: true; value: OrderChange } | { ok: false; error: { code: string } }) => {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};
const said = { since: epochMs(0), endedAt: null, skipped: null };
const giveBack = (
  order: OrderRecord,
  places: readonly number[],
  over: {
    now?: EpochMs;
    feeFenMax?: number;
    nos?: string[];
    mistakes?: Mistakes["orders"];
    isRunCancelled?: boolean;
    lostCoachNos?: readonly number[];
  } = {},
) =>
  decideRefund(
    order,
    {
      ticketNos: over.nos ?? places.map((n) => order.tickets[n]!.ticketNo),
      feeFenMax: over.feeFenMax ?? null,
    },
    over.now ?? epochMs(sampleDeparture - hourMs),
    {
      rules: refundRules,
      mistakes: { day: sampleDay, orders: over.mistakes ?? [] },
      cancellations: over.isRunCancelled
        ? order.lines.map(({ runId }) => ({ ...said, source: operatorSource(runId), runId }))
        : [],
      lostCoaches: new Map(
        order.lines.map(({ runId }) => [
          runId,
          { lost: (over.lostCoachNos ?? []).map((no) => ({ no, since: epochMs(0) })) },
        ]),
      ),
      timetable: { zoneOf: () => "Asia/Shanghai" as ZoneName },
    },
  );
const dues = (messages: readonly LogRecord[]) =>
  messages.flatMap((message) => (message.topic === "payment-refund-topic" ? [message.value] : []));
const freed = (messages: readonly LogRecord[]) =>
  messages.flatMap((message) => (message.topic === "inventory-update-topic" ? [message.value] : []));
const seatsOf = ({ freedSeats }: OrderChange) => freedSeats.flatMap(({ seatIndexes }) => seatIndexes);
const ticketStates = (order: OrderRecord) => order.tickets.map((ticket) => ticket.state);

test("a ticket with a seat in a coach that the train has lost goes back whole until it leaves, and no other does", () => {
  const order = ticketed();
  const [lost] = order.tickets;
  const over = { lostCoachNos: [lost!.coachNo] };
  const given = changeOf(giveBack(order, [0], over));
  expect(given.order.tickets[0]).toMatchObject({ state: "refunding", feeFen: 0, refundFen: lost!.fareFen });
  expect(changeOf(giveBack(order, [0])).order.tickets[0]!.feeFen).toBeGreaterThan(0);
  expect(changeOf(giveBack(order, [0], { lostCoachNos: [99] })).order.tickets[0]!.feeFen).toBeGreaterThan(0);
  expect(giveBack(order, [0], { ...over, now: sampleDeparture })).toMatchObject({ ok: false });
});

test("only an unpaid order is cancelled; all its seats and limits go back", () => {
  const order = unpaid();
  const change = changeOf(decideCancel(order));
  expect([change.order.state, ticketStates(change.order), change.order.version]).toEqual([
    "cancelled",
    ["released", "released"],
    order.version,
  ]);
  expect(seatsOf(change)).toEqual([3, 4]);
  expect(freed(change.messages)).toMatchObject([
    { orderId: order.orderId, seatIndexes: [3, 4], ticketNos: order.tickets.map((ticket) => ticket.ticketNo) },
  ]);
  expect(dues(change.messages)).toEqual([]);
  for (const state of ["paid", "ticketed", "completed", "cancelled", "refunded", "rejected", "expired"] as const) {
    expect(decideCancel(inState(state))).toMatchObject({ error: { code: "OrderNotCancellable", facts: { state } } });
  }
  expect(decideCancel(undecided(sampleOrder()))).toMatchObject({ error: { code: "OrderNotCancellable" } });
});

test("I4: an unpaid order expires in the millisecond in which its time to pay is over, and no other ever", () => {
  const order = unpaid();
  expect(decideExpire(order, epochMs(order.payBy - 1))).toBeNull();
  const change = decideExpire(order, order.payBy)!;
  expect([change.order.state, ticketStates(change.order), seatsOf(change)]).toEqual([
    "expired",
    ["released", "released"],
    [3, 4],
  ]);
  expect(freed(change.messages).length).toBe(1);
  for (const state of [
    "accepted",
    "paid",
    "ticketed",
    "completed",
    "cancelled",
    "refunded",
    "rejected",
    "expired",
  ] as const) {
    expect(decideExpire(inState(state), epochMs(order.payBy + dayMs))).toBeNull();
  }
});

test("money of the right amount for an unpaid order becomes tickets in one step", () => {
  const order = unpaid();
  const outcome = decidePaid(order, captured(order, { capturedAt: epochMs(sampleNow + 5) }));
  expect(outcome).toMatchObject({
    kind: "ticketed",
    change: { order: { state: "ticketed", paymentNo: "P1", paidAt: sampleNow + 5 }, freedSeats: [], messages: [] },
  });
  expect(ticketStates(ticketed(order))).toEqual(["issued", "issued"]);
});

test("money that comes after its time is still taken while the order is unpaid: its seats are still held", () => {
  const order = unpaid();
  expect(decidePaid(order, captured(order, { capturedAt: epochMs(order.payBy + minuteMs) })).kind).toBe("ticketed");
});

test("I7: one payment told again is known, whatever became of the order since", () => {
  const order = ticketed();
  expect(decidePaid(order, captured(order))).toEqual({ kind: "known" });
  for (const state of ["completed", "refunded"] as const) {
    expect(decidePaid({ ...order, state }, captured(order))).toEqual({ kind: "known" });
  }
});

test("I3: money that no order can take goes back whole, under one number however often it is told", () => {
  const order = ticketed();
  const other = captured(order, { paymentNo: "P2" });
  const late = { ...unpaid(), state: "expired" as const };
  const cases: [OrderRecord, PaymentCaptured, string][] = [
    [order, other, "duplicatePayment"],
    [inState("completed"), other, "duplicatePayment"],
    [late, captured(late), "latePayment"],
    [{ ...late, state: "cancelled" }, captured(late), "latePayment"],
    [{ ...late, state: "rejected" }, captured(late), "latePayment"],
  ];
  for (const [gone, capture, reason] of cases) {
    const outcome = decidePaid(gone, capture);
    expect(outcome).toEqual(decidePaid(gone, capture));
    expect(outcome).toMatchObject({
      kind: "payBack",
      message: {
        topic: "payment-refund-topic",
        key: firstRunOf(gone),
        value: {
          refundNo: `${capture.paymentNo}-late`,
          amountFen: capture.amountFen,
          feeFen: 0,
          ticketNo: null,
          reason,
        },
      },
    });
  }
  const unknown = paymentBack(other, "G1/2026-12-01", null);
  expect(unknown).toMatchObject({ value: { refundNo: "P2-late", reason: "orderGone", amountFen: other.amountFen } });
});

test("I3: money of another amount than asked goes back whole, and the order waits on", () => {
  const order = unpaid();
  for (const amountFen of [0, 1, order.totalFen - 1, order.totalFen + 1]) {
    const outcome = decidePaid(order, captured(order, { amountFen: fen(amountFen) }));
    expect(outcome).toMatchObject({ kind: "payBack", message: { value: { amountFen } } });
  }
});

test("some tickets are given back: the order stays, their seats go, their money comes less the fee", () => {
  const order = ticketed();
  const change = changeOf(giveBack(order, [1]));
  expect([change.order.state, ticketStates(change.order)]).toEqual(["ticketed", ["issued", "refunding"]]);
  expect(change.order.tickets[1]).toMatchObject({ feeFen: 2_000, refundFen: 8_000 });
  expect(seatsOf(change)).toEqual([4]);
  expect(freed(change.messages)).toMatchObject([{ seatIndexes: [4], ticketNos: [order.tickets[1]!.ticketNo] }]);
  expect(dues(change.messages)).toEqual([
    {
      refundNo: `${order.tickets[1]!.ticketNo}-back`,
      paymentNo: "P1",
      orderNo: order.orderNo,
      ticketNo: order.tickets[1]!.ticketNo,
      amountFen: fen(8_000),
      feeFen: fen(2_000),
      reason: "ticketReturned",
    },
  ]);
  const rest = changeOf(giveBack(change.order, [0]));
  expect([rest.order.state, ticketStates(rest.order), seatsOf(rest)]).toEqual([
    "refunded",
    ["refunding", "refunding"],
    [3],
  ]);
});

test("a ticket named twice is given back once", () => {
  const order = ticketed();
  const no = order.tickets[0]!.ticketNo;
  const change = changeOf(giveBack(order, [], { nos: [no, no] }));
  expect([seatsOf(change), dues(change.messages).length]).toEqual([[3], 1]);
});

test("what was given back, was never issued, or is not of this order cannot be given back", () => {
  const order = ticketed();
  const part = changeOf(giveBack(order, [0])).order;
  expect(giveBack(part, [0])).toMatchObject({ error: { code: "TicketNotRefundable", facts: { state: "refunding" } } });
  // All or nothing: the other one stays as well.
  expect(giveBack(part, [1, 0])).toMatchObject({ error: { code: "TicketNotRefundable" } });
  expect(giveBack(order, [], { nos: [order.tickets[0]!.ticketNo, "E0-1"] })).toMatchObject({
    error: { code: "TicketUnknown", facts: { ticketNo: "E0-1" } },
  });
  expect(giveBack(unpaid(), [0])).toMatchObject({ error: { code: "TicketNotRefundable", facts: { state: "held" } } });
  expect(giveBack(order, [0], { now: sampleDeparture })).toMatchObject({ error: { code: "TicketNotRefundable" } });
  for (const state of ["completed", "cancelled", "expired", "rejected", "refunded"] as const) {
    expect(giveBack(inState(state), [0])).toMatchObject({ error: { code: "TicketNotRefundable" } });
  }
});

test("who agreed to a fee pays no more than that, over all tickets together", () => {
  const order = ticketed();
  expect(giveBack(order, [0, 1], { feeFenMax: 4_000 }).ok).toBe(true);
  expect(giveBack(order, [0, 1], { feeFenMax: 3_999 })).toMatchObject({
    error: { code: "OrderChanged", facts: { feeFen: 4_000 } },
  });
  expect(giveBack(order, [0], { feeFenMax: 0 })).toMatchObject({ error: { code: "OrderChanged" } });
  expect(giveBack(order, [0], { feeFenMax: 0, now: epochMs(sampleDeparture - 8 * dayMs) }).ok).toBe(true);
});

test("a mistake takes the account's first free place of the day; what is free anyway, or was begun, takes none", () => {
  const [other, third] = [1, 2].map(() => ticketed().orderId) as [OrderId, OrderId];
  const paidAt = sampleDeparture - 6 * hourMs;
  const order = { ...ticketed(), paidAt: epochMs(paidAt) };
  const soon = { now: epochMs(paidAt + minuteMs) };
  const change = changeOf(giveBack(order, [1], { ...soon, feeFenMax: 0 }));
  expect(change.mistake).toEqual({ day: sampleDay, nth: 0 });
  expect(dues(change.messages)).toMatchObject([{ amountFen: 10_000, feeFen: 0 }]);
  const rest = changeOf(giveBack(change.order, [0], { ...soon, mistakes: [order.orderId] }));
  expect([rest.mistake, dues(rest.messages)[0]!.feeFen]).toEqual([undefined, fen(0)]);
  for (const mistakes of [[other], [other, third]])
    expect(changeOf(giveBack(order, [0, 1], { ...soon, mistakes })).order.tickets[0]).toMatchObject({ feeFen: 2_000 });
  expect(giveBack(order, [0], { ...soon, mistakes: [other], feeFenMax: 0 })).toMatchObject({
    error: { code: "OrderChanged" },
  });
  const early = { ...ticketed(), paidAt: epochMs(sampleDeparture - 9 * dayMs) };
  expect(changeOf(giveBack(early, [0], { now: epochMs(sampleDeparture - 9 * dayMs) })).mistake).toBeUndefined();
  // As an entry of the waitlist becomes an order.
  const waited = { ...order, requestHash: order.idempotencyKey };
  expect(changeOf(giveBack(waited, [0], soon)).order.tickets[0]).toMatchObject({ feeFen: 2_000 });
});

test("I7: money that is back is noted once, also when the trip is over, and concerns only its ticket", () => {
  const order = changeOf(giveBack(ticketed(), [0])).order;
  const [first, second] = order.tickets;
  const settled = (ticketNo: string | null): RefundSettled => ({
    refundNo: "R",
    paymentNo: "P1",
    orderNo: order.orderNo,
    ticketNo,
  });
  const change = decideSettled(order, settled(first!.ticketNo))!;
  expect([ticketStates(change.order), change.messages, change.freedSeats]).toEqual([["refunded", "issued"], [], []]);
  expect(decideSettled(change.order, settled(first!.ticketNo))).toBeNull();
  expect(decideSettled(order, settled(second!.ticketNo))).toBeNull();
  expect(decideSettled(order, settled(null))).toBeNull();
  expect(decideSettled(order, settled("somebody else's"))).toBeNull();
  const travelled = decideTravelled(order, endOf(order))!.order;
  expect(ticketStates(decideSettled(travelled, settled(first!.ticketNo))!.order)).toEqual(["refunded", "used"]);
});

test("I3: who was let out on the way has nothing back for what his train does not run, neither by itself nor on request", () => {
  const order = ticketed();
  const { runId, toStop, fromStationId } = order.lines[0];
  const shortened = { runId, skipped: [toStop] };
  const out = (stationId: string): OrderRecord => {
    const leave = { at: sampleDeparture, gateId: "A1", stationId, eventId: "1" };
    const [first, second] = order.tickets;
    return { ...order, tickets: [{ ...first!, state: "used", passages: { enter: leave, leave } }, second!] };
  };
  const change = decideRunCancelled(out("S1"), shortened)!;
  expect([ticketStates(change.order), dues(change.messages).length]).toEqual([["used", "refunding"], 1]);
  expect(change.runRefund).toMatchObject({ ticketCount: 1, amountFen: 10_000 });
  expect(decideRunCancelled(change.order, { runId, skipped: null })).toBeNull();
  expect(giveBack(out("S1"), [0], { isRunCancelled: true })).toMatchObject({
    error: { code: "TicketNotRefundable", facts: { rule: "entered" } },
  });
  // Who came out where the trip begins has gone nowhere.
  const back = decideRunCancelled(out(fromStationId), shortened)!;
  expect(ticketStates(back.order)).toEqual(["refunding", "refunding"]);
  expect(giveBack(out(fromStationId), [0], { isRunCancelled: true }).ok).toBe(true);
});

test("a trip is over when its train arrives; what was given back stays so", () => {
  const order = changeOf(giveBack(ticketed(), [0])).order;
  expect(decideTravelled(order, epochMs(endOf(order) - 1))).toBeNull();
  const change = decideTravelled(order, endOf(order))!;
  expect([change.order.state, ticketStates(change.order), change.freedSeats, change.messages]).toEqual([
    "completed",
    ["refunding", "used"],
    [],
    [],
  ]);
  for (const state of [
    "accepted",
    "pendingPayment",
    "completed",
    "cancelled",
    "refunded",
    "expired",
    "rejected",
  ] as const) {
    expect(decideTravelled(inState(state), endOf(order))).toBeNull();
  }
});

test("I3: over any history of decisions, money in is tickets, fees and refunds", () => {
  const seed = Number(process.env["SEED"] ?? 20261122);
  for (let n = 0; n < 300; n++) {
    const wrong = history(createPrng(seed + n));
    expect([seed + n, wrong]).toEqual([seed + n, null]);
  }
});

/** One order through random decisions; says what is wrong with its money. */
function history(prng: Prng): string | null {
  const seats = Array.from({ length: 1 + prng.below(5) }, (_, n) => n);
  const sample = sampleOrder({ seats });
  const fares = seats.map(() => fen(prng.below(2_000) * 50));
  let order = firstRecord(
    {
      ...sample,
      tickets: sample.tickets.map((ticket, n) => ({ ...ticket, fareFen: fares[n]! })),
      totalFen: fen(fares.reduce((sum, fare) => sum + fare, 0)),
    },
    null,
  );
  let now: number = sampleNow;
  const taken = new Map<string, number>();
  const backs = new Map<string, RefundDue>();
  const apply = (change: OrderChange | null) => {
    if (!change) return;
    order = { ...change.order, version: change.order.version + 1 };
    for (const due of dues(change.messages)) backs.set(due.refundNo, due);
  };
  for (let step = 0; step < 12; step++) {
    now += prng.pick([0, minuteMs, 16 * minuteMs, dayMs]);
    const what = prng.below(6);
    if (what <= 1) {
      const paymentNo = `P${prng.below(3)}`;
      const amountFen = fen(taken.get(paymentNo) ?? (prng.chance(0.8) ? order.totalFen : prng.below(1_000)));
      taken.set(paymentNo, amountFen);
      const outcome = decidePaid(order, captured(order, { paymentNo, amountFen }));
      if (outcome.kind === "ticketed") apply(outcome.change);
      else if (outcome.kind === "payBack") for (const due of dues([outcome.message])) backs.set(due.refundNo, due);
    } else if (what === 2 && prng.chance(0.4)) {
      const result = decideCancel(order);
      if (result.ok) apply(result.value);
    } else if (what === 3) {
      apply(decideExpire(order, epochMs(now)));
      apply(decideTravelled(order, epochMs(now)));
    } else {
      const nos = order.tickets.filter(() => prng.chance(0.5)).map((ticket) => ticket.ticketNo);
      const result = nos.length > 0 ? giveBack(order, [], { nos, now: epochMs(now) }) : null;
      if (result?.ok) apply(result.value);
    }
  }
  const moneyIn = [...taken.values()].reduce((sum, amount) => sum + amount, 0);
  const back = [...backs.values()].reduce((sum, due) => sum + due.amountFen, 0);
  const fees = order.tickets.reduce((sum, ticket) => sum + (ticket.feeFen ?? 0), 0);
  const valid = order.tickets.filter((ticket) => ["issued", "used"].includes(ticket.state));
  const kept = valid.reduce((sum, ticket) => sum + ticket.fareFen, 0);
  if (order.tickets.some((ticket) => ticket.feeFen !== null && ticket.feeFen + ticket.refundFen! !== ticket.fareFen))
    return "a fare";
  return moneyIn === back + fees + kept ? null : `${moneyIn} in, ${back} back, ${fees} in fees, ${kept} in tickets`;
}
