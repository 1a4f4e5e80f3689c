/**
 * The books of the payment room: what was asked for, what arrived, what goes back. What happens to money is decided elsewhere, on
 * what was read here; a decision is made in one transaction together with the messages that tell of it, if the order's money is
 * still as it was when it was decided (I3, I7).
 */
import type { LogRecord, PaymentPurpose, PaymentState, RefundState, RunId } from "@chepiao/contracts";
import type { EpochMs, Fen, OrderNo, UserId } from "@chepiao/kernel";

export type OpenPayment = {
  /** Made with `paymentNoOf`; unused where the order already has a payment through this channel. */
  readonly paymentNo: string;
  /** Of a waitlist entry: of the order that it becomes. */
  readonly orderNo: OrderNo;
  readonly purpose: PaymentPurpose;
  readonly runId: RunId;
  readonly userId: UserId;
  readonly channel: string;
  readonly amountFen: Fen;
  readonly payBy: EpochMs;
  /** When the provider is first asked about it. */
  readonly pollAt: EpochMs;
};

export type PaymentRow = Omit<OpenPayment, "pollAt"> & {
  readonly state: PaymentState;
  /** Rises with every change of its money. */
  readonly version: number;
  readonly createdAt: EpochMs;
  /** Null until the provider has opened its page. */
  readonly payUrl: string | null;
};

export type Trade = { readonly tradeNo: string; readonly amountFen: Fen; readonly paidAt: EpochMs };
/** Money that arrived. Either it pays the order, or a refund of all of it was written with it. */
export type ReceivedTrade = Trade & { readonly paysOrder: boolean };

/** Why money goes back; `wrongAmount` is ours, the rest other rooms ask for too. Stored by place: grows at its end only. */
export const refundReasons = [
  "ticketReturned",
  "latePayment",
  "duplicatePayment",
  "orderGone",
  "wrongAmount",
  "waitlistDifference",
  "waitlistEnded",
  "ticketChanged",
] as const;
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

/**
 * The version of an order's money, over all its payments: whatever is decided about one of them may depend on the others, since an
 * order is paid once, through whichever channel. It rises with every change, and a payment that is opened leaves it as it is.
 */
export const moneyVersion = (files: readonly PaymentFile[]): number =>
  files.reduce((sum, { payment }) => sum + payment.version, 0);

export type PaymentChange = {
  /** The payment as it shall be; its `version` is still the one it was read with. */
  readonly payment: PaymentRow;
  /** The `moneyVersion` of its order that was decided on. */
  readonly moneyVersion: number;
  /** Money that arrived. */
  readonly trade: ReceivedTrade | null;
  /** Money that must go back. */
  readonly refund: Refund | null;
  /** What the rest of the platform must hear, committed with the change. */
  readonly messages: readonly LogRecord[];
};

/**
 * `lost`: the order's money has changed since it was read. `known`: the number of the trade, or of the refund, stands in the books
 * for another payment. Neither has changed anything.
 */
export type ChangeOutcome = "made" | "lost" | "known";

/** What the books know of a payment beyond its money: when that changed last, and what is still to come by itself. */
export type BookedPayment = {
  readonly payment: PaymentRow & {
    readonly changedAt: EpochMs;
    /** When its provider is asked about it next; null where it was asked for long enough. */
    readonly pollAt: EpochMs | null;
  };
  readonly trades: readonly ReceivedTrade[];
  readonly refunds: readonly BookedRefund[];
};
/** `changedAt`: when it was settled, or else was tried last. */
export type BookedRefund = Refund & { readonly createdAt: EpochMs; readonly changedAt: EpochMs };

/** A refund as it shall be, with what must be heard of it. */
export type RefundChange = { readonly refund: Refund; readonly messages: readonly LogRecord[] };

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
   * The compare-and-set on the order's money, whole or not at all: of changes that were decided on the same money one is made. A
   * trade is recorded once, by channel and trade number, and a refund once, by its number.
   */
  change(change: PaymentChange, now: EpochMs): Promise<ChangeOutcome>;

  /** Refunds whose time has come, the longest overdue first. */
  dueRefunds(now: EpochMs, limit: number): Promise<readonly Refund[]>;
  /** Makes the change if the refund is still due; false where it is not, or is unknown. */
  settle(change: RefundChange, now: EpochMs): Promise<boolean>;
  /** Could not be done now: tried again after a growing pause, without end. */
  postpone(refund: Pick<Refund, "refundNo" | "paymentNo">, now: EpochMs): Promise<void>;

  /** Payments whose provider should be asked now, the longest overdue first. */
  awaiting(now: EpochMs, limit: number): Promise<readonly PaymentRow[]>;
  /** The provider was asked; when to ask again, or null to stop. */
  polled(paymentNo: string, pollAgainAt: EpochMs | null): Promise<void>;

  /** Payments of which money came, or a refund was made, tried or settled, from then until before then; some may be named again. */
  moved(from: EpochMs, until: EpochMs): AsyncIterable<readonly string[]>;
  /** Payments with a refund that was made before then and is still due, however often it was tried; some may be named again. */
  overdue(before: EpochMs): AsyncIterable<readonly string[]>;
  /** Those that are there, in any order. */
  booked(paymentNos: readonly string[]): Promise<readonly BookedPayment[]>;

  /** Over all payments, for the audit: what arrived is what is kept plus what went or goes back. */
  totals(): Promise<PaymentTotals>;
  /** Refunds not settled yet, and since when the oldest waits. */
  refundBacklog(): Promise<{ readonly count: number; readonly oldestAt: EpochMs | null }>;
};
