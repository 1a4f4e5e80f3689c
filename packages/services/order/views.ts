/** An order as its owner sees it. */
import {
  type Accepted,
  type Order,
  type OrderAccepted,
  type OrderTicket,
  type RefundQuote,
  writeTicketCode,
} from "@chepiao/contracts";
import { type EpochMs, fen, formatInZone, type ZoneName } from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { type RefundGrade, refundTerms } from "./refundFee.ts";

export const acceptedView = (order: OrderAccepted, zone: ZoneName): Accepted => ({
  orderNo: order.orderNo,
  state: "accepted",
  payBy: formatInZone(order.payBy, zone),
  totalFen: order.totalFen,
  together: order.together,
  preferencesUnmet: order.preferencesUnmet,
  seats: order.tickets.map((ticket) => ticket.seat),
});

/** An order that is in the log but not in SQL yet, in the shape of one that is. */
export const undecided = (order: OrderAccepted): OrderRecord => ({
  ...order,
  state: "accepted",
  version: 0,
  paymentNo: null,
  paidAt: null,
  endedBecause: null,
  tickets: order.tickets.map((ticket) => ({ ...ticket, state: "held", feeFen: null, refundFen: null })),
});

/** @param sign signs ticket codes; without it they are left out (lists do not need them) */
export function orderView(
  order: OrderRecord,
  zone: ZoneName,
  now: EpochMs,
  sign: ((message: string) => string) | null,
): Order {
  return {
    orderNo: order.orderNo,
    state: order.state,
    trainNumber: order.trainNumber,
    originDate: order.originDate,
    boardingDate: order.boardingDate,
    from: { stationId: order.fromStationId, name: order.fromName },
    to: { stationId: order.toStationId, name: order.toName },
    departAt: formatInZone(order.departAt, zone),
    arriveAt: formatInZone(order.arriveAt, zone),
    seatClass: order.seatClass,
    totalFen: order.totalFen,
    together: order.together,
    preferencesUnmet: order.preferencesUnmet,
    createdAt: formatInZone(order.acceptedAt, zone),
    payBy: formatInZone(order.payBy, zone),
    paidAt: order.paidAt === null ? null : formatInZone(order.paidAt, zone),
    endedBecause: order.endedBecause,
    now: formatInZone(now, zone),
    tickets: order.tickets.map((ticket) => ticketView(order, ticket, sign)),
  };
}

function ticketView(order: OrderRecord, ticket: TicketRecord, sign: ((message: string) => string) | null): OrderTicket {
  const returned = ticket.state === "refunding" || ticket.state === "refunded";
  return {
    ticketNo: ticket.ticketNo,
    passengerId: ticket.passengerId,
    passengerName: ticket.name,
    documentType: ticket.documentType,
    documentMasked: ticket.documentMasked,
    ticketType: ticket.ticketType,
    coachNo: ticket.coachNo,
    seat: ticket.seat,
    fareFen: ticket.fareFen,
    state: ticket.state,
    ...(ticket.feeFen === null ? {} : { feeFen: ticket.feeFen }),
    ...(ticket.refundFen === null ? {} : { refundFen: ticket.refundFen }),
    ...(returned ? { refund: ticket.state === "refunded" ? ("settled" as const) : ("due" as const) } : {}),
    ...(sign && ticket.state === "issued" ? { code: ticketCode(order, ticket, sign) } : {}),
  };
}

const ticketCode = (order: OrderRecord, ticket: TicketRecord, sign: (message: string) => string) =>
  writeTicketCode(
    {
      ticketNo: ticket.ticketNo,
      trainNumber: order.trainNumber,
      originDate: order.originDate,
      fromName: order.fromName,
      toName: order.toName,
      departAt: order.departAt,
      seatClass: order.seatClass,
      seat: ticket.seat,
      ticketType: ticket.ticketType,
      name: ticket.name,
      documentMasked: ticket.documentMasked,
    },
    sign,
  );

export function refundQuoteView(order: OrderRecord, now: EpochMs, grades: readonly RefundGrade[]): RefundQuote {
  return {
    orderNo: order.orderNo,
    tickets: order.tickets.map((ticket) => {
      const terms = ticket.state === "issued" ? refundTerms(ticket.fareFen, order.departAt, now, grades) : null;
      return {
        ticketNo: ticket.ticketNo,
        refundable: terms !== null && order.state === "ticketed",
        feeBasisPoints: terms?.feeBasisPoints ?? 0,
        feeFen: terms?.feeFen ?? fen(0),
        refundFen: terms?.refundFen ?? fen(0),
      };
    }),
  };
}
