/**
 * Somebody who takes money for us: a hosted page, signed notices, a status query, refunds. Its notices may come late, twice or
 * never, so the query is the way that always works and the notice only the quick one. A call that throws means that the
 * provider could not be reached or did not understand: nothing is known, and the same call is made again.
 */
import type { PaymentNotice } from "@chepiao/contracts";
import type { EpochMs, Fen } from "@chepiao/kernel";

export type StartPayment = {
  readonly paymentNo: string;
  readonly amountFen: Fen;
  /** What the payer reads on the provider's page. */
  readonly subject: string;
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

export type PaymentProvider = {
  /** Our name for it: part of the callback's address and of the trade's identity. */
  readonly channel: string;
  /** Who we are to it. A notice for another merchant is not ours. */
  readonly merchantId: string;
  /** Opens the hosted page. Asking again for one payment gives the same page; only `returnUrl` may differ. */
  start(payment: StartPayment): Promise<{ readonly payUrl: string }>;
  /** Did the provider sign exactly these fields? */
  verify(notice: PaymentNotice): boolean;
  /** All money taken for this payment so far; none for a payment it does not know. */
  query(paymentNo: string): Promise<readonly ProviderTrade[]>;
  /**
   * Gives back a part or all of one trade. The same `refundNo` is one refund however often it is asked for; `pending` means
   * ask again later. Never gives back more than the trade brought: it throws.
   */
  refund(refund: RefundOrder): Promise<"done" | "pending">;
};
