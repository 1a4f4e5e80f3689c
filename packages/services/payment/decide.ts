/**
 * What the payment room decides, without looking at anything but its arguments: which notices it believes, when it asks a
 * provider again, and where a payer's browser may be sent.
 */
import type { PaymentNotice } from "@chepiao/contracts";
import {
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
import type { PaymentRow, Trade } from "@chepiao/ports/payment-store";

/** Why a notice is not believed. For our log only: whoever sends a forged one is told nothing. */
export type NoticeFault = "signature" | "merchant" | "unknownPayment" | "channel" | "amount" | "time";

/** Notices do come days late. A replay is harmless, because a trade counts once; this only bounds what is looked up at all. */
const noticeAgeMaxMs = 90 * dayMs;
const clockSkewMaxMs = 10 * minuteMs;

type Checked = {
  readonly notice: PaymentNotice;
  readonly signed: boolean;
  readonly provider: { readonly channel: string; readonly merchantId: string };
  readonly payment: PaymentRow | null;
  readonly now: EpochMs;
};

/**
 * The trade that a notice tells of, or null for one that says that nothing was paid. An amount other than ours is no fault of
 * the notice: that money arrived, and the books send it back.
 */
export function judgeNotice({ notice, signed, provider, payment, now }: Checked): Result<Trade | null, NoticeFault> {
  if (!signed) return refuse("signature");
  if (notice.merchantId !== provider.merchantId) return refuse("merchant");
  if (!payment) return refuse("unknownPayment");
  if (payment.channel !== provider.channel) return refuse("channel");
  if (notice.status === "failed") return ok(null);
  if (!Number.isSafeInteger(notice.amountFen) || notice.amountFen <= 0) return refuse("amount");
  const isTimely = notice.at <= now + clockSkewMaxMs && notice.at >= now - noticeAgeMaxMs;
  if (!isTimely || !Number.isSafeInteger(notice.at)) return refuse("time");
  return ok({ tradeNo: notice.tradeNo, amountFen: fen(notice.amountFen), paidAt: epochMs(notice.at) });
}

export const firstLookMs = 15 * secondMs;
const lookPauseMaxMs = 4 * hourMs;
/** Money for a payment is looked for this long after its time to pay has ended. */
const lookAfterPayByMs = dayMs;

/**
 * When a provider that has just been asked is asked again; null ends it. A payment that nobody paid is asked about after half of
 * its age each time, so ever more rarely; one that was paid only just after its end and a day later, for a second trade whose
 * notice was lost.
 */
export function nextLookAt(payment: Pick<PaymentRow, "state" | "createdAt" | "payBy">, now: EpochMs): EpochMs | null {
  const lastAt = payment.payBy + lookAfterPayByMs;
  if (now >= lastAt) return null;
  if (payment.state === "captured") {
    const afterPayBy = payment.payBy + minuteMs;
    return epochMs(now < afterPayBy ? afterPayBy : lastAt);
  }
  const pauseMs = Math.min(lookPauseMaxMs, Math.max(firstLookMs, Math.floor((now - payment.createdAt) / 2)));
  return epochMs(Math.min(now + pauseMs, lastAt));
}

/** A path on this site as an address; anything that would lead elsewhere leads to the order instead. */
export function returnAddress(publicUrl: string, path: string | undefined, orderNo: string): string {
  const site = new URL(publicUrl);
  const ours = new URL(`/order/${orderNo}`, site).href;
  if (!path?.startsWith("/") || !URL.canParse(path, site.href)) return ours;
  const wanted = new URL(path, site);
  return wanted.origin === site.origin ? wanted.href : ours;
}
