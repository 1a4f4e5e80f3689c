/** What becomes of cases after a run: new ones open, those that were not found any more are gone. Pure. */
import type { EpochMs } from "@chepiao/kernel";
import type { CaseFacts, CaseKind, ReconciliationCase, Scope } from "@chepiao/ports/reconciliation-store";
import { caseIdOf, type Difference } from "./difference.ts";

export type Found = {
  readonly scope: Scope;
  /** What both readings found. */
  readonly agreed: readonly Difference[];
  /** Found by either: whether it is gone is not known. */
  readonly either: readonly Difference[];
  /** Payments, and orders that have none, that were compared again. */
  readonly lookedAt: ReadonlySet<string>;
  /** Payments about which nothing can be said now. */
  readonly young: ReadonlySet<string>;
  /** Channels without a statement: what was found on one before is not gone. */
  readonly unstated: readonly string[];
  readonly now: EpochMs;
};

/** The room whose data it is: it alone may put it right. */
export const ownerOf: Readonly<Record<CaseKind, "order" | "payment" | "waitlist">> = {
  tradeUnheard: "payment",
  tradeNotStated: "payment",
  tradeAmount: "payment",
  tradeMisplaced: "payment",
  refundUnknown: "payment",
  refundNotStated: "payment",
  refundAmount: "payment",
  refundUnsettled: "payment",
  lineRepeated: "payment",
  statementMissing: "payment",
  refundOverdue: "payment",
  refundTooMuch: "payment",
  surplusKept: "payment",
  moneyUnused: "order",
  moneyMissing: "order",
  orderUnpaid: "order",
  entryUnpaid: "waitlist",
};

/** An order does not say when it changed: its message to the payment room may be on its way for as long as the watermark. */
export const isOfOrders = ({ kind }: Pick<Difference, "kind">): boolean => ownerOf[kind] !== "payment";

/** Those which no reading can find without a statement. */
const ofStatements: ReadonlySet<CaseKind> = new Set([
  "tradeUnheard",
  "tradeNotStated",
  "tradeAmount",
  "tradeMisplaced",
  "refundUnknown",
  "refundNotStated",
  "refundAmount",
  "refundUnsettled",
  "lineRepeated",
]);

/** Cases of the scope that were not found any more, as they shall be: each with the version that it was read with. */
export function goneCases(known: readonly ReconciliationCase[], found: Found): ReconciliationCase[] {
  const seen = new Set(found.either.map(caseIdOf));
  return known
    .filter((each) => each.state === "open" && !seen.has(each.caseId) && wasLookedAt(each, found))
    .map((each) => ({ ...each, state: "gone" as const, endedAt: found.now }));
}

/** The case of a difference as it shall be. One that is open belongs to the day that found it last, since that can find it again. */
export function seenCase(
  known: ReconciliationCase | null,
  { kind, subject, facts }: Difference,
  { scope, now }: Pick<Found, "now" | "scope">,
): ReconciliationCase {
  if (!known) {
    const caseId = caseIdOf({ kind, subject, facts });
    const open = { state: "open", version: 0, endedAt: null, reason: null } as const;
    return { caseId, kind, scope, subject, facts, ...open, firstSeenAt: now, lastSeenAt: now };
  }
  // An operator's word is for what it was then.
  const isSettled = known.state === "settled" && isSame(known.facts, facts);
  if (isSettled) return { ...known, lastSeenAt: now };
  return { ...known, scope, facts, state: "open", endedAt: null, reason: null, lastSeenAt: now };
}

function wasLookedAt({ kind, facts }: ReconciliationCase, { lookedAt, young, unstated }: Found): boolean {
  if (young.has(String(facts["paymentNo"]))) return false;
  const compared = facts["paymentNo"] ?? facts["orderNo"];
  if (compared && !lookedAt.has(String(compared))) return false;
  return !(ofStatements.has(kind) && unstated.includes(String(facts["channel"])));
}

export const isSame = (a: CaseFacts, b: CaseFacts): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};
