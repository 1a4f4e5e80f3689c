/** How a merchant's call is signed: HMAC-SHA256 over who, when, what. Signed calls may be repeated, so none needs to be refused twice. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type EpochMs, minuteMs } from "@chepiao/kernel";

export type SignedCall = {
  readonly merchantId: string;
  readonly at: number;
  readonly nonce: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: string;
};

const callAgeMaxMs = 5 * minuteMs;

export function signCall(secret: string, call: SignedCall): string {
  const { merchantId, at, nonce, method, target, body } = call;
  return createHmac("sha256", secret)
    .update(JSON.stringify(["call", merchantId, at, nonce, method, target, body]))
    .digest("base64url");
}

export const callHeaders = (secret: string, call: SignedCall): Record<string, string> => ({
  "x-merchant-id": call.merchantId,
  "x-at": String(call.at),
  "x-nonce": call.nonce,
  "x-signature": signCall(secret, call),
});

export function callIsSigned(
  merchant: { readonly merchantId: string; readonly secret: string },
  request: Request,
  body: string,
  now: EpochMs,
): boolean {
  const { pathname, search } = new URL(request.url);
  const header = (name: string) => request.headers.get(name) ?? "";
  const at = Number(header("x-at"));
  if (header("x-merchant-id") !== merchant.merchantId || !(Math.abs(now - at) <= callAgeMaxMs)) return false;
  const nonce = header("x-nonce");
  const call = { merchantId: merchant.merchantId, at, nonce, method: request.method, target: pathname + search, body };
  const expected = Buffer.from(signCall(merchant.secret, call));
  const given = Buffer.from(header("x-signature"));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
