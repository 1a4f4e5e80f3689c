/** What giving a ticket back costs: graded by the time left until departure (退票费, the railway's published grades). */
import type { Policy } from "@chepiao/contracts";
import { type EpochMs, epochMs, type Fen, fen, hourMs, shareOf } from "@chepiao/kernel";

export type RefundGrade = {
  /** The grade holds from this long before departure. */
  readonly atLeastMs: number;
  /** Part of the fare in basis points (1/100 of a percent). */
  readonly feeBasisPoints: number;
};

/** What the railway's policy says of giving back. */
export type RefundRules = {
  /** Longest time first. */
  readonly grades: readonly RefundGrade[];
  /** Fees are whole multiples of this. */
  readonly roundToFen: number;
  /** Where a fee is due, it is at least this, and at most the fare. */
  readonly feeFenMin: number;
};

export const refundRulesOf = ({ refund }: Pick<Policy, "refund">): RefundRules => ({
  grades: refund.grades.map(({ hoursBefore, percent }) => ({
    atLeastMs: hoursBefore * hourMs,
    feeBasisPoints: Math.round(percent * 100),
  })),
  roundToFen: refund.rounding,
  feeFenMin: refund.minimum,
});

export type RefundStep = { readonly until: EpochMs; readonly feeBasisPoints: number };

/** What is to come: each grade that is not over yet, with the moment until which it holds. */
export const refundSteps = (departAt: EpochMs, now: EpochMs, { grades }: RefundRules): readonly RefundStep[] =>
  grades
    .map(({ atLeastMs, feeBasisPoints }) => ({ until: epochMs(departAt - atLeastMs), feeBasisPoints }))
    .filter(({ until }) => until >= now && now < departAt);

export type RefundTerms = { readonly feeBasisPoints: number; readonly feeFen: Fen; readonly refundFen: Fen };

/** The terms at this moment, or null once the train has left: then nothing is given back. */
export function refundTerms(
  fareFen: Fen,
  departAt: EpochMs,
  now: EpochMs,
  { grades, roundToFen, feeFenMin }: RefundRules,
): RefundTerms | null {
  const grade = grades.find(({ atLeastMs }) => departAt - now >= atLeastMs);
  if (!grade || now >= departAt) return null;
  const isDue = grade.feeBasisPoints > 0;
  const share = shareOf(fareFen, grade.feeBasisPoints, roundToFen);
  const feeFen = fen(isDue ? Math.min(fareFen, Math.max(share, feeFenMin)) : 0);
  return { feeBasisPoints: grade.feeBasisPoints, feeFen, refundFen: fen(fareFen - feeFen) };
}
