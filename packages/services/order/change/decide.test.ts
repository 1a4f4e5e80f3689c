/** The pivot of a change does not take the log's word for what tickets are worth, nor for whose they are. */
import { expect, test } from "bun:test";
import type { OrderAccepted, Replaces } from "@chepiao/contracts";
import { epochMs, type EpochMs, fen, type UserId } from "@chepiao/kernel";
import { firstRecord, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleDeparture, sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { decidePaid } from "../decide.ts";
import { decideCarried } from "./decide.ts";

const documents = ["one", "two"];
const bought = sampleOrder({ seats: [3, 4], documents });
const arriveAt = bought.lines[0].arriveAt;

function paid(order: OrderAccepted): OrderRecord {
  const { orderNo, totalFen: amountFen } = order;
  const outcome = decidePaid(firstRecord(order, null), { paymentNo: "P1", orderNo, amountFen, capturedAt: sampleNow });
  return outcome.kind === "ticketed" ? outcome.change.order : expect.unreachable();
}
const old = paid(bought);

/** A cheaper train of the same two: of 100 yuan each, 30 are kept or go back. */
const fair: Replaces = {
  orderId: old.orderId,
  line: 0,
  runId: old.lines[0].runId,
  kind: "reschedule",
  nth: 1,
  departAt: sampleDeparture,
  isCarried: true,
  tickets: old.tickets.map(({ ticketNo }) => ({ ticketNo, feeFen: fen(1_000), refundFen: fen(2_000) })),
};
function changeTo(replaces: Replaces, over: Partial<OrderAccepted> = {}, fareFen = 7_000): OrderRecord {
  const order = sampleOrder({ train: "G2", seats: [5, 6], documents });
  const tickets = order.tickets.map((ticket) => ({ ...ticket, fareFen: fen(fareFen) }));
  return firstRecord({ ...order, tickets, totalFen: fen(2 * fareFen), replaces, ...over }, null);
}
const kindOf = (order: OrderRecord, now: EpochMs = sampleNow, replaced = old) =>
  decideCarried(order, replaced, now).kind;

test("old fares that are kept, go back and are carried on make one change of two orders", () => {
  const outcome = decideCarried(changeTo(fair), old, sampleNow);
  expect(outcome.kind).toBe("ticketed");
  expect(outcome.change?.order).toMatchObject({ state: "ticketed", paymentNo: "P1" });
  expect(outcome.together?.order).toMatchObject({
    state: "changed",
    tickets: [{ state: "changed" }, { state: "changed" }],
  });
});

test("I3: nothing is carried that is worth more than the old tickets, or less than nothing", () => {
  expect(kindOf(changeTo(fair, {}, 170_000))).toBe("replacedGone");
  expect(kindOf(changeTo(fair, {}, 6_999))).toBe("replacedGone");
  const [first, second] = fair.tickets;
  const below = { ...first!, feeFen: fen(-1_000), refundFen: fen(4_000) };
  expect(kindOf(changeTo({ ...fair, tickets: [below, second!] }))).toBe("replacedGone");
  expect(kindOf(changeTo({ ...fair, tickets: [first!, first!] }))).toBe("replacedGone");
});

test("I3: nobody is ticketed on the payment of another account, or instead of other travellers", () => {
  expect(kindOf(changeTo(fair, { userId: 2 as UserId }))).toBe("replacedGone");
  const swapped = { ...fair, tickets: fair.tickets.toReversed() };
  expect(kindOf(changeTo(swapped))).toBe("replacedGone");
  const [first] = fair.tickets;
  expect(kindOf(changeTo({ ...fair, tickets: [first!] }))).toBe("replacedGone");
});

test("a ticket whose train has arrived is used, though its order does not know yet", () => {
  expect(kindOf(changeTo(fair), epochMs(arriveAt - 1))).toBe("ticketed");
  expect(kindOf(changeTo(fair), arriveAt)).toBe("replacedGone");
});

test("who goes in after he has asked for another train travels by the old one: it is not changed any more", () => {
  const order = changeTo({ ...fair, because: "runCancelled" });
  const { fromStationId } = old.lines[0];
  const seen = (at: number, more = {}): OrderRecord => {
    const enter = { at: epochMs(at), gateId: "A1", stationId: fromStationId, eventId: "1" };
    const passages = { enter, ...more };
    return { ...old, tickets: old.tickets.map((ticket) => ({ ...ticket, state: "used" as const, passages })) };
  };
  const askedAt = order.acceptedAt;
  expect(kindOf(order, sampleNow, seen(askedAt))).toBe("ticketed");
  expect(kindOf(order, sampleNow, seen(askedAt + 1))).toBe("replacedGone");
  const out = { at: epochMs(askedAt + 2), gateId: "A1", stationId: fromStationId, eventId: "2" };
  expect(kindOf(order, sampleNow, seen(askedAt + 1, { leave: out }))).toBe("ticketed");
});

test("whom a gate let in before he was given another seat keeps the ticket that let him in, when the gate tells it late", () => {
  const order = changeTo({ ...fair, because: "coachLost", byRailway: true });
  const { fromStationId: stationId } = old.lines[0];
  const at = epochMs(order.acceptedAt - 1);
  const enter = { at, gateId: "A1", stationId, eventId: "1" };
  const inside = (more = {}): OrderRecord => ({
    ...old,
    tickets: old.tickets.map((ticket) => ({ ...ticket, state: "used" as const, passages: { enter, ...more } })),
  });
  expect(kindOf(order)).toBe("ticketed");
  expect(kindOf(order, sampleNow, inside())).toBe("replacedGone");
  expect(kindOf(order, sampleNow, inside({ leave: { ...enter, at: epochMs(at + 1), eventId: "2" } }))).toBe("ticketed");
});
