/**
 * A call between processes is signed and not accompanied by a secret: with a key that this caller shares with whom it calls, over whom it
 * asks, how, for what, with which body and when. An eavesdropper learns no key, and can neither change it nor send it again.
 */
import { timingSafeEqual } from "node:crypto";
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { randomHex } from "../http/exchange.ts";
import { createReplays } from "./replay.ts";

export const insideHeader = "x-chepiao-inside";

/** How far the clocks of two processes may be apart, the way between them included. */
export const believedMs = 30 * secondMs;

/** What is signed of a request. */
export type Signable = {
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  readonly headers: Headers | null;
  readonly digest: string;
};

/** Besides method, target and body: what says who is asking, and what may be done once. Those that are not there are signed as such. */
const signedHeaders = [
  "host",
  "authorization",
  "cookie",
  "content-type",
  "idempotency-key",
  "x-forwarded-for",
  "x-forwarded-proto",
] as const;

export type Signer = (request: Signable) => string;

type SignerDeps = {
  /** Who calls whom: the name of their key. */
  readonly label: string;
  readonly secret: string;
  readonly clock: Pick<Clock, "now">;
};

const version = "v1";

export function createSigner({ label, secret, clock }: SignerDeps): Signer {
  // Of this process and this key alone, so that its numbers are.
  const stream = randomHex(8);
  let number = 0;
  return (request) => {
    const said = [version, label, clock.now(), stream, ++number, request.digest].join(";");
    return `${said};${macOf(secret, said, request)}`;
  };
}

export const digestOf = (body: string | Uint8Array): string =>
  new Bun.CryptoHasher("sha256").update(body).digest("base64url");
export const emptyDigest = digestOf("");

function macOf(secret: string, said: string, { method, target, headers }: Omit<Signable, "digest">): string {
  const covered = headers === null ? [] : signedHeaders.map((name) => headers.get(name) ?? "");
  // No field holds a line break: neither a method, nor a target, nor the value of a header.
  return new Bun.CryptoHasher("sha256", secret)
    .update([said, method, target, ...covered].join("\n"))
    .digest("base64url");
}

// The other side

export type Verdict =
  | { readonly ok: true; readonly digest: string }
  /** A stranger, or something was changed on the way: nothing is said about it. */
  | { readonly ok: false; readonly why: "unknown" }
  /** Known, and too far from our time. */
  | { readonly ok: false; readonly why: "clock"; readonly behindMs: number }
  /** Known, and signed before this process was there: it cannot know whether it was here. */
  | { readonly ok: false; readonly why: "before" }
  | { readonly ok: false; readonly why: "again" };

/** Looks at all but the body, which has to have the digest of the verdict. */
export type Guard = (request: Omit<Signable, "digest" | "headers"> & { readonly headers: Headers }) => Verdict;

export type GuardDeps = {
  /** Whose calls are taken: the names of the keys. */
  readonly labels: readonly string[];
  readonly secretOf: (label: string) => string;
  /** Are headers signed, too? So where requests of others are passed on. */
  readonly withHeaders: boolean;
  readonly clock: Pick<Clock, "now">;
};

const form = /^v1;([^;]+);(\d{1,15});([\da-f]{16});(\d{1,15});([\w-]{43});([\w-]{43})$/;
const unknown: Verdict = { ok: false, why: "unknown" };

/** To be made when the process begins, long before its doors open. */
export function createGuard({ labels, secretOf, withHeaders, clock }: GuardDeps): Guard {
  const secrets = new Map(labels.map((label) => [label, secretOf(label)]));
  const replays = createReplays(2 * believedMs);
  const bornAt = clock.now();

  return ({ method, target, headers }) => {
    const shown = headers.get(insideHeader);
    const found = shown === null ? null : form.exec(shown);
    if (!found) return unknown;
    const [, label, at, stream, number, digest, mac] = found as unknown as readonly string[];
    const secret = secrets.get(label!);
    if (secret === undefined) return unknown;
    const said = shown!.slice(0, -(mac!.length + 1));
    const right = macOf(secret, said, { method, target, headers: withHeaders ? headers : null });
    if (!timingSafeEqual(Buffer.from(right), Buffer.from(mac!))) return unknown;
    const now = clock.now();
    const behindMs = now - Number(at);
    if (Math.abs(behindMs) > believedMs) return { ok: false, why: "clock", behindMs };
    if (Number(at) < bornAt) return { ok: false, why: "before" };
    if (!replays.take(`${label};${stream}`, Number(number), now)) return { ok: false, why: "again" };
    return { ok: true, digest: digest! };
  };
}
