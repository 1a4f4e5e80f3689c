/**
 * One attempt to buy, or to wait, one key. The key is kept until the platform has answered, so that pressing again after a lost answer, a
 * reload or a restart of the platform is the same attempt and cannot buy twice. A refusal is an answer: the next press is a
 * new attempt.
 */
import type { Accepted, ChangeRequest, PurchaseRequest, WaitlistEntry, WaitlistRequest } from "@chepiao/contracts";
import { ask, isRefused, Refused } from "../../lib/api.ts";
import { whileChecking } from "../../lib/checking.ts";
import { passesKept } from "../../lib/queuePlaces.ts";
import { forget, isRecord, keep, kept } from "../../lib/storage.ts";

/** An order, an entry of the waitlist and a change may all be without an answer. */
const storageKeys = { order: "attempt", entry: "waitAttempt", change: "changeAttempt" } as const;
export type AttemptOf = keyof typeof storageKeys;
type Attempt = { readonly key: string; readonly body: string };
const isAttempt = (value: unknown): value is Attempt =>
  isRecord(value) && typeof value["key"] === "string" && typeof value["body"] === "string";

export function keyFor(of: AttemptOf, body: string, newKey: () => string): string {
  const open = kept("session", storageKeys[of], isAttempt);
  if (open?.body === body) return open.key;
  const key = newKey();
  keep("session", storageKeys[of], { key, body } satisfies Attempt);
  return key;
}

/** Not `randomUUID`: browsers have that only behind HTTPS, and a phone in the same network comes without. */
const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Refused by who we are or by a moment of overload: the attempt itself has not been answered. */
const unanswered = new Set([401, 429, 500, 503]);

/** Refused by something that the page may have shown otherwise. */
export const outdated = [
  "SoldOut",
  "StandingNotYet",
  "WaitlistFirst",
  "NotOnSaleBetween",
  "SaleClosed",
  "SaleNotOpen",
] as const;

/** Which line of an order a refusal is about; -1 where it is about all. */
export function lineOf(error: unknown): number {
  const line = isRefused(error) ? error.problem.facts?.["line"] : undefined;
  return typeof line === "number" ? line : -1;
}

export const submitOrder = (request: PurchaseRequest): Promise<Accepted> =>
  attempted("order", request, (idempotencyKey) =>
    onceProved((proof) => ask("POST /api/order", { body: request }, { idempotencyKey, pass: passesKept(), proof })),
  );

export const submitEntry = (request: WaitlistRequest): Promise<WaitlistEntry> =>
  attempted("entry", request, (idempotencyKey) => ask("POST /api/waitlist", { body: request }, { idempotencyKey }));

export const submitChange = (orderNo: string, body: ChangeRequest): Promise<Accepted> =>
  attempted("change", { orderNo, ...body }, (idempotencyKey) =>
    onceProved((proof) =>
      ask(
        "POST /api/order/:orderNo/reschedule",
        { params: { orderNo }, body },
        { idempotencyKey, pass: passesKept(), proof },
      ),
    ),
  );

/** Who is challenged has the own machine work for a moment, or puts a picture right, and is the same attempt under the same key. */
async function onceProved<T>(send: (proof: string | null) => Promise<T>): Promise<T> {
  try {
    return await send(null);
  } catch (error) {
    if (!isRefused(error, "ChallengeRequired")) throw error;
    const { proofOf } = await import("../../lib/challenge.ts");
    const level = error.problem.facts?.["level"] === "strict" ? "strict" : "light";
    const proof = await whileChecking(() => proofOf("purchase", level));
    if (proof === null) throw error;
    return send(proof);
  }
}

async function attempted<T>(of: AttemptOf, request: unknown, send: (idempotencyKey: string) => Promise<T>): Promise<T> {
  try {
    const answer = await send(keyFor(of, JSON.stringify(request), randomKey));
    forget("session", storageKeys[of]);
    return answer;
  } catch (error) {
    if (error instanceof Refused && !unanswered.has(error.problem.status)) forget("session", storageKeys[of]);
    throw error;
  }
}
