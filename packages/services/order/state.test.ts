/** The tables of states, held against a second telling of the same rules. */
import { expect, test } from "bun:test";
import { type OrderState, orderStates, type TicketState, ticketStates } from "@chepiao/contracts";
import { createPrng } from "@chepiao/kernel";
import { type OrderEvent, orderTransitions, type TicketEvent, ticketTransitions } from "./state.ts";

const orderEvents = Object.keys(orderTransitions.accepted) as OrderEvent[];
const ticketEvents = Object.keys(ticketTransitions.held) as TicketEvent[];

/** Every way that leads somewhere: `from event → to`. What is not here changes nothing. */
const orderWays = new Map<string, OrderState>([
  ["accepted seatsClaimed", "pendingPayment"],
  ["accepted seatsLost", "rejected"],
  ["accepted limitReached", "rejected"],
  ["pendingPayment paid", "paid"],
  ["pendingPayment cancelled", "cancelled"],
  ["pendingPayment expired", "expired"],
  ["paid ticketed", "ticketed"],
  ["ticketed partReturned", "ticketed"],
  ["ticketed allReturned", "refunded"],
  ["ticketed travelled", "completed"],
  ["ticketed partChanged", "ticketed"],
  ["ticketed allChanged", "changed"],
  ["pendingPayment replacedGone", "cancelled"],
  ["completed partReturned", "completed"],
  ["completed allReturned", "refunded"],
]);
/** Somebody asked for these and must hear no; the rest nobody waits for. */
const askedFor: readonly OrderEvent[] = [
  "paid",
  "ticketed",
  "cancelled",
  "partReturned",
  "allReturned",
  "partChanged",
  "allChanged",
];

const ticketWays = new Map<string, TicketState>([
  ["held issue", "issued"],
  ["held release", "released"],
  ["issued giveBack", "refunding"],
  ["issued use", "used"],
  ["issued notCarried", "refunding"],
  ["used notCarried", "refunding"],
  ["refunding settle", "refunded"],
  ["issued change", "changed"],
  ["issued changeNotCarried", "changed"],
  ["used changeNotCarried", "changed"],
]);

const finalOrders: readonly OrderState[] = ["cancelled", "refunded", "rejected", "expired", "changed"];
const finalTickets: readonly TicketState[] = ["refunded", "released", "changed"];

test("every state of an order meets every event, and leads where the rules say", () => {
  expect(Object.keys(orderTransitions).sort()).toEqual([...orderStates].sort());
  for (const state of orderStates) {
    expect(Object.keys(orderTransitions[state])).toEqual(orderEvents);
    for (const event of orderEvents) {
      const rest = askedFor.includes(event) ? "refuse" : "ignore";
      expect([state, event, orderTransitions[state][event]]).toEqual([
        state,
        event,
        orderWays.get(`${state} ${event}`) ?? rest,
      ]);
    }
  }
});

test("every state of a ticket meets every event, and leads where the rules say", () => {
  expect(Object.keys(ticketTransitions).sort()).toEqual([...ticketStates].sort());
  for (const state of ticketStates) {
    expect(Object.keys(ticketTransitions[state])).toEqual(ticketEvents);
    for (const event of ticketEvents) {
      const next = ticketTransitions[state][event];
      const way = ticketWays.get(`${state} ${event}`);
      expect([state, event, next]).toEqual([state, event, way ?? (next === "ignore" ? "ignore" : "refuse")]);
    }
  }
});

test("I7: what has happened to a ticket already is ignored when it is told again", () => {
  for (const [way, to] of ticketWays) {
    const event = way.split(" ")[1] as TicketEvent;
    // Giving back is asked for by a person, who is told; the others come from the log.
    expect([way, ticketTransitions[to][event]]).toEqual([way, event === "giveBack" ? "refuse" : "ignore"]);
  }
});

test("I4: no final state is ever left, and every other leads to one", () => {
  for (const state of finalOrders) {
    for (const event of orderEvents)
      expect(orderStates as readonly string[]).not.toContain(orderTransitions[state][event]);
  }
  for (const state of finalTickets) {
    for (const event of ticketEvents)
      expect(ticketStates as readonly string[]).not.toContain(ticketTransitions[state][event]);
  }
  const seed = Number(process.env["SEED"] ?? 20261122);
  const prng = createPrng(seed);
  for (let walk = 0; walk < 200; walk++) {
    let state: OrderState = "accepted";
    let ticket: TicketState = "held";
    for (let step = 0; step < 300; step++) {
      const wasFinal = finalOrders.includes(state);
      const next: OrderState | "refuse" | "ignore" = orderTransitions[state][prng.pick(orderEvents)];
      if (next !== "refuse" && next !== "ignore") {
        expect([seed, wasFinal]).toEqual([seed, false]);
        state = next;
      }
      const then: TicketState | "refuse" | "ignore" = ticketTransitions[ticket][prng.pick(ticketEvents)];
      if (then !== "refuse" && then !== "ignore") ticket = then;
    }
    expect([seed, finalOrders.includes(state), finalTickets.includes(ticket)]).toEqual([seed, true, true]);
  }
});
