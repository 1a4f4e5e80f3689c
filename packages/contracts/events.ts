/**
 * What the durable log carries. Every record is keyed by its run, so everything about one run is in one order; what concerns an order as a
 * whole, by the first of its runs. Every consumer must take a record twice, late, or after its cause is gone (I7). Records of versions
 * before are brought into this shape where the log is read (upgrade.ts).
 */
import type { EpochMs, Fen, OrderId, OrderNo, PassengerId, UserId } from "@chepiao/kernel";
import type { Replaces } from "./change.ts";
import type { CapturedMoney } from "./clients.ts";
import type { OrderLines } from "./lines.ts";
import type { WaitlistStep } from "./need.ts";
import type { RunId } from "./runId.ts";
import type { DocumentType, OrderCause, OrderState, SeatClass, TicketState, TicketType } from "./vocabulary.ts";

export type AcceptedTicket = {
  readonly ticketNo: string;
  /** Of which line of its order: that says run, way and class. */
  readonly line: number;
  readonly passengerId: PassengerId;
  readonly name: string;
  readonly documentType: DocumentType;
  /** Encrypted document number, bound to the passenger's row; only the user room is given the key. */
  readonly documentSealed: string;
  /** Keyed hash of the document: equal documents have equal hashes. */
  readonly documentHash: string;
  /** Nobody has said that the name belongs to the document: it says nothing about its holder to other accounts. */
  readonly documentUnproved?: true;
  readonly documentMasked: string;
  readonly ticketType: TicketType;
  readonly seatIndex: number;
  readonly coachNo: number;
  readonly seat: string;
  readonly fareFen: Fen;
  /** Who travels free with its passenger. */
  readonly freeChild?: FreeChild;
};

/** On the ticket of the adult who takes it along: what becomes of that becomes of the child. */
export type FreeChild = Pick<
  AcceptedTicket,
  "documentHash" | "documentMasked" | "documentType" | "name" | "passengerId"
>;

/** A purchase that was answered with 202. Complete: SQL rows, holds and limits can all be rebuilt from it. */
export type OrderAccepted = {
  readonly orderId: OrderId;
  readonly orderNo: OrderNo;
  readonly userId: UserId;
  readonly lines: OrderLines;
  readonly totalFen: Fen;
  readonly acceptedAt: EpochMs;
  readonly payBy: EpochMs;
  /** The policy that it was bought under. Left out by versions that knew but one: 1. */
  readonly policyVersion?: number;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  /** Line by line. */
  readonly tickets: readonly AcceptedTicket[];
  /** Of one that was an entry of the waitlist: it is paid with this as soon as it is written, and what is left goes back. */
  readonly prepaid?: PaymentCaptured;
  /** Of one whose tickets are to stand in place of others: which they are, and on what terms. */
  readonly replaces?: Replaces;
};

/** Money arrived for an order: the pivot of the purchase. */
export type PaymentCaptured = CapturedMoney & {
  /**
   * The payment room's word for it: `capturedText` by the secret that it shares with the room that takes it. An intruder who can write to the log
   * could make tickets without it. Records of versions before have none, and are looked up in the books instead.
   */
  readonly mac?: string;
};

/** By what name the keys have the secret that proves it. */
export const capturedSecret = "captured payments";

/** All of it in a form in which no two look the same, and no text of another kind looks like one. */
export const capturedText = ({ paymentNo, orderNo, amountFen, capturedAt }: CapturedMoney): string =>
  `captured:${JSON.stringify([paymentNo, orderNo, amountFen, capturedAt])}`;

/** Seats of one line went back: of the named tickets. Inventory and limits listen. */
export type SeatsFreed = {
  readonly orderId: OrderId;
  readonly line: number;
  /** As the line says it. */
  readonly holdLine?: number;
  readonly runId: RunId;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly seatIndexes: readonly number[];
  readonly ticketNos: readonly string[];
  /** The whole order ended without having been paid: it was cancelled, or its time to pay was over. */
  readonly unpaid?: true;
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
  readonly reason:
    | "ticketReturned"
    | "latePayment"
    | "duplicatePayment"
    | "orderGone"
    /** Of a prepayment, what the tickets cost less. */
    | "waitlistDifference"
    /** The whole prepayment of an entry that ended without an order. */
    | "waitlistEnded"
    /** A ticket became another: its fare, or what the other costs less, without the fee. */
    | "ticketChanged";
};

export type RefundSettled = {
  readonly refundNo: string;
  readonly paymentNo: string;
  readonly orderNo: OrderNo;
  readonly ticketNo: string | null;
};

/**
 * What became of an order. Every change of an order is told, and every state that it came through by it: `version` counts changes from
 * 0 without a gap, `step` the states within one, so (`version`, `step`) is the order of what happened, whatever order the records come
 * in. A record that comes again is the same to the letter.
 */
export type OrderStateChanged = {
  readonly orderId: OrderId;
  readonly orderNo: OrderNo;
  readonly userId: UserId;
  readonly version: number;
  readonly step: number;
  /** The same as `to` where tickets alone changed. */
  readonly from: OrderState;
  readonly to: OrderState;
  readonly because: OrderCause;
  /** When it was decided. Of version 0, which the writer makes a moment later: when the purchase was accepted and its time to pay began. */
  readonly at: EpochMs;
  /** All of the order's tickets, as they are after the change. */
  readonly tickets: readonly { readonly ticketNo: string; readonly state: TicketState }[];
  /** It was not its owner: this train does not run, or not all the way, as an operator said then. */
  readonly notRun?: RunNotRun;
};

export type RunNotRun = { readonly runId: RunId; readonly isShortened: boolean; readonly saidAt: EpochMs };

/** The document's topics (section 5.1.2) and ours, with one key for all: the run. */
export type LogEvents = {
  "order-create-topic": OrderAccepted;
  "order-pay-topic": PaymentCaptured;
  "waitlist-pay-topic": PaymentCaptured;
  "inventory-update-topic": SeatsFreed;
  "payment-refund-topic": RefundDue;
  "payment-settled-topic": RefundSettled;
  "order-state-topic": OrderStateChanged;
  "inventory-replenish-topic": WaitlistStep;
};
export type Topic = keyof LogEvents;
/** Each with what its records say. A topic without its line here does not compile. */
export const topicsAbout: Readonly<Record<Topic, string>> = {
  "order-create-topic": "a purchase was accepted",
  "order-pay-topic": "money was captured for an order",
  "waitlist-pay-topic": "an entry of the waitlist was prepaid",
  "inventory-update-topic": "seats were given back",
  "payment-refund-topic": "money must go back to a payer",
  "payment-settled-topic": "money has gone back to a payer",
  "order-state-topic": "an order has changed",
  "inventory-replenish-topic": "seats came back for those who wait, and whom they went to",
};
export const topics = Object.keys(topicsAbout) as readonly Topic[];

export type LogRecord = {
  [T in Topic]: { readonly topic: T; readonly key: string; readonly value: LogEvents[T] };
}[Topic];
