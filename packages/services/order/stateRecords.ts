/** What the log says of an order's states: a record a step, under the key of its first run, for the rooms that want to know what became of it. */
import { firstRunOf, type LogRecord, type OrderAccepted, type OrderCause, type TicketState } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { KnownOrder } from "@chepiao/ports/order-store";
import type { DecidedChange } from "./transitions.ts";

export type Standing = Omit<KnownOrder, "acceptedAt"> & Partial<Pick<KnownOrder, "acceptedAt">>;

/** Of a change that is made at that instant, to be committed with it. */
export function recordsOfChange({ order, steps, notRun }: DecidedChange, at: EpochMs): LogRecord[] {
  const { orderId, orderNo, userId } = order;
  const version = order.version + 1;
  const tickets = order.tickets.map(({ ticketNo, state }) => ({ ticketNo, state }));
  return steps.map(({ from, to, because }, step) => ({
    topic: "order-state-topic",
    key: firstRunOf(order),
    value: {
      orderId,
      orderNo,
      userId,
      version,
      step,
      from,
      to,
      because,
      at,
      tickets,
      ...(notRun ? { notRun } : {}),
    },
  }));
}

/**
 * Of an order that was written: its first step, whatever has happened since. The same whenever it is said again, so nothing in it is of the
 * moment of writing. An order of the waitlist may be accepted twice under its one id: what was written says when.
 * @param known how the order stands now; of one that has just been written it says only that
 */
export function recordOfWritten(order: OrderAccepted, known: Standing | undefined): LogRecord {
  const isRejected = known?.state === "rejected";
  const ticketState: TicketState = isRejected ? "released" : "held";
  return {
    topic: "order-state-topic",
    key: firstRunOf(order),
    value: {
      orderId: order.orderId,
      orderNo: order.orderNo,
      userId: order.userId,
      version: 0,
      step: 0,
      from: "accepted",
      to: isRejected ? "rejected" : "pendingPayment",
      because: isRejected ? becauseOf(known) : "seatsClaimed",
      at: known?.acceptedAt ?? order.acceptedAt,
      tickets: order.tickets.map(({ ticketNo }) => ({ ticketNo, state: ticketState })),
    },
  };
}

const becauseOf = ({ endedBecause }: Standing): OrderCause =>
  endedBecause === "SeatLost" ? "seatsLost" : "limitReached";
