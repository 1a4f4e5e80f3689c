/** What an order that is written, or about to be, counts as in purchase limits. */
import type { OrderAccepted } from "@chepiao/contracts";
import type { LiveOrder } from "@chepiao/ports/order-store";
import type { Claim } from "@chepiao/ports/reservations";

export const claimOf = (order: OrderAccepted | LiveOrder): Claim => ({
  orderId: order.orderId,
  userId: order.userId,
  runId: order.runId,
  boardingDate: order.boardingDate,
  departAt: order.departAt,
  arriveAt: order.arriveAt,
  trips: order.tickets.map(({ ticketNo, documentHash }) => ({ ticketNo, documentHash })),
});
