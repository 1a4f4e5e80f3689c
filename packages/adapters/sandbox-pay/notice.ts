/**
 * The bank's notices, both ends: strict JSON whose signature is an HMAC-SHA256 over every field, in a fixed order, in a form in which
 * no two notices look the same.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { epochMs, fen, ok, refuse, type Result } from "@chepiao/kernel";
import type { Notice, NoticeFault, NoticeOutcome, NoticeReply } from "@chepiao/ports/payment-provider";

export type Unsigned = {
  readonly merchantId: string;
  readonly paymentNo: string;
  readonly tradeNo: string;
  readonly amountFen: number;
  readonly status: "paid" | "failed";
  readonly at: number;
  readonly nonce: string;
};
export type SandboxNotice = Unsigned & { readonly signature: string };

type Merchant = { readonly merchantId: string; readonly secret: string };

export function signNotice(secret: string, notice: Unsigned): string {
  const { merchantId, paymentNo, tradeNo, amountFen, status, at, nonce } = notice;
  const fields = ["notice", merchantId, paymentNo, tradeNo, amountFen, status, at, nonce];
  return createHmac("sha256", secret).update(JSON.stringify(fields)).digest("base64url");
}

function isSigned(secret: string, notice: SandboxNotice): boolean {
  const expected = Buffer.from(signNotice(secret, notice));
  const given = Buffer.from(notice.signature);
  // Both lengths are public; only the content must not be told apart by time.
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export function readNotice({ merchantId, secret }: Merchant, body: Uint8Array): Result<Notice, NoticeFault> {
  const notice = noticeIn(body);
  if (!notice) return refuse("malformed");
  if (!isSigned(secret, notice)) return refuse("signature");
  if (notice.merchantId !== merchantId) return refuse("merchant");
  const { paymentNo, tradeNo, amountFen, at } = notice;
  const trade = notice.status === "paid" ? { tradeNo, amountFen: fen(amountFen), paidAt: epochMs(at) } : null;
  return ok({ paymentNo, trade });
}

export const answerNotice = (outcome: NoticeOutcome): NoticeReply => ({
  status: outcome === "received" ? 200 : 400,
  contentType: "application/json",
  body: JSON.stringify({ received: outcome === "received" }),
});

const words = { merchantId: 64, paymentNo: 64, tradeNo: 64, nonce: 64, signature: 200 } as const;
const wholeNumbers = ["amountFen", "at"] as const;
const fieldCount = Object.keys(words).length + wholeNumbers.length + 1;

/** Null where it is not exactly a notice: a field more or less, too long, or of another type. */
function noticeIn(body: Uint8Array): SandboxNotice | null {
  const fields = fieldsIn(body);
  const isNotice =
    Object.keys(fields).length === fieldCount &&
    Object.entries(words).every(([name, lengthMax]) => isText(fields[name], lengthMax)) &&
    wholeNumbers.every((name) => Number.isSafeInteger(fields[name])) &&
    (fields["status"] === "paid" || fields["status"] === "failed");
  return isNotice ? (fields as unknown as SandboxNotice) : null;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsIn(body: Uint8Array): Fields {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
}

const isText = (value: unknown, lengthMax: number): boolean => typeof value === "string" && value.length <= lengthMax;
