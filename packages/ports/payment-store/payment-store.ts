/**
 * The books of the payment room: what was asked for, what arrived, what goes back. Every method that changes money is one
 * transaction together with the message that tells of it, and may be called twice (I7).
 */
import type { PaymentState, RefundDue, RefundState, RunId } from "@chepiao/contracts";
import type { EpochMs, Fen, OrderNo, UserId } from "@chepiao/kernel";

export type OpenPayment = {
  /** Made with `paymentNoOf`; unused where the order already has a payment through this channel. */
  readonly paymentNo: string;
  readonly orderNo: OrderNo;
  readonly runId: RunId;
  readonly userId: UserId;
  readonly channel: string;
  readonly amountFen: Fen;
  readonly payBy: EpochMs;
  /** When the provider is first asked about it. */
  readonly lookAt: EpochMs;
};

export type PaymentRow = Omit<OpenPayment, "lookAt"> & {
  readonly state: PaymentState;
  readonly createdAt: EpochMs;
  /** Null until the provider has opened its page. */
  readonly payUrl: string | null;
};

export type Trade = { readonly tradeNo: string; readonly amountFen: Fen; readonly paidAt: EpochMs };
/** Money that arrived. Either it pays the order, or a refund of all of it was written with it. */
export type ReceivedTrade = Trade & { readonly paysOrder: boolean };

/** Why money goes back; `wrongAmount` is ours, the rest the order room asks for too. Stored by place: grows at its end only. */
export const refundReasons = ["ticketReturned", "latePayment", "duplicatePayment", "orderGone", "wrongAmount"] as const;
export type RefundReason = (typeof refundReasons)[number];

export type Refund = {
  readonly refundNo: string;
  readonly paymentNo: string;
  readonly orderNo: OrderNo;
  readonly runId: RunId;
  readonly channel: string;
  readonly tradeNo: string;
  readonly ticketNo: string | null;
  readonly amountFen: Fen;
  readonly feeFen: Fen;
  readonly reason: RefundReason;
  readonly state: RefundState;
  readonly attempts: number;
};

export type PaymentFile = {
  readonly payment: PaymentRow;
  readonly trades: readonly ReceivedTrade[];
  readonly refunds: readonly Refund[];
};

export type CaptureOutcome = "captured" | "duplicatePayment" | "wrongAmount" | "seen" | "unknown";
export type RefundOutcome = "added" | "seen" | "impossible";

export type PaymentTotals = {
  readonly capturedFen: Fen;
  readonly refundedFen: Fen;
  readonly refundDueFen: Fen;
  readonly feeFen: Fen;
};

export type PaymentStore = {
  /** One payment an order and channel: the second call gives the first one's row. */
  open(payment: OpenPayment, now: EpochMs): Promise<PaymentRow>;
  /** The provider's page is open at this address. */
  started(paymentNo: string, payUrl: string): Promise<void>;
  find(paymentNo: string): Promise<PaymentRow | null>;
  /** Everything about an order's money, oldest payment first. */
  byOrder(orderNo: OrderNo): Promise<readonly PaymentFile[]>;

  /**
   * Money arrived. The first trade of the right amount pays the order and puts `PaymentCaptured` into the outbox, once an order
   * whatever its channels; any other is recorded with a refund of all of it. A trade already recorded is `seen` and changes
   * nothing; a payment we never opened is `unknown` and recorded nowhere.
   */
  capture(paymentNo: string, trade: Trade, now: EpochMs): Promise<CaptureOutcome>;
  /**
   * Money must go back. `impossible` where the payment is unknown or the trade that paid the order does not hold that much any
   * more; nothing is written then.
   */
  addRefund(due: RefundDue, now: EpochMs): Promise<RefundOutcome>;
  /** Refunds whose time has come, the longest overdue first. */
  dueRefunds(now: EpochMs, limit: number): Promise<readonly Refund[]>;
  /** The payer has it back: puts `RefundSettled` into the outbox. False where it was settled before or is unknown. */
  settle(refund: Pick<Refund, "refundNo" | "paymentNo">, now: EpochMs): Promise<boolean>;
  /** Could not be done now: tried again after a growing pause, without end. */
  postpone(refund: Pick<Refund, "refundNo" | "paymentNo">, now: EpochMs): Promise<void>;

  /** Payments whose provider should be asked now, the longest overdue first. */
  awaiting(now: EpochMs, limit: number): Promise<readonly PaymentRow[]>;
  /** The provider was asked; when to ask again, or null to stop, which closes a payment that nobody paid. */
  looked(paymentNo: string, lookAgainAt: EpochMs | null): Promise<void>;

  /** Over all payments, for the audit: what arrived is what is kept plus what went or goes back. */
  totals(): Promise<PaymentTotals>;
  /** Refunds not settled yet, and since when the oldest waits. */
  refundBacklog(): Promise<{ readonly count: number; readonly oldestAt: EpochMs | null }>;
};
