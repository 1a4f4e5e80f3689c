/** What a comparison finds: a difference, and over which time it looked. */
import { createHash } from "node:crypto";
import { type EpochMs, toBase32 } from "@chepiao/kernel";
import type { CaseFacts, CaseKind } from "@chepiao/ports/reconciliation-store";

export type Difference = { readonly kind: CaseKind; readonly subject: string; readonly facts: CaseFacts };

/** A day, or of one under way what is older than the watermark: what is younger may still be on its way from one room to another. */
export type Within = {
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly watermark: EpochMs;
  readonly now: EpochMs;
};

export const isWithin = ({ from, until }: Within, at: EpochMs): boolean => at >= from && at < until;

const idLength = 10;
/** The same difference has the same id, whoever finds it: it can be typed, and 50 bits are enough for all there will ever be. */
export const caseIdOf = ({ kind, subject }: Difference): string =>
  toBase32(createHash("sha256").update(`${kind}\n${subject}`).digest()).slice(0, idLength);
