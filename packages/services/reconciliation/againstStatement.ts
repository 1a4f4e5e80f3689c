/**
 * Our books of one payment against the lines of its provider's statement. What was taken is told apart by trade numbers and what was
 * given back by refund numbers, both of which mean one thing for ever. Pure.
 */
import { epochMs, hourMs, minuteMs } from "@chepiao/kernel";
import type { StatementLine } from "@chepiao/ports/payment-provider";
import type { BookedPayment, BookedRefund, ReceivedTrade } from "@chepiao/ports/payment-store";
import { type Difference, isWithin, type Within } from "./difference.ts";

export type Stated = {
  readonly channel: string;
  /** Null where nobody knows the payment that the lines name. */
  readonly booked: BookedPayment | null;
  /** Those that name the payment. */
  readonly lines: readonly StatementLine[];
  /** Which payment the statement names for a trade. */
  readonly statedFor: (tradeNo: string) => string | undefined;
};

/** A provider is asked about a payment at its time, give or take what a process needs to be started again. */
const pollLateMs = 10 * minuteMs;
/** A refund that a provider has done is heard of when it is asked for again: after an hour at most. */
const settledWithinMs = 2 * hourMs;

export function againstStatement(stated: Stated, within: Within): Difference[] {
  const lines = stated.lines.filter(({ at }) => at < within.until);
  const taken = lines.filter(({ refundNo }) => refundNo === null);
  const back = lines.filter(({ refundNo }) => refundNo !== null);
  return [
    ...repeated(stated, taken, ({ tradeNo }) => tradeNo),
    ...repeated(stated, back, ({ refundNo }) => refundNo!),
    ...onePerNumber(taken, ({ tradeNo }) => tradeNo).flatMap((line) => ofTakenLine(stated, line, within)),
    ...onePerNumber(back, ({ refundNo }) => refundNo!).flatMap((line) => ofRefundLine(stated, line, within)),
    ...(stated.booked?.trades ?? []).flatMap((trade) => ofTrade(stated, trade, within)),
    ...(stated.booked?.refunds ?? []).flatMap((refund) => ofRefund(stated, refund, within)),
  ];
}

/** Our books' own numbers, for those who look into a case. */
const factsOf = ({ channel, booked }: Stated, paymentNo: string) => ({
  channel,
  paymentNo,
  orderNo: booked?.payment.orderNo ?? null,
});

function ofTakenLine(stated: Stated, line: StatementLine, { now }: Within): Difference[] {
  const { channel, booked } = stated;
  const { tradeNo, paymentNo, amountFen: statedFen, at } = line;
  const subject = `${channel} ${tradeNo}`;
  const known = booked?.trades.find((trade) => trade.tradeNo === tradeNo);
  if (known?.amountFen === statedFen) return [];
  const facts = { ...factsOf(stated, paymentNo), booksFen: known?.amountFen ?? null, statedFen, at };
  if (known) return [{ kind: "tradeAmount", subject, facts }];
  // The payment room asks its provider by itself: it is heard of then.
  const pollAt = booked?.payment.pollAt ?? null;
  if (pollAt !== null && pollAt > now - pollLateMs) return [];
  return [{ kind: "tradeUnheard", subject, facts }];
}

function ofRefundLine(stated: Stated, line: StatementLine, { now }: Within): Difference[] {
  const { refundNo, paymentNo, tradeNo, amountFen: statedFen, at } = line;
  const subject = `${stated.channel} ${refundNo}`;
  const known = stated.booked?.refunds.find((refund) => refund.refundNo === refundNo);
  const facts = { ...factsOf(stated, paymentNo), tradeNo, booksFen: known?.amountFen ?? null, statedFen, at };
  if (!known) return [{ kind: "refundUnknown", subject, facts }];
  if (known.amountFen !== statedFen || known.tradeNo !== tradeNo) return [{ kind: "refundAmount", subject, facts }];
  const isLate = known.state === "due" && at < epochMs(now - settledWithinMs);
  return isLate ? [{ kind: "refundUnsettled", subject, facts }] : [];
}

function ofTrade(stated: Stated, trade: ReceivedTrade, within: Within): Difference[] {
  const { lines, statedFor } = stated;
  const { tradeNo, amountFen: booksFen, paidAt: at } = trade;
  if (!isWithin(within, at) || lines.some((line) => line.refundNo === null && line.tradeNo === tradeNo)) return [];
  const statedPaymentNo = statedFor(tradeNo) ?? null;
  const facts = { ...factsOf(stated, stated.booked!.payment.paymentNo), booksFen, at };
  const subject = `${stated.channel} ${tradeNo}`;
  if (statedPaymentNo !== null) return [{ kind: "tradeMisplaced", subject, facts: { ...facts, statedPaymentNo } }];
  return [{ kind: "tradeNotStated", subject, facts: { ...facts, statedFen: null } }];
}

/** May be on the statement of a day before: a refund takes its time, and is heard of later. */
function ofRefund(stated: Stated, refund: BookedRefund, within: Within): Difference[] {
  const { refundNo, tradeNo, amountFen: booksFen, state, createdAt, changedAt: at } = refund;
  // A fee can be the whole fare: then nothing is given back, and no provider hears of it.
  if (state !== "settled" || booksFen === 0 || !isWithin(within, at)) return [];
  if (stated.lines.some((line) => line.refundNo === refundNo)) return [];
  const facts = { ...factsOf(stated, refund.paymentNo), tradeNo, booksFen, statedFen: null, createdAt, at };
  return [{ kind: "refundNotStated", subject: `${stated.channel} ${refundNo}`, facts }];
}

function repeated(
  stated: Stated,
  lines: readonly StatementLine[],
  numberOf: (line: StatementLine) => string,
): Difference[] {
  return [...Map.groupBy(lines, numberOf)]
    .filter(([, same]) => same.length > 1)
    .map(([number, same]) => ({
      kind: "lineRepeated",
      subject: `${stated.channel} ${number}`,
      facts: { ...factsOf(stated, same[0]!.paymentNo), lineCount: same.length, statedFen: same[0]!.amountFen },
    }));
}

const onePerNumber = (lines: readonly StatementLine[], numberOf: (line: StatementLine) => string): StatementLine[] => [
  ...new Map(lines.map((line) => [numberOf(line), line])).values(),
];
