/** A step of an order through the tables of states, and what follows from it: what its tickets become, which seats go back, who is told. Pure. */
import type { LogRecord, OrderCause, OrderState, RunNotRun, SeatsFreed } from "@chepiao/contracts";
import { assert } from "@chepiao/kernel";
import type { OrderChange, OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { type OrderEvent, orderTransitions, type TicketEvent, ticketTransitions } from "./state.ts";

/** One way through the table of states; what changes tickets alone is none, and leads back to where it began. */
export type OrderStep = { readonly from: OrderState; readonly to: OrderState; readonly because: OrderCause };

/** A change, and what it is made of: the caller that makes it tells each of these steps with it. */
export type DecidedChange = OrderChange & {
  readonly steps: readonly [OrderStep, ...OrderStep[]];
  /** What of its trains does not run, where that is why. */
  readonly notRun?: RunNotRun;
};

type Next = { readonly order: OrderRecord; readonly step: OrderStep };

/** The order in its next state, or null where the table says that the event does not lead anywhere. */
export function after(order: OrderRecord, event: OrderEvent): Next | null {
  const state = orderTransitions[order.state][event];
  if (state === "refuse" || state === "ignore") return null;
  return { order: { ...order, state }, step: { from: order.state, to: state, because: event } };
}

export function moved(ticket: TicketRecord, event: TicketEvent): TicketRecord {
  const state = ticketTransitions[ticket.state][event];
  assert(state !== "refuse" && state !== "ignore", `a ticket that is ${ticket.state} cannot ${event}`);
  return { ...ticket, state };
}

/** Ends an unpaid order: its seats leave the ledger, and inventory and limits hear of it. */
export function letGo({ order, step }: Next, ended: Pick<SeatsFreed, "unpaid"> = { unpaid: true }): DecidedChange {
  const freedSeats = freedBy(order, order.tickets, ended);
  return {
    order: { ...order, tickets: order.tickets.map((ticket) => moved(ticket, "release")) },
    steps: [step],
    freedSeats,
    messages: freedSeats.map(wordOfFreed),
  };
}

/** What goes back with these tickets, line by line. */
export function freedBy(
  order: OrderRecord,
  tickets: readonly TicketRecord[],
  ended: Pick<SeatsFreed, "unpaid"> = {},
): SeatsFreed[] {
  const freed: SeatsFreed[] = [];
  for (const { line, holdLine, runId, seatClass, fromStop, toStop } of order.lines) {
    const ofLine = tickets.filter((ticket) => ticket.line === line);
    if (ofLine.length === 0) continue;
    const seatIndexes = ofLine.map(({ seatIndex }) => seatIndex);
    const ticketNos = ofLine.map(({ ticketNo }) => ticketNo);
    const way = { runId, seatClass, fromStop, toStop };
    const named = holdLine === undefined ? { line } : { line, holdLine };
    freed.push({ orderId: order.orderId, ...named, ...way, seatIndexes, ticketNos, ...ended });
  }
  return freed;
}

export const wordOfFreed = (freed: SeatsFreed): LogRecord => ({
  topic: "inventory-update-topic",
  key: freed.runId,
  value: freed,
});

/** Money is there: the order is paid and ticketed in one. Null where it does not wait for any. */
export function ticketed(order: OrderRecord, money: Paid, messages: readonly LogRecord[] = []): DecidedChange | null {
  const paid = after(order, "paid");
  if (!paid) return null;
  const next = after(paid.order, "ticketed");
  assert(next !== null, "a paid order can be ticketed");
  const tickets = order.tickets.map((ticket) => moved(ticket, "issue"));
  return { order: { ...next.order, ...money, tickets }, steps: [paid.step, next.step], freedSeats: [], messages };
}

type Paid = { readonly [K in "paidAt" | "paymentNo"]: NonNullable<OrderRecord[K]> };
