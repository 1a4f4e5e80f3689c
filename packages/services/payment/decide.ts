/**
 * What the payment room decides, without looking at anything but its arguments: which notices it believes, what becomes of money, when
 * it asks a provider again, and where a payer's browser may be sent. What changes money is a change with the version it was decided
 * on, made by compare-and-set.
 */
import { capturedText, type LogRecord, type PaymentPurpose, type RefundDue, type Topic } from "@chepiao/contracts";
import {
  assert,
  dayMs,
  type EpochMs,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  type Result,
  ok,
  refuse,
  secondMs,
} from "@chepiao/kernel";
import type { Notice, NoticeFault } from "@chepiao/ports/payment-provider";
import {
  moneyVersion,
  type PaymentChange,
  type PaymentFile,
  type PaymentRow,
  type Refund,
  type RefundChange,
  type RefundReason,
  type Trade,
} from "@chepiao/ports/payment-store";
import { type PaymentEvent, paymentTransitions, refundTransitions } from "./state.ts";

// Notices

/** Why a notice is not believed: it is not the provider's, or tells what cannot be. For our log; who sent it is told nothing. */
export type NoticeRefusal = NoticeFault | "unknownPayment" | "channel" | "trade" | "amount" | "time";

/** As long as the books can hold. */
const tradeNoLengthMax = 64;

/** Notices do come days late. A replay is harmless, because a trade counts once; this only bounds what is looked up at all. */
const noticeAgeMaxMs = 90 * dayMs;
const clockSkewMaxMs = 10 * minuteMs;

type Heard = {
  /** The provider's word: its signature held. */
  readonly notice: Notice;
  readonly channel: string;
  readonly payment: PaymentRow | null;
  readonly now: EpochMs;
};

/**
 * The trade that a notice tells of, or null for one that says that nothing was paid. An amount other than ours is no fault of
 * the notice: that money arrived, and the books send it back.
 */
export function judgeNotice({ notice: { trade }, channel, payment, now }: Heard): Result<Trade | null, NoticeRefusal> {
  if (!payment) return refuse("unknownPayment");
  if (payment.channel !== channel) return refuse("channel");
  if (!trade) return ok(null);
  if (trade.tradeNo === "" || trade.tradeNo.length > tradeNoLengthMax) return refuse("trade");
  if (!Number.isSafeInteger(trade.amountFen) || trade.amountFen <= 0) return refuse("amount");
  const isTimely = trade.paidAt <= now + clockSkewMaxMs && trade.paidAt >= now - noticeAgeMaxMs;
  if (!isTimely || !Number.isSafeInteger(trade.paidAt)) return refuse("time");
  return ok(trade);
}

// Money

/** Why money that arrived is not kept. */
type Surplus = "wrongAmount" | "duplicatePayment";

export type ReceivedDecision =
  | { readonly outcome: "captured" | Surplus; readonly change: PaymentChange }
  /** It is in the books already. */
  | { readonly outcome: "seen" };

/**
 * Money arrived for one of an order's payments (I3): the first trade of the right amount pays the order, whatever its channel, and
 * the order room hears of it; any other is owed back whole from the moment it is recorded.
 *
 * @param macOf by which the order room knows that we said so
 */
export function decideReceived(
  files: readonly PaymentFile[],
  paymentNo: string,
  trade: Trade,
  macOf: (text: string) => string,
): ReceivedDecision {
  const { payment } = fileOf(files, paymentNo);
  const isSeen = files.some(
    (file) => file.payment.channel === payment.channel && file.trades.some(({ tradeNo }) => tradeNo === trade.tradeNo),
  );
  if (isSeen) return { outcome: "seen" };
  const surplus = surplusOf(files, payment, trade);
  const change = {
    payment: after(payment, surplus ? "surplus" : "paid"),
    moneyVersion: moneyVersion(files),
    trade: { ...trade, paysOrder: surplus === null },
    refund: surplus && wholeRefund(payment, trade, surplus),
    messages: surplus ? [] : [captured(payment, trade, macOf)],
  };
  return { outcome: surplus ?? "captured", change };
}

function surplusOf(files: readonly PaymentFile[], payment: PaymentRow, trade: Trade): Surplus | null {
  if (trade.amountFen !== payment.amountFen) return "wrongAmount";
  const orderIsPaid = files.some(({ trades }) => trades.some(({ paysOrder }) => paysOrder));
  return orderIsPaid || paymentTransitions[payment.state].paid === "refuse" ? "duplicatePayment" : null;
}

function captured(payment: PaymentRow, trade: Trade, macOf: (text: string) => string): LogRecord {
  const { paymentNo, orderNo, amountFen } = payment;
  const value = { paymentNo, orderNo, amountFen, capturedAt: trade.paidAt };
  return {
    topic: captureTopics[payment.purpose],
    key: payment.runId,
    value: { ...value, mac: macOf(capturedText(value)) },
  };
}

/** Where the room listens whose order, or entry, it pays. */
const captureTopics = { order: "order-pay-topic", waitlist: "waitlist-pay-topic" } as const satisfies Readonly<
  Record<PaymentPurpose, Topic>
>;

/** Money that pays for nothing goes back whole. Its number follows from the trade, so it can only be made once. */
const wholeRefund = (payment: PaymentRow, trade: Trade, reason: RefundReason): Refund => ({
  refundNo: `self-${payment.channel}-${trade.tradeNo}`,
  paymentNo: payment.paymentNo,
  orderNo: payment.orderNo,
  runId: payment.runId,
  channel: payment.channel,
  tradeNo: trade.tradeNo,
  ticketNo: null,
  amountFen: trade.amountFen,
  feeFen: fen(0),
  reason,
  state: "due",
  attempts: 0,
});

export type RefundDecision =
  | { readonly outcome: "added"; readonly change: PaymentChange }
  /** It was asked for before. */
  | { readonly outcome: "seen" }
  /** The trade that pays the order does not hold that much any more: paying it out would be paying twice. */
  | { readonly outcome: "impossible" };

/** The order room wants money to go back, from the trade that pays the order; refunds and fees together never exceed it. */
export function decideRefund(files: readonly PaymentFile[], due: RefundDue): RefundDecision {
  if (files.some(({ refunds }) => refunds.some(({ refundNo }) => refundNo === due.refundNo)))
    return { outcome: "seen" };
  const file = fileOf(files, due.paymentNo);
  const trade = file.trades.find(({ paysOrder }) => paysOrder);
  if (!trade || due.amountFen < 0 || due.feeFen < 0) return { outcome: "impossible" };
  let leftFen: number = trade.amountFen;
  for (const refund of file.refunds) if (refund.tradeNo === trade.tradeNo) leftFen -= refund.amountFen + refund.feeFen;
  if (due.amountFen + due.feeFen > leftFen) return { outcome: "impossible" };
  const { refundNo, ticketNo, amountFen, feeFen, reason } = due;
  const refund = { ...wholeRefund(file.payment, trade, reason), refundNo, ticketNo, amountFen, feeFen };
  const change = { payment: file.payment, moneyVersion: moneyVersion(files), trade: null, refund, messages: [] };
  return { outcome: "added", change };
}

/** The provider was asked for long enough. Null where it is paid, or it was closed before. */
export function decideGivenUp(files: readonly PaymentFile[], paymentNo: string): PaymentChange | null {
  const { payment } = fileOf(files, paymentNo);
  if (paymentTransitions[payment.state].givenUp === "ignore") return null;
  const closed = after(payment, "givenUp");
  return { payment: closed, moneyVersion: moneyVersion(files), trade: null, refund: null, messages: [] };
}

/** The payer has the money back, and the order hears of it. */
export function decideSettled(refund: Refund): RefundChange | null {
  const state = refundTransitions[refund.state].done;
  if (state === "refuse" || state === "ignore") return null;
  const { refundNo, paymentNo, orderNo, ticketNo, runId } = refund;
  const value = { refundNo, paymentNo, orderNo, ticketNo };
  return { refund: { ...refund, state }, messages: [{ topic: "payment-settled-topic", key: runId, value }] };
}

function after(payment: PaymentRow, event: PaymentEvent): PaymentRow {
  const state = paymentTransitions[payment.state][event];
  assert(state !== "refuse", `a payment that is ${payment.state} cannot be ${event}`);
  return state === "ignore" ? payment : { ...payment, state };
}

function fileOf(files: readonly PaymentFile[], paymentNo: string): PaymentFile {
  const file = files.find(({ payment }) => payment.paymentNo === paymentNo);
  assert(file !== undefined, `payment ${paymentNo} is not among those of its order`);
  return file;
}

// Looking for money

export const firstPollMs = 15 * secondMs;
const pollPauseMaxMs = 4 * hourMs;
/** Money for a payment is looked for this long after its time to pay has ended. */
const pollAfterPayByMs = dayMs;

/**
 * When a provider that has just been asked is asked again; null ends it. A payment that nobody paid is asked about after half of
 * its age each time, so ever more rarely; one that was paid only just after its end and a day later, for a second trade whose
 * notice was lost.
 */
export function nextPollAt(payment: Pick<PaymentRow, "state" | "createdAt" | "payBy">, now: EpochMs): EpochMs | null {
  const lastAt = payment.payBy + pollAfterPayByMs;
  if (now >= lastAt) return null;
  if (payment.state === "captured") {
    const afterPayBy = payment.payBy + minuteMs;
    return epochMs(now < afterPayBy ? afterPayBy : lastAt);
  }
  const pauseMs = Math.min(pollPauseMaxMs, Math.max(firstPollMs, Math.floor((now - payment.createdAt) / 2)));
  return epochMs(Math.min(now + pauseMs, lastAt));
}

// The way back

/** A path on this site as an address; anything that would lead elsewhere leads to what was paid for instead. */
export function returnAddress(publicUrl: string, path: string | undefined, payableNo: string): string {
  const site = new URL(publicUrl);
  const page = payableNo.startsWith("W") ? "waitlist" : "order";
  const ours = new URL(`/${page}/${payableNo}`, site).href;
  if (!path?.startsWith("/") || !URL.canParse(path, site.href)) return ours;
  const wanted = new URL(path, site);
  return wanted.origin === site.origin ? wanted.href : ours;
}
