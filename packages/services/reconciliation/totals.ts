/** The money of a day, as our books have it and as providers state it: equal to the fen where nothing differs. */
import type { StatementLine } from "@chepiao/ports/payment-provider";
import type { BookedPayment } from "@chepiao/ports/payment-store";
import { isWithin, type Within } from "./difference.ts";

export type DayTotals = {
  capturedFen: number;
  capturedStatedFen: number;
  refundedFen: number;
  refundedStatedFen: number;
  /** Of what was captured: prepayments of the waitlist. */
  prepaidFen: number;
  /** Kept of tickets that were given back or changed on the day. */
  feesFen: number;
};

export const noTotals = (): DayTotals => ({
  capturedFen: 0,
  capturedStatedFen: 0,
  refundedFen: 0,
  refundedStatedFen: 0,
  prepaidFen: 0,
  feesFen: 0,
});

export function addPayment(totals: DayTotals, { payment, trades, refunds }: BookedPayment, within: Within): void {
  for (const { amountFen, paidAt } of trades) {
    if (!isWithin(within, paidAt)) continue;
    totals.capturedFen += amountFen;
    if (payment.purpose === "waitlist") totals.prepaidFen += amountFen;
  }
  for (const { amountFen, feeFen, state, createdAt, changedAt } of refunds) {
    if (state === "settled" && isWithin(within, changedAt)) totals.refundedFen += amountFen;
    if (isWithin(within, createdAt)) totals.feesFen += feeFen;
  }
}

export function addLine(totals: DayTotals, { refundNo, amountFen }: StatementLine): void {
  if (refundNo === null) totals.capturedStatedFen += amountFen;
  else totals.refundedStatedFen += amountFen;
}
