/**
 * What a passage through a gate makes of a ticket: an event + the order → its outcome, and the change where there is one. Pure. The event says what has
 * happened at the gate, soon or long after, in any order and more than once (I7): who is in is in, so nothing is refused, and what does not fit is
 * told to staff.
 */
import { type GateAct, type GateOutcome, lineOf, type OrderLine, type TicketState } from "@chepiao/contracts";
import { gateOpensBeforeMs, trainLateMaxMs } from "@chepiao/kernel";
import type { GateEvent } from "@chepiao/ports/gate-store";
import type { OrderRecord, Passage, Passages, TicketRecord } from "@chepiao/ports/order-store";
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

/** The stations of a line's way from where its passenger boards to where they get off. */
export type StretchOf = (line: OrderLine) => readonly string[];

export function decidePassage(order: OrderRecord, event: GateEvent, stretchOf: StretchOf): GateDecision {
  const ticket = order.tickets.find(({ ticketNo }) => ticketNo === event.ticketNo);
  if (!ticket) return { outcome: "ticketUnknown" };
  const line = lineOf(order, ticket);
  const known = ticket.passages?.[event.act];
  // What was made of it stands, also where it was given back since.
  if (known?.eventId === event.eventId && known.gateId === event.gateId) return { outcome: stands[event.act] };
  if (ticket.state !== "issued" && ticket.state !== "used") return { outcome: notValid[ticket.state] };
  const before = isUndone(ticket.passages, event, line) ? undefined : known;
  if (before) return { outcome: twice[event.act], before };
  const misfit = event.act === "enter" ? misfitOfEntry(event, line) : misfitOfExit(event, line, stretchOf);
  if (misfit) return { outcome: misfit };
  return { outcome: stands[event.act], change: passed(order, ticket, event) };
}

/** Who came out where the trip begins may go in again, and leaves for good where it ends. */
function isUndone({ enter, leave }: Passages = {}, { act, stationId, at }: GateEvent, line: OrderLine): boolean {
  if (leave?.stationId !== line.fromStationId || at <= leave.at) return false;
  return act === "enter" ? enter === undefined || enter.at <= leave.at : stationId !== line.fromStationId;
}

/** A late train is boarded after its time. */
function misfitOfEntry({ stationId, at }: GateEvent, line: OrderLine): GateOutcome | null {
  if (stationId !== line.fromStationId) return "otherStation";
  if (at < line.departAt - gateOpensBeforeMs) return "tooEarly";
  return at >= line.arriveAt + trainLateMaxMs ? "tooLate" : null;
}

/** Nobody is kept in however late it is. Before departure nobody can be anywhere but where the trip begins. */
function misfitOfExit({ stationId, at }: GateEvent, line: OrderLine, stretchOf: StretchOf): GateOutcome | null {
  if (!stretchOf(line).includes(stationId)) return "otherStation";
  const earliest = stationId === line.fromStationId ? line.departAt - gateOpensBeforeMs : line.departAt;
  return at < earliest ? "tooEarly" : null;
}

/** Its seat stays its own until the trip has ended, and so does the order's state. */
function passed(
  order: OrderRecord,
  ticket: TicketRecord,
  { act, at, gateId, stationId, eventId }: GateEvent,
): DecidedChange {
  const state = ticketTransitions[ticket.state].use === "used" ? "used" : ticket.state;
  const { fromStationId } = lineOf(order, ticket);
  const passage: Passage = { at, gateId, stationId, eventId };
  const { leave } = ticket.passages ?? {};
  const isInAgain = act === "enter" && leave?.stationId === fromStationId && at > leave.at;
  const passages: Passages = isInAgain ? { enter: passage } : { ...ticket.passages, [act]: passage };
  // Who was only seen to come out where the trip begins has not gone on it.
  const isUsed = passages.enter !== undefined || passages.leave?.stationId !== fromStationId;
  const after: TicketRecord = { ...ticket, passages, ...(isUsed ? { state } : {}) };
  const tickets = order.tickets.map((each) => (each === ticket ? after : each));
  return {
    order: { ...order, tickets },
    steps: [{ from: order.state, to: order.state, because: stands[act] }],
    freedSeats: [],
    messages: [],
  };
}
