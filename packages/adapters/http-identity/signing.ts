/**
 * How the platform and an identity verifier know each other: HMAC-SHA-256 with a key that both have, over a few lines of text, so that
 * any language can make them. A question says when it was asked and has a number of its own; the answer is signed over that number, so that no
 * other answer can be shown for it. In words, with an example by curl: docs/operations/identity.md.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

export type Question = {
  /** Milliseconds since 1970, as digits. */
  readonly at: string;
  readonly nonce: string;
  readonly body: string;
};
export type Answer = { readonly nonce: string; readonly body: string };

export const headerNames = { at: "x-at", nonce: "x-nonce", signature: "x-signature" } as const;

export const signQuestion = (key: string, { at, nonce, body }: Question): string =>
  macOf(key, ["chepiao identity question 1", at, nonce, digestOf(body)]);

export const signAnswer = (key: string, { nonce, body }: Answer): string =>
  macOf(key, ["chepiao identity answer 1", nonce, digestOf(body)]);

/** Takes as long whatever is given. */
export function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const digestOf = (body: string) => createHash("sha256").update(body).digest("hex");
const macOf = (key: string, lines: readonly string[]) =>
  createHmac("sha256", key).update(lines.join("\n")).digest("hex");
