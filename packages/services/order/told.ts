/** What the owner of an order may be told of it, by whom it concerns to tell it. Nobody's name is in it. */
import { lineOf, type ToldOrder } from "@chepiao/contracts";
import { formatInZone } from "@chepiao/kernel";
import { enteredAt, type OrderRecord, type TicketRecord } from "@chepiao/ports/order-store";
import { isFulfilment } from "./purchase/fulfil.ts";
import type { Zones } from "./views.ts";

export const toldOf = (order: OrderRecord, { zoneOf }: Pick<Zones, "zoneOf">): ToldOrder => ({
  orderNo: order.orderNo,
  userId: order.userId,
  isOfWaitlist: isFulfilment(order),
  changeKind: order.replaces?.kind ?? null,
  totalFen: order.totalFen,
  trips: order.lines.map(
    ({ runId, trainNumber, boardingDate, fromStationId, fromName, toStationId, toName, departAt }) => ({
      runId,
      trainNumber,
      boardingDate,
      fromStationId,
      fromName,
      toStationId,
      toName,
      departAt: formatInZone(departAt, zoneOf(fromStationId)),
    }),
  ),
  tickets: order.tickets.map((ticket) => {
    const { ticketNo, line, fareFen, feeFen, refundFen } = ticket;
    const { seatClass } = lineOf(order, ticket);
    const seat = { seatClass, seatIndex: ticket.seatIndex };
    return { ticketNo, line, fareFen, feeFen, refundFen, coachNo: coachOf(order, ticket), seat };
  }),
});

function coachOf(order: OrderRecord, ticket: TicketRecord): number | null {
  const isToSit = ticket.state === "issued" && enteredAt(ticket, lineOf(order, ticket)) === null;
  return isToSit ? ticket.coachNo : null;
}
