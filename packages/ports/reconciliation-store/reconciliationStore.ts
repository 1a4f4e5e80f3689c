/** Cases: differences that reconciliation has found, and what became of them. One difference is one case, however often it is seen (I7). */
import type { EpochMs, ServiceDate } from "@chepiao/kernel";

/** What is different. Stored by place: grows at its end only. */
export const caseKinds = [
  // Our books against a provider's statement.
  "tradeUnheard",
  "tradeNotStated",
  "tradeAmount",
  "tradeMisplaced",
  "refundUnknown",
  "refundNotStated",
  "refundAmount",
  "refundUnsettled",
  "lineRepeated",
  "statementMissing",
  // Our books against themselves.
  "refundOverdue",
  "refundTooMuch",
  "surplusKept",
  // Our books against orders and entries of the waitlist.
  "moneyUnused",
  "moneyMissing",
  "orderUnpaid",
  "entryUnpaid",
] as const;
export type CaseKind = (typeof caseKinds)[number];

/** `gone`: a later run did not find it any more. `settled`: an operator says why it may stay. Stored by place. */
export const caseStates = ["open", "gone", "settled"] as const;
export type CaseState = (typeof caseStates)[number];

/** What one run looks at as a whole, so that what it does not find is gone: a day. */
export type Scope = ServiceDate;

/** Amounts, numbers and moments by their names. */
export type CaseFacts = Readonly<Record<string, string | number | null>>;

export type ReconciliationCase = {
  /** Of kind and subject: whoever finds the difference again means the same case. */
  readonly caseId: string;
  readonly kind: CaseKind;
  readonly scope: Scope;
  /** What it is about: the number of a trade, a refund, a payment, an order. */
  readonly subject: string;
  readonly facts: CaseFacts;
  readonly state: CaseState;
  /** Rises with every change; 0 where it is not written yet. */
  readonly version: number;
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  /** When it was gone, or settled. */
  readonly endedAt: EpochMs | null;
  /** An operator's, for one that is settled. */
  readonly reason: string | null;
};
export const caseReasonLengthMax = 200;

export type RunReport = {
  readonly runNo: string;
  readonly scope: Scope;
  readonly endedAt: EpochMs;
  /** As it is shown: JSON. */
  readonly report: string;
};

export type ReconciliationStore = {
  /** All cases of a scope, whatever became of them. */
  ofScope(scope: Scope): Promise<readonly ReconciliationCase[]>;
  /** Open cases, the oldest first. */
  open(limit: number): Promise<readonly ReconciliationCase[]>;
  find(caseId: string): Promise<ReconciliationCase | null>;
  /** Scopes with open cases, at most so many, the earliest first. */
  openScopes(limit: number): Promise<readonly Scope[]>;
  /**
   * Writes the case as it shall be, if it still has the version that it names; false where somebody was quicker. One of version 0 is
   * written where there is none.
   */
  change(wanted: ReconciliationCase): Promise<boolean>;
  /** Keeps what a run found; the same number again changes nothing. */
  report(report: RunReport): Promise<void>;
  /** Of a scope, the newest first. */
  reports(scope: Scope, limit: number): Promise<readonly RunReport[]>;
};
