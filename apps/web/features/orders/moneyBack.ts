/** What goes back of a payment, as far as a page is about it. Pure. */
import type { Payment } from "@chepiao/contracts";

/** Which refunds a page is about, and how much they come to in the end, where that is known before. */
export type Sought = { readonly isIt: (reason: string) => boolean; readonly untilFen: number };

export type MoneyBack = { readonly sumFen: number; readonly isSettled: boolean };

type Seen = Pick<Payment, "refunds"> | null | undefined;

export const anyRefund: Sought = { isIt: () => true, untilFen: 0 };

/** What the tickets of a served entry cost less: tickets that are given back later are another matter. */
export const differenceOf = (differenceFen: number): Sought => ({
  isIt: (reason) => reason === "waitlistDifference",
  untilFen: differenceFen,
});

/** All that was prepaid for an entry that ended. What came twice goes back apart from it. */
export const wholeOf = (entry: { readonly paidAt: string | null; readonly prepayFen: number }): Sought => ({
  isIt: (reason) => reason !== "duplicatePayment",
  untilFen: entry.paidAt === null ? 0 : entry.prepayFen,
});

const refundsOf = (payment: Seen, { isIt }: Sought) => (payment?.refunds ?? []).filter(({ reason }) => isIt(reason));
const sumOf = (refunds: Payment["refunds"]): number => refunds.reduce((sum, { amountFen }) => sum + amountFen, 0);

/** Only a buyer who opened the bank's page can still pay late; and what is on its way back arrives some time. */
export function isWatched(payment: Seen, sought: Sought): boolean {
  if (!payment) return false;
  const refunds = refundsOf(payment, sought);
  return refunds.length === 0 || sumOf(refunds) < sought.untilFen || refunds.some(({ state }) => state === "due");
}

/** Null where nothing goes back, or nobody knows yet. */
export function moneyBackOf(payment: Seen, sought: Sought): MoneyBack | null {
  const refunds = refundsOf(payment, sought);
  if (refunds.length === 0) return null;
  const sumFen = Math.max(sumOf(refunds), sought.untilFen);
  return { sumFen, isSettled: sumOf(refunds) === sumFen && refunds.every(({ state }) => state === "settled") };
}
