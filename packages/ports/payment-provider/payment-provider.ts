/**
 * A provider that takes money for us: a hosted page, signed notices, a status query, refunds. Its notices may come late, twice or
 * never, so the query is the way that always works and the notice only the quick one. A call that throws means that the
 * provider could not be reached or did not understand: nothing is known, and the same call is made again.
 *
 * Every provider has a language of its own: Alipay posts form fields under an RSA signature and wants to hear `success`, WeChat Pay
 * posts encrypted JSON with its signature in the headers and wants a status. What leaves here is one shape for all.
 */
import type { EpochMs, Fen, Result, ServiceDate } from "@chepiao/kernel";

export type StartPayment = {
  readonly paymentNo: string;
  readonly amountFen: Fen;
  /** What the payer reads on the provider's page. */
  readonly subject: string;
  /** In which the subject is written, and the payer reads. A provider that speaks one language alone leaves it aside. */
  readonly language: "zh" | "en";
  readonly payBy: EpochMs;
  /** Where notices are posted. */
  readonly notifyUrl: string;
  /** Where the payer's browser goes afterwards; says nothing about whether money moved. */
  readonly returnUrl: string;
};

/** Money that the provider took. One payment can have several: payers do pay twice. */
export type ProviderTrade = { readonly tradeNo: string; readonly amountFen: Fen; readonly paidAt: EpochMs };

export type RefundOrder = {
  readonly refundNo: string;
  readonly paymentNo: string;
  readonly tradeNo: string;
  readonly amountFen: Fen;
};

/** A line of a provider's statement: money that it took, or gave back. */
export type StatementLine = {
  readonly paymentNo: string;
  readonly tradeNo: string;
  /** Null for money that was taken. */
  readonly refundNo: string | null;
  readonly amountFen: Fen;
  readonly at: EpochMs;
};

/** Of payments, trades and refunds, as our books have room for them. */
const statedNumberLengthMax = 64;
const isNumber = (no: unknown): boolean =>
  typeof no === "string" && no !== "" && no.length <= statedNumberLengthMax && !/[\p{Cc}]/u.test(no);

/** What a provider sends may be anything: a statement with a line that is none is not understood as a whole. */
export const isStatementLine = (line: unknown): line is StatementLine => {
  if (typeof line !== "object" || line === null) return false;
  const { paymentNo, tradeNo, refundNo, amountFen, at } = line as Readonly<Record<keyof StatementLine, unknown>>;
  return (
    isNumber(paymentNo) &&
    isNumber(tradeNo) &&
    (refundNo === null || isNumber(refundNo)) &&
    isAmount(amountFen) &&
    Number.isSafeInteger(at)
  );
};
const isAmount = (amount: unknown): boolean => Number.isSafeInteger(amount) && Math.abs(Number(amount)) < 1e12;

/** A notice as it came: any client can post one, so nothing of it is believed yet. */
export type RawNotice = {
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array<ArrayBuffer>;
};

/** What the provider says in a notice. */
export type Notice = {
  readonly paymentNo: string;
  /** Null where nothing was paid: the payer declined, or let the time pass. */
  readonly trade: ProviderTrade | null;
};

/** Why a notice is not the provider's word to us: not its language, not signed by it, or meant for another merchant. */
export type NoticeFault = "malformed" | "signature" | "merchant";

/** What becomes of a notice: its news are in our books and it need not come again, or it was not believed. */
export type NoticeOutcome = "received" | "refused";

export type NoticeReply = {
  readonly status: 200 | 400;
  readonly contentType: string;
  readonly body: string;
};

export type PaymentProvider = {
  /** Our name for it: part of the callback's address and of the trade's identity. 1 to 20 letters and digits. */
  readonly channel: string;
  /** Opens the hosted page. Asking again for one payment gives the same page; only `returnUrl` may differ. */
  start(payment: StartPayment): Promise<{ readonly payUrl: string }>;
  /**
   * What a notice says, if the provider signed every word of it for us. Never throws, whatever was posted, and asks nobody: a caller that
   * posts must not make us work.
   */
  readNotice(notice: RawNotice): Result<Notice, NoticeFault>;
  /** What the provider wants to hear: after `received` it stops telling, after `refused` it tells again. */
  answer(outcome: NoticeOutcome): NoticeReply;
  /** All money taken for this payment so far; none for a payment it does not know. */
  query(paymentNo: string): Promise<readonly ProviderTrade[]>;
  /**
   * Gives back a part or all of one trade. The same `refundNo` is one refund however often it is asked for; `pending` means
   * ask again later. Never gives back more than the trade brought: it throws.
   */
  refund(refund: RefundOrder): Promise<"done" | "pending">;
  /**
   * Its statement of a day of the railway: all that it took and gave back on that day, by its own books. Null where it has none yet, as
   * before the next morning; one of a day that is not over may end early.
   */
  statement(day: ServiceDate): Promise<readonly StatementLine[] | null>;
};
