/** What clients were told, for the audit at the end, and what of it can be contradicted at once. */
import type { Answer } from "./answer.ts";
import { readJson } from "./document.ts";
import { type FuzzRequest, headersNamed } from "./request.ts";

export type Ledger = {
  /** Every idempotency key that went out. */
  readonly keys: Set<string>;
  /** Orders answered with 202, by account and key. */
  readonly accepted: Map<string, string>;
  sent(request: FuzzRequest): void;
  sentRaw(bytes: Buffer): void;
  /** What is wrong with an answer in view of earlier ones, or null. */
  heard(request: FuzzRequest, answer: Answer): string | null;
};

export function createLedger(): Ledger {
  const keys = new Set<string>();
  const accepted = new Map<string, string>();
  const ownerOf = new Map<string, number>();
  return {
    keys,
    accepted,
    sent(request) {
      const named = headersNamed(request, "idempotency-key");
      for (const key of named) keys.add(key);
      if (named.length > 1) keys.add(named.join(", "));
    },
    sentRaw(bytes) {
      for (const [, key] of bytes.toString("latin1").matchAll(/idempotency-key:([^\r\n]*)/gi)) keys.add(key!.trim());
    },
    heard(request, answer) {
      const { account, operation, strict } = request;
      if (!account || !operation || !strict || answer.status >= 300) return null;
      if (operation.id === "order.submit") return acceptedAs(request, account.userId, answer);
      const orderNo = /^\/api\/(?:order|payment)\/(E\d{17})(?:[/?]|$)/.exec(request.target)?.[1];
      const owner = orderNo === undefined ? undefined : ownerOf.get(orderNo);
      if (owner === undefined || owner === account.userId) return null;
      return `account ${account.userId} was answered about ${orderNo}, an order of account ${owner}`;
    },
  };

  function acceptedAs(request: FuzzRequest, userId: number, answer: Answer): string | null {
    const { orderNo } = readJson(answer.body) as { readonly orderNo: string };
    const known = `${userId} ${headersNamed(request, "idempotency-key").join(", ")}`;
    const before = accepted.get(known);
    accepted.set(known, orderNo);
    ownerOf.set(orderNo, userId);
    return before === undefined || before === orderNo
      ? null
      : `I7: key ${known} was answered ${before}, then ${orderNo}`;
  }
}
