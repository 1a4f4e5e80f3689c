/** What an order that is written, or about to be, counts as in the limits of trips: in the reservations and in the guard in SQL. */
import { type OrderLines, type RefusalCode, type Replaces, ticketsOf, type OrderAccepted } from "@chepiao/contracts";
import { limitedPerson, type ReplacedTrips, type TripClaim } from "@chepiao/ports/reservations";
import {
  isTripState,
  type LiveLine,
  type LiveOrder,
  liveTicketStates,
  type LiveTicket,
  type OrderRecord,
} from "./orderStore.ts";

type Claiming = Pick<LiveOrder, "orderId" | "userId"> & {
  readonly lines: OrderLines<Pick<LiveLine, "arriveAt" | "boardingDate" | "departAt" | "line" | "runId">>;
  readonly tickets: readonly Pick<LiveTicket, "documentHash" | "documentUnproved" | "line" | "ticketNo">[];
  readonly replaces?: Replaces;
};

/** Line by line: each is a trip of its own. */
export const tripClaimsOf = (order: Claiming): TripClaim[] =>
  order.lines.map(({ line, runId, boardingDate, departAt, arriveAt }) => ({
    orderId: order.orderId,
    line,
    userId: order.userId,
    runId,
    boardingDate,
    departAt,
    arriveAt,
    trips: ticketsOf(order, { line }).map((ticket) => ({
      ticketNo: ticket.ticketNo,
      documentHash: limitedPerson(ticket, order.userId),
    })),
    ...(order.replaces ? { replaces: replacedTripsOf(order.replaces) } : {}),
  }));

/** As limits know what an order is to replace. */
const replacedTripsOf = ({ orderId, line, runId, tickets }: Replaces): ReplacedTrips => ({
  orderId,
  line,
  runId,
  ticketNos: tickets.map(({ ticketNo }) => ticketNo),
});

/** The part of it that the order has given up: it has ended, or some of its tickets were given back. */
export function endedTripsOf(order: OrderRecord): TripClaim[] {
  const isLive = ({ state }: { readonly state: string }) => (liveTicketStates as readonly string[]).includes(state);
  const tickets = isTripState(order.state) ? order.tickets.filter((ticket) => !isLive(ticket)) : order.tickets;
  return tripClaimsOf({ ...order, tickets }).filter(({ trips }) => trips.length > 0);
}

/** An accepted order as its first row: every ticket held, or all let go where the guards in SQL refuse it. */
export function firstRecord(order: OrderAccepted, refusedBecause: RefusalCode | null): OrderRecord {
  return {
    ...order,
    state: refusedBecause === null ? "pendingPayment" : "rejected",
    version: 0,
    paymentNo: null,
    paidAt: null,
    endedBecause: refusedBecause,
    tickets: order.tickets.map((ticket) => ({
      ...ticket,
      state: refusedBecause === null ? "held" : "released",
      feeFen: null,
      refundFen: null,
    })),
  };
}
