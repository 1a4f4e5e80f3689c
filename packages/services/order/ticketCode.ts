/** Signs the code of a ticket: what a gate reads and checks offline, with the keys that the room of ticket keys publishes. */
import { lineOf, type SignTicket, writeTicketCode } from "@chepiao/contracts";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";

export function signTicketCode(order: OrderRecord, ticket: TicketRecord, sign: SignTicket): string {
  const line = lineOf(order, ticket);
  return writeTicketCode(
    {
      ticketNo: ticket.ticketNo,
      trainNumber: line.trainNumber,
      originDate: line.originDate,
      fromName: line.fromName,
      toName: line.toName,
      departAt: line.departAt,
      seatClass: line.seatClass,
      seat: ticket.seat,
      ticketType: ticket.ticketType,
      name: ticket.name,
      documentMasked: ticket.documentMasked,
    },
    sign,
  );
}
