/** Orders and tickets as rows, and back. */
import type { Selectable } from "kysely";
import {
  codeOf,
  documentTypes,
  endOf,
  type FreeChild,
  holdLineOf,
  type OrderLine,
  type OrderLines,
  orderStates,
  type RefusalCode,
  type Replaces,
  type RunId,
  seatClasses,
  ticketStates,
  ticketTypes,
  togetherness,
  wordOf,
} from "@chepiao/contracts";
import {
  assert,
  type EpochMs,
  type Fen,
  type OrderId,
  orderIdOf,
  type OrderNo,
  orderNoOf,
  type PassengerId,
  type ServiceDate,
  slotOfOrder,
  type UserId,
} from "@chepiao/kernel";
import type { KnownOrder, OrderRecord, Passages, StudentTrip, TicketRecord } from "@chepiao/ports/order-store";
import { type CountedTrip, isReplaced, type TripClaim } from "@chepiao/ports/reservations";
import type { Tables } from "./tables.ts";

export type OrderRow = Selectable<Tables["t_order"]>;
export type LineRow = Selectable<Tables["t_order_line"]>;
export type DetailRow = Selectable<Tables["t_order_detail"]>;

export const stateCode = (state: OrderRecord["state"]): number => codeOf(orderStates, state);

/** By order. */
export const standingsOf = (
  rows: readonly Pick<OrderRow, "create_time" | "ended_because" | "id" | "order_status">[],
): Map<OrderId, KnownOrder> =>
  new Map(
    rows.map(({ id, order_status: code, ended_because, create_time }) => [
      id as OrderId,
      {
        state: wordOf(orderStates, code),
        endedBecause: ended_because as RefusalCode | null,
        acceptedAt: create_time as EpochMs,
      },
    ]),
  );

/** What the tickets of a claim count for, a row each. */
export const tripRows = (claim: TripClaim): Selectable<Tables["t_document_trip"]>[] =>
  claim.trips.map(({ ticketNo, documentHash }) => ({
    document_key: documentHash,
    ticket_no: ticketNo,
    order_id: claim.orderId,
    user_id: claim.userId,
    run_id: claim.runId,
    boarding_date: claim.boardingDate,
    departure_time: claim.departAt,
    arrival_time: claim.arriveAt,
  }));

export const tripOf = (row: Selectable<Tables["t_document_trip"]>): CountedTrip => ({
  orderId: row.order_id as OrderId,
  userId: row.user_id as UserId,
  runId: row.run_id as RunId,
  boardingDate: row.boarding_date as ServiceDate,
  departAt: row.departure_time as EpochMs,
  arriveAt: row.arrival_time as EpochMs,
});

export const studentRow = (trip: StudentTrip): Selectable<Tables["t_student_trip"]> => ({
  document_key: trip.documentHash,
  year_from: trip.yearFrom,
  ticket_no: trip.ticketNo,
  order_id: trip.orderId,
});

export const studentTripOf = (row: Selectable<Tables["t_student_trip"]>): StudentTrip => ({
  documentHash: row.document_key,
  yearFrom: row.year_from as ServiceDate,
  ticketNo: row.ticket_no,
  orderId: row.order_id as OrderId,
});

/** Is it a trip that the claim is to replace? */
export const isReplacedRow = (claim: TripClaim, row: { readonly order_id: number; readonly ticket_no: string }) =>
  isReplaced(claim, { orderId: row.order_id as OrderId, ticketNo: row.ticket_no });

/** An order as the values of its row in `t_order`. */
export function orderRow(order: OrderRecord, now: EpochMs): OrderRow {
  return {
    id: order.orderId,
    order_no: order.orderNo,
    slot: slotOfOrder(order.orderId),
    user_id: order.userId,
    ...wayColumns(order.lines[0]),
    arrival_time: endOf(order),
    line_count: order.lines.length,
    policy_version: order.policyVersion ?? 1,
    hold_line: holdLineOf(order.lines[0]),
    passenger_count: order.tickets.length,
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
    replaces: order.replaces ? JSON.stringify(order.replaces) : null,
  };
}

/** Of an order with several lines: each as the values of its row in `t_order_line`. With one there is none, `t_order` says it. */
export const lineRows = ({ orderId, lines }: OrderRecord): LineRow[] =>
  lines.length === 1
    ? []
    : lines.map((line) => ({
        order_id: orderId,
        line_index: line.line,
        slot: slotOfOrder(orderId),
        ...wayColumns(line),
      }));

const wayColumns = (line: OrderLine) => ({
  run_id: line.runId,
  train_number: line.trainNumber,
  origin_date: line.originDate,
  boarding_date: line.boardingDate,
  from_stop: line.fromStop,
  to_stop: line.toStop,
  departure_station: line.fromStationId,
  arrival_station: line.toStationId,
  departure_name: line.fromName,
  arrival_name: line.toName,
  departure_time: line.departAt,
  arrival_time: line.arriveAt,
  seat_type: codeOf(seatClasses, line.seatClass),
  together: codeOf(togetherness, line.together),
  preferences_unmet: line.preferencesUnmet,
});

/** A ticket as the values of its row in `t_order_detail`. */
export function detailRow(order: OrderRecord, ticket: TicketRecord, index: number): DetailRow {
  return {
    order_id: order.orderId,
    ticket_index: index,
    line_index: ticket.line,
    slot: slotOfOrder(order.orderId),
    ticket_no: ticket.ticketNo,
    passenger_id: ticket.passengerId,
    passenger_name: ticket.name,
    document_type: codeOf(documentTypes, ticket.documentType),
    document_sealed: ticket.documentSealed,
    document_hash: ticket.documentHash,
    document_masked: ticket.documentMasked,
    document_proved: ticket.documentUnproved ? 0 : 1,
    passenger_type: codeOf(ticketTypes, ticket.ticketType),
    coach_no: ticket.coachNo,
    seat_index: ticket.seatIndex,
    seat_number: ticket.seat,
    ticket_price: ticket.fareFen,
    ticket_status: codeOf(ticketStates, ticket.state),
    refund_fee: ticket.feeFen,
    refund_amount: ticket.refundFen,
    replaced_by: replacedByIn(ticket),
    passages: passagesIn(ticket),
    free_child: ticket.freeChild === undefined ? null : JSON.stringify(ticket.freeChild),
  };
}

export const replacedByIn = ({ replacedBy }: Pick<TicketRecord, "replacedBy">): OrderId | null =>
  replacedBy === undefined ? null : orderIdOf(replacedBy);

export const passagesIn = ({ passages }: Pick<TicketRecord, "passages">): string | null =>
  passages === undefined ? null : JSON.stringify(passages);

/**
 * A row and its tickets as an order.
 * @param lines its lines in their order, where it has several (`idsWithLineRows`)
 */
export function recordOf(row: OrderRow, details: readonly DetailRow[], lines: readonly LineRow[] = []): OrderRecord {
  return {
    orderId: row.id as OrderId,
    orderNo: row.order_no as OrderNo,
    userId: row.user_id as UserId,
    lines: row.line_count === 1 ? [heldAs(lineIn(row, 0), row.hold_line)] : linesIn(lines),
    totalFen: row.total_price as Fen,
    acceptedAt: row.create_time as EpochMs,
    payBy: row.expire_time as EpochMs,
    ...(row.policy_version === 1 ? {} : { policyVersion: row.policy_version }),
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    state: wordOf(orderStates, row.order_status),
    version: row.version,
    paymentNo: row.payment_no,
    paidAt: row.pay_time as EpochMs | null,
    endedBecause: row.ended_because as RefusalCode | null,
    ...(row.replaces === null ? {} : { replaces: JSON.parse(row.replaces) as Replaces }),
    tickets: details.map((detail) => ({
      ticketNo: detail.ticket_no,
      line: detail.line_index,
      passengerId: detail.passenger_id as PassengerId,
      name: detail.passenger_name,
      documentType: wordOf(documentTypes, detail.document_type),
      documentSealed: detail.document_sealed,
      documentHash: detail.document_hash,
      documentMasked: detail.document_masked,
      ...(detail.document_proved === 0 ? { documentUnproved: true } : {}),
      ticketType: wordOf(ticketTypes, detail.passenger_type),
      seatIndex: detail.seat_index,
      coachNo: detail.coach_no,
      seat: detail.seat_number,
      fareFen: detail.ticket_price as Fen,
      state: wordOf(ticketStates, detail.ticket_status),
      feeFen: detail.refund_fee as Fen | null,
      refundFen: detail.refund_amount as Fen | null,
      ...(detail.replaced_by === null ? {} : { replacedBy: orderNoOf(detail.replaced_by as OrderId) }),
      ...(detail.passages === null ? {} : { passages: JSON.parse(detail.passages) as Passages }),
      ...(detail.free_child === null ? {} : { freeChild: JSON.parse(detail.free_child) as FreeChild }),
    })),
  };
}

/** Some of these orders have their lines in rows of their own. */
export const idsWithLineRows = (rows: readonly Pick<OrderRow, "id" | "line_count">[]): OrderId[] =>
  rows.filter((row) => row.line_count > 1).map(({ id }) => id as OrderId);

function linesIn(rows: readonly LineRow[]): OrderLines {
  const [first, ...others] = rows;
  assert(first !== undefined, "an order of several lines has rows for them");
  return [lineIn(first, first.line_index), ...others.map((row) => lineIn(row, row.line_index))];
}

type WayColumn =
  | "arrival_name"
  | "arrival_station"
  | "arrival_time"
  | "boarding_date"
  | "departure_name"
  | "departure_station"
  | "departure_time"
  | "from_stop"
  | "origin_date"
  | "run_id"
  | "to_stop"
  | "train_number";

/** Where a line of an order, or a choice of the waitlist, leads. */
export const wayIn = (row: Pick<LineRow, WayColumn>) => ({
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
});

const lineIn = (row: Omit<LineRow, "line_index" | "order_id" | "slot">, line: number): OrderLine => ({
  line,
  ...wayIn(row),
  seatClass: wordOf(seatClasses, row.seat_type),
  together: wordOf(togetherness, row.together),
  preferencesUnmet: row.preferences_unmet,
});

const heldAs = (line: OrderLine, holdLine: number): OrderLine =>
  holdLine === line.line ? line : { ...line, holdLine };

/**
 * Row and tickets are two reads. Where a change was committed between them the tickets are newer, and whatever is decided on that fails by
 * the row's version and is decided anew. But an order that waits for payment while its tickets are released is none that a buyer could
 * decide on: it is read again.
 */
export const isTorn = ({ state, tickets }: OrderRecord): boolean =>
  state === "pendingPayment" && tickets.some((ticket) => ticket.state !== "held");
/** An order ends once, so the second read is whole. */
export const readsMax = 3;
