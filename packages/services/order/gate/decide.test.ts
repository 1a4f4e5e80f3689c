/** What a passage makes of a ticket, by its state, the time and the place. */
import { expect, test } from "bun:test";
import type { TicketState } from "@chepiao/contracts";
import { epochMs, gateOpensBeforeMs, hourMs, minuteMs, trainLateMaxMs } from "@chepiao/kernel";
import type { GateEvent } from "@chepiao/ports/gate-store";
import { firstRecord, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleDeparture, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { decidePassage as decideOn } from "./decide.ts";

function orderIn(state: TicketState, order: OrderRecord["state"] = "ticketed"): OrderRecord {
  const record = firstRecord(sampleOrder({ seats: [0, 1] }), null);
  return { ...record, state: order, tickets: record.tickets.map((ticket) => ({ ...ticket, state })) };
}
const eventOf = (order: OrderRecord, more: Partial<GateEvent> = {}): GateEvent => ({
  gateId: "A1",
  eventId: "1",
  ticketNo: order.tickets[0]!.ticketNo,
  act: "enter",
  stationId: "S0",
  at: epochMs(sampleDeparture - hourMs),
  ...more,
});
const decidePassage = (order: OrderRecord, event: GateEvent) => decideOn(order, event, () => ["S0", "S1", "S2", "S3"]);
const arrival = firstRecord(sampleOrder({}), null).lines[0].arriveAt;
const entered = (order: OrderRecord, more: Partial<GateEvent> = {}) =>
  decidePassage(order, eventOf(order, more)).change!.order;

test("who enters has used the ticket; the order stays as it is, and so do its other tickets, seats and money", () => {
  const order = orderIn("issued");
  const { outcome, change } = decidePassage(order, eventOf(order));
  expect([outcome, change!.freedSeats, change!.messages, change!.order.state]).toEqual(["entered", [], [], "ticketed"]);
  expect(change!.steps).toEqual([{ from: "ticketed", to: "ticketed", because: "entered" }]);
  const [first, second] = change!.order.tickets;
  const passage = { at: epochMs(sampleDeparture - hourMs), gateId: "A1", stationId: "S0", eventId: "1" };
  expect(first).toEqual({ ...order.tickets[0]!, state: "used", passages: { enter: passage } });
  expect(second).toEqual(order.tickets[1]);
});

test("I7: an event that comes again changes nothing, also when the ticket was given back for a cancelled train since", () => {
  const order = entered(orderIn("issued"));
  expect(decidePassage(order, eventOf(order))).toEqual({ outcome: "entered" });
  const back = { ...order, tickets: order.tickets.map((ticket) => ({ ...ticket, state: "refunding" as const })) };
  expect(decidePassage(back, eventOf(back))).toEqual({ outcome: "entered" });
});

test("a second use is told with the first, by whichever gate and under whatever id it comes", () => {
  const order = entered(orderIn("issued"));
  const first = order.tickets[0]!.passages!.enter!;
  for (const more of [{ gateId: "B1" }, { eventId: "2" }, { gateId: "B1", at: epochMs(first.at - 5 * hourMs) }])
    expect(decidePassage(order, eventOf(order, more))).toEqual({ outcome: "usedBefore", before: first });
});

test("leaving stands whether or not the entry was heard of, and the entry may follow; another leaving is told", () => {
  const out: Partial<GateEvent> = {
    act: "leave",
    stationId: "S3",
    eventId: "9",
    at: epochMs(sampleDeparture + 5 * hourMs),
  };
  const order = entered(orderIn("issued"), out);
  expect(order.tickets[0]).toMatchObject({ state: "used", passages: { leave: { stationId: "S3" } } });
  expect(decidePassage(order, eventOf(order, { ...out, eventId: "10" })).outcome).toBe("leftBefore");
  const whole = entered(order);
  expect(Object.keys(whole.tickets[0]!.passages!).sort()).toEqual(["enter", "leave"]);
});

test("a ticket that time has taken for used is entered all the same by an event that comes late", () => {
  const order = orderIn("used", "completed");
  expect(decidePassage(order, eventOf(order))).toMatchObject({
    outcome: "entered",
    change: { order: { state: "completed" }, steps: [{ from: "completed", to: "completed" }] },
  });
});

test("what is not valid, at another station or out of its time is told and changes nothing", () => {
  const table: readonly (readonly [TicketState, Partial<GateEvent>, string])[] = [
    ["held", {}, "notValid"],
    ["released", {}, "notValid"],
    ["refunding", {}, "givenBack"],
    ["refunded", {}, "givenBack"],
    ["changed", {}, "changed"],
    ["changed", { act: "leave" }, "changed"],
    ["issued", { ticketNo: "E1-9" }, "ticketUnknown"],
    ["issued", { stationId: "S3" }, "otherStation"],
    ["issued", { at: epochMs(sampleDeparture - gateOpensBeforeMs - 1) }, "tooEarly"],
    ["issued", { at: epochMs(sampleDeparture - gateOpensBeforeMs) }, "entered"],
    // The train is late.
    ["issued", { at: epochMs(sampleDeparture + hourMs) }, "entered"],
    ["issued", { at: epochMs(arrival + trainLateMaxMs - 1) }, "entered"],
    ["issued", { at: epochMs(arrival + trainLateMaxMs) }, "tooLate"],
    ["issued", { act: "leave", at: epochMs(sampleDeparture - gateOpensBeforeMs - 1) }, "tooEarly"],
    ["issued", { act: "leave", stationId: "S3", at: epochMs(sampleDeparture - 1) }, "tooEarly"],
    ["issued", { act: "leave", stationId: "S9", at: arrival }, "otherStation"],
    ["used", { act: "leave", stationId: "S9", at: arrival }, "otherStation"],
  ];
  for (const [state, more, outcome] of table) {
    const order = orderIn(state);
    const decided = decidePassage(order, eventOf(order, more));
    expect([state, more, decided.outcome]).toEqual([state, more, outcome] as never);
    expect(decided.change === undefined).toBe(outcome !== "entered");
  }
});

const out = (stationId: string, eventId: string, at: number): Partial<GateEvent> => ({
  act: "leave",
  stationId,
  eventId,
  at: epochMs(at),
});

test("who is seen but to come out where the trip begins has not used the ticket, and it can be given back", () => {
  const [ticket] = entered(orderIn("issued"), out("S0", "9", sampleDeparture - hourMs)).tickets;
  expect(ticket).toMatchObject({ state: "issued", passages: { leave: { stationId: "S0" } } });
});

test("who comes out before departure goes in again, once, and leaves where the trip ends or on its way", () => {
  const inside = entered(orderIn("issued"));
  const outside = entered(inside, out("S0", "2", sampleDeparture - 50 * minuteMs));
  expect(outside.tickets[0]!.state).toBe("used");
  const again: Partial<GateEvent> = { eventId: "3", at: epochMs(sampleDeparture - 40 * minuteMs) };
  const back = entered(outside, again);
  expect(back.tickets[0]).toMatchObject({ state: "used", passages: { enter: { eventId: "3" } } });
  expect(back.tickets[0]!.passages!.leave).toBeUndefined();
  expect(decidePassage(back, eventOf(back, { ...again, eventId: "4" })).outcome).toBe("usedBefore");
  for (const stationId of ["S2", "S3"])
    expect(decidePassage(back, eventOf(back, out(stationId, "5", arrival))).outcome).toBe("left");
});

test("who came out and went in where nobody heard of it is let out all the same where the trip ends", () => {
  const outside = entered(orderIn("issued"), out("S0", "2", sampleDeparture - hourMs));
  expect(decidePassage(outside, eventOf(outside, out("S0", "3", sampleDeparture - minuteMs))).outcome).toBe(
    "leftBefore",
  );
  const home = entered(outside, out("S3", "4", arrival));
  expect(home.tickets[0]).toMatchObject({ state: "used", passages: { leave: { eventId: "4" } } });
});

test("whoever has left where the trip ends does not go in again", () => {
  const home = entered(entered(orderIn("issued")), out("S3", "2", arrival));
  expect(decidePassage(home, eventOf(home, { eventId: "3", at: epochMs(arrival + hourMs) })).outcome).toBe(
    "usedBefore",
  );
});
