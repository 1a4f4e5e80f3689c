/** What an order that is written, or about to be, counts as in purchase limits: line by line, because each is a trip of its own. */
import type { OrderLines, OrderState } from "@chepiao/contracts";
import { dateIn, type ZoneName } from "@chepiao/kernel";
import { type LiveLine, type LiveOrder, type LiveTicket, tripClaimsOf } from "@chepiao/ports/order-store";
import type { Reservation } from "@chepiao/ports/reservations";

type Claiming = Pick<LiveOrder, "acceptedAt" | "orderId" | "payBy" | "userId"> & {
  readonly lines: OrderLines<Pick<LiveLine, "arriveAt" | "boardingDate" | "departAt" | "line" | "runId" | "seatClass">>;
  readonly tickets: readonly Pick<LiveTicket, "documentHash" | "documentUnproved" | "line" | "ticketNo">[];
};

/** @param zone the railway's, whose days are counted */
export function claimsOf(order: Claiming, state: OrderState | undefined, zone: ZoneName): Reservation[] {
  const boughtOn = dateIn(zone, order.acceptedAt);
  const isStanding = order.lines.every(({ seatClass }) => seatClass === "standing");
  return tripClaimsOf(order).map((claim) => ({
    ...claim,
    boughtAt: order.acceptedAt,
    boughtOn,
    unpaidUntil: state === "pendingPayment" ? order.payBy : null,
    isStanding,
  }));
}
