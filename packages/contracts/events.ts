/**
 * What the durable log carries. Every record is keyed by its run, so everything about one run is in one order; every consumer
 * must take a record twice, late, or after its cause is gone (I7).
 */
import type { EpochMs, Fen, OrderId, OrderNo, PassengerId, ServiceDate, UserId } from "@chepiao/kernel";
import type { DocumentType, SeatClass, TicketType, Togetherness } from "./vocabulary.ts";
import type { RunId } from "./clients.ts";

export type AcceptedTicket = {
  readonly ticketNo: string;
  readonly passengerId: PassengerId;
  readonly name: string;
  readonly documentType: DocumentType;
  /** Encrypted document number; only the user room can open it. */
  readonly documentSealed: string;
  /** Keyed hash of the document: equal documents have equal hashes. */
  readonly documentHash: string;
  readonly documentMasked: string;
  readonly ticketType: TicketType;
  readonly seatIndex: number;
  readonly coachNo: number;
  readonly seat: string;
  readonly fareFen: Fen;
};

/** A purchase that was answered with 202. Complete: SQL rows, holds and limits can all be rebuilt from it. */
export type OrderAccepted = {
  readonly orderId: OrderId;
  readonly orderNo: OrderNo;
  readonly userId: UserId;
  readonly runId: RunId;
  readonly trainNumber: string;
  readonly originDate: ServiceDate;
  readonly boardingDate: ServiceDate;
  readonly fromStop: number;
  readonly toStop: number;
  readonly fromStationId: string;
  readonly toStationId: string;
  readonly fromName: string;
  readonly toName: string;
  readonly departAt: EpochMs;
  readonly arriveAt: EpochMs;
  readonly seatClass: SeatClass;
  readonly together: Togetherness;
  readonly preferencesUnmet: number;
  readonly totalFen: Fen;
  readonly acceptedAt: EpochMs;
  readonly payBy: EpochMs;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  readonly tickets: readonly AcceptedTicket[];
};

/** Money arrived for an order: the pivot of the purchase. */
export type PaymentCaptured = {
  readonly paymentNo: string;
  readonly orderNo: OrderNo;
  readonly amountFen: Fen;
  readonly capturedAt: EpochMs;
};

/** Seats went back: the hold's named tickets, or all of them. Inventory and limits listen. */
export type SeatsFreed = {
  readonly orderId: OrderId;
  readonly runId: RunId;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly seatIndexes: readonly number[];
  readonly ticketNos: readonly string[];
};

/** Money must go back to the payer: a returned ticket less its fee, or a payment whose order was already gone. */
export type RefundDue = {
  /** Chosen by who asks, so that asking twice is one refund. */
  readonly refundNo: string;
  readonly paymentNo: string;
  readonly orderNo: OrderNo;
  readonly ticketNo: string | null;
  readonly amountFen: Fen;
  readonly feeFen: Fen;
  readonly reason: "ticketReturned" | "latePayment" | "duplicatePayment" | "orderGone";
};

export type RefundSettled = {
  readonly refundNo: string;
  readonly paymentNo: string;
  readonly orderNo: OrderNo;
  readonly ticketNo: string | null;
};

/** The document's topics (section 5.1.2), with the corrections: one key, the run. */
export type LogEvents = {
  "order-create-topic": OrderAccepted;
  "order-pay-topic": PaymentCaptured;
  "inventory-update-topic": SeatsFreed;
  "payment-refund-topic": RefundDue;
  "payment-settled-topic": RefundSettled;
};
export type Topic = keyof LogEvents;
export const topics = [
  "order-create-topic",
  "order-pay-topic",
  "inventory-update-topic",
  "payment-refund-topic",
  "payment-settled-topic",
] as const satisfies readonly Topic[];

export type LogRecord = {
  [T in Topic]: { readonly topic: T; readonly key: string; readonly value: LogEvents[T] };
}[Topic];
