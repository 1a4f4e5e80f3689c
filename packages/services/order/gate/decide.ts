/**
 * What a passage through a gate makes of a ticket: an event + the order → its outcome, and the change where there is one. Pure. The event says what has
 * happened at the gate, soon or long after, in any order and more than once (I7): who is in is in, so nothing is refused, and what does not fit is
 * told to staff.
 */
import { type GateAct, type GateOutcome, lineOf, type OrderLine, type TicketState } from "@chepiao/contracts";
import { gateOpensBeforeMs } from "@chepiao/kernel";
import type { GateEvent } from "@chepiao/ports/gate-store";
import type { OrderRecord, Passage, TicketRecord } from "@chepiao/ports/order-store";
import { ticketTransitions } from "../state.ts";
import type { DecidedChange } from "../transitions.ts";

export type GateDecision = {
  readonly outcome: GateOutcome;
  readonly change?: DecidedChange;
  /** Of a ticket that was used before. */
  readonly before?: Passage;
};

const stands = { enter: "entered", leave: "left" } as const satisfies Record<GateAct, GateOutcome>;
const twice = { enter: "usedBefore", leave: "leftBefore" } as const satisfies Record<GateAct, GateOutcome>;

/** With what a ticket that is not valid is told of. */
const notValid: Readonly<Record<Exclude<TicketState, "issued" | "used">, GateOutcome>> = {
  held: "notValid",
  released: "notValid",
  refunding: "givenBack",
  refunded: "givenBack",
  changed: "changed",
};

export function decidePassage(order: OrderRecord, event: GateEvent): GateDecision {
  const ticket = order.tickets.find(({ ticketNo }) => ticketNo === event.ticketNo);
  if (!ticket) return { outcome: "ticketUnknown" };
  const before = ticket.passages?.[event.act];
  // What was made of it stands, also where it was given back since.
  if (before?.eventId === event.eventId && before.gateId === event.gateId) return { outcome: stands[event.act] };
  if (ticket.state !== "issued" && ticket.state !== "used") return { outcome: notValid[ticket.state] };
  if (before) return { outcome: twice[event.act], before };
  const misfit = event.act === "enter" ? misfitOf(event, lineOf(order, ticket)) : null;
  if (misfit) return { outcome: misfit };
  return { outcome: stands[event.act], change: passed(order, ticket, event) };
}

/** A late train is boarded after its time, and nobody boards one after it has arrived. */
function misfitOf({ stationId, at }: GateEvent, line: OrderLine): GateOutcome | null {
  if (stationId !== line.fromStationId) return "otherStation";
  if (at < line.departAt - gateOpensBeforeMs) return "tooEarly";
  return at >= line.arriveAt ? "tooLate" : null;
}

/** Its seat stays its own until the trip has ended, and so does the order's state. */
function passed(
  order: OrderRecord,
  ticket: TicketRecord,
  { act, at, gateId, stationId, eventId }: GateEvent,
): DecidedChange {
  const state = ticketTransitions[ticket.state].use === "used" ? "used" : ticket.state;
  const passages = { ...ticket.passages, [act]: { at, gateId, stationId, eventId } };
  const tickets = order.tickets.map((each) => (each === ticket ? { ...ticket, state, passages } : each));
  return {
    order: { ...order, tickets },
    steps: [{ from: order.state, to: order.state, because: stands[act] }],
    freedSeats: [],
    messages: [],
  };
}
