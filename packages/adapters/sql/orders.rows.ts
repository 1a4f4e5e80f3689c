/** Orders and tickets as rows, and back. */
import type { Selectable } from "kysely";
import {
  codeOf,
  documentTypes,
  orderStates,
  type RefusalCode,
  type RunId,
  seatClasses,
  ticketStates,
  ticketTypes,
  togetherness,
  wordOf,
} from "@chepiao/contracts";
import {
  type EpochMs,
  type Fen,
  type OrderId,
  type OrderNo,
  type PassengerId,
  type ServiceDate,
  slotOfOrder,
  type UserId,
} from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import type { Tables } from "./tables.ts";

export type OrderRow = Selectable<Tables["t_order"]>;
export type DetailRow = Selectable<Tables["t_order_detail"]>;

export const stateCode = (state: OrderRecord["state"]): number => codeOf(orderStates, state);

/** By order. */
export const statesOf = (rows: readonly Pick<OrderRow, "id" | "order_status">[]): Map<OrderId, OrderRecord["state"]> =>
  new Map(rows.map(({ id, order_status: code }) => [id as OrderId, wordOf(orderStates, code)]));

/** An order as the values of its row in `t_order`. */
export function orderRow(order: OrderRecord, now: EpochMs): OrderRow {
  return {
    id: order.orderId,
    order_no: order.orderNo,
    slot: slotOfOrder(order.orderId),
    user_id: order.userId,
    run_id: order.runId,
    train_number: order.trainNumber,
    origin_date: order.originDate,
    boarding_date: order.boardingDate,
    from_stop: order.fromStop,
    to_stop: order.toStop,
    departure_station: order.fromStationId,
    arrival_station: order.toStationId,
    departure_name: order.fromName,
    arrival_name: order.toName,
    departure_time: order.departAt,
    arrival_time: order.arriveAt,
    seat_type: codeOf(seatClasses, order.seatClass),
    passenger_count: order.tickets.length,
    together: codeOf(togetherness, order.together),
    preferences_unmet: order.preferencesUnmet,
    total_price: order.totalFen,
    order_status: stateCode(order.state),
    ended_because: order.endedBecause,
    payment_no: order.paymentNo,
    pay_time: order.paidAt,
    expire_time: order.payBy,
    idempotency_key: order.idempotencyKey,
    request_hash: order.requestHash,
    create_time: order.acceptedAt,
    update_time: now,
    version: order.version,
  };
}

/** A ticket as the values of its row in `t_order_detail`. */
export function detailRow(order: OrderRecord, ticket: TicketRecord, index: number): DetailRow {
  return {
    order_id: order.orderId,
    ticket_index: index,
    slot: slotOfOrder(order.orderId),
    ticket_no: ticket.ticketNo,
    passenger_id: ticket.passengerId,
    passenger_name: ticket.name,
    document_type: codeOf(documentTypes, ticket.documentType),
    document_sealed: ticket.documentSealed,
    document_hash: ticket.documentHash,
    document_masked: ticket.documentMasked,
    passenger_type: codeOf(ticketTypes, ticket.ticketType),
    coach_no: ticket.coachNo,
    seat_index: ticket.seatIndex,
    seat_number: ticket.seat,
    ticket_price: ticket.fareFen,
    ticket_status: codeOf(ticketStates, ticket.state),
    refund_fee: ticket.feeFen,
    refund_amount: ticket.refundFen,
  };
}

/** A row and its tickets as an order. */
export function recordOf(row: OrderRow, details: readonly DetailRow[]): OrderRecord {
  return {
    orderId: row.id as OrderId,
    orderNo: row.order_no as OrderNo,
    userId: row.user_id as UserId,
    runId: row.run_id as RunId,
    trainNumber: row.train_number,
    originDate: row.origin_date as ServiceDate,
    boardingDate: row.boarding_date as ServiceDate,
    fromStop: row.from_stop,
    toStop: row.to_stop,
    fromStationId: row.departure_station,
    toStationId: row.arrival_station,
    fromName: row.departure_name,
    toName: row.arrival_name,
    departAt: row.departure_time as EpochMs,
    arriveAt: row.arrival_time as EpochMs,
    seatClass: wordOf(seatClasses, row.seat_type),
    together: wordOf(togetherness, row.together),
    preferencesUnmet: row.preferences_unmet,
    totalFen: row.total_price as Fen,
    acceptedAt: row.create_time as EpochMs,
    payBy: row.expire_time as EpochMs,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    state: wordOf(orderStates, row.order_status),
    version: row.version,
    paymentNo: row.payment_no,
    paidAt: row.pay_time as EpochMs | null,
    endedBecause: row.ended_because as RefusalCode | null,
    tickets: details.map((detail) => ({
      ticketNo: detail.ticket_no,
      passengerId: detail.passenger_id as PassengerId,
      name: detail.passenger_name,
      documentType: wordOf(documentTypes, detail.document_type),
      documentSealed: detail.document_sealed,
      documentHash: detail.document_hash,
      documentMasked: detail.document_masked,
      ticketType: wordOf(ticketTypes, detail.passenger_type),
      seatIndex: detail.seat_index,
      coachNo: detail.coach_no,
      seat: detail.seat_number,
      fareFen: detail.ticket_price as Fen,
      state: wordOf(ticketStates, detail.ticket_status),
      feeFen: detail.refund_fee as Fen | null,
      refundFen: detail.refund_amount as Fen | null,
    })),
  };
}

/**
 * Row and tickets are two reads. Where a change was committed between them the tickets are newer, and whatever is decided on that fails by
 * the row's version and is decided anew. But an order that waits for payment while its tickets are released is none that anybody could
 * decide on: it is read again.
 */
export const isTorn = ({ state, tickets }: OrderRecord): boolean =>
  state === "pendingPayment" && tickets.some((ticket) => ticket.state !== "held");
/** An order ends once, so the second read is whole. */
export const readsMax = 3;
