/** How a notice is signed: HMAC-SHA256 over every field, in a fixed order, in a form in which no two notices look the same. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { PaymentNotice } from "@chepiao/contracts";

type Unsigned = Omit<PaymentNotice, "signature">;

export function signNotice(secret: string, notice: Unsigned): string {
  const { merchantId, paymentNo, tradeNo, amountFen, status, at, nonce } = notice;
  const fields = ["notice", merchantId, paymentNo, tradeNo, amountFen, status, at, nonce];
  return createHmac("sha256", secret).update(JSON.stringify(fields)).digest("base64url");
}

export function noticeIsSigned(secret: string, notice: PaymentNotice): boolean {
  const expected = Buffer.from(signNotice(secret, notice));
  const given = Buffer.from(notice.signature);
  // Both lengths are public; only the content must not be told apart by time.
  return given.length === expected.length && timingSafeEqual(given, expected);
}
