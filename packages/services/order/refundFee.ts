/** What giving a ticket back costs: graded by the time left until departure (退票费, the railway's published grades). */
import { dayMs, type EpochMs, type Fen, fen, hourMs, shareOf } from "@chepiao/kernel";

export type RefundGrade = {
  /** The grade holds from this long before departure. */
  readonly atLeastMs: number;
  /** Part of the fare in basis points (1/100 of a percent). */
  readonly feeBasisPoints: number;
};

/** Free from 8 days before departure, 5 % from 48 hours, 10 % from 24 hours, 20 % after that. Longest first. */
export const refundGradesDefault: readonly RefundGrade[] = [
  { atLeastMs: 8 * dayMs, feeBasisPoints: 0 },
  { atLeastMs: 48 * hourMs, feeBasisPoints: 500 },
  { atLeastMs: 24 * hourMs, feeBasisPoints: 1_000 },
  { atLeastMs: 0, feeBasisPoints: 2_000 },
];

/** Fees are charged in steps of half a yuan. */
const feeStepFen = 50;

export type RefundTerms = { readonly feeBasisPoints: number; readonly feeFen: Fen; readonly refundFen: Fen };

/** The terms at this moment, or null once the train has left: then nothing is given back. */
export function refundTerms(
  fareFen: Fen,
  departAt: EpochMs,
  now: EpochMs,
  grades: readonly RefundGrade[],
): RefundTerms | null {
  const grade = grades.find(({ atLeastMs }) => departAt - now >= atLeastMs);
  if (!grade || now >= departAt) return null;
  const feeFen = fen(Math.min(fareFen, shareOf(fareFen, grade.feeBasisPoints, feeStepFen)));
  return { feeBasisPoints: grade.feeBasisPoints, feeFen, refundFen: fen(fareFen - feeFen) };
}
