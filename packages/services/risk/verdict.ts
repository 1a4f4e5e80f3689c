/** What a purchase looks like to the rules. Pure: the same signals under the same rules are judged the same. */
import type { RiskRule, RiskSignals } from "@chepiao/contracts";
import type { RiskReason } from "@chepiao/ports/risk-store";
import type { RiskRules } from "./rules.ts";

export type RiskVerdict = {
  readonly kind: "allow" | "challenge" | "refuse";
  readonly points: number;
  /** Rules that counted, in their order. */
  readonly reasons: readonly RiskReason[];
};

/** By far most purchases: nothing is made for them. */
export const allowed: RiskVerdict = { kind: "allow", points: 0, reasons: [] };

export function verdictOf(signals: RiskSignals, { rules, challengePoints, refusePoints }: RiskRules): RiskVerdict {
  let points = 0;
  for (const rule of rules) if (counts(rule, signals[rule.signal])) points += rule.points;
  if (points === 0) return allowed;
  const kind = points >= refusePoints ? "refuse" : points >= challengePoints ? "challenge" : "allow";
  return { kind, points, reasons: reasonsOf(signals, rules) };
}

/** With both bounds a rule is about what lies between them. */
function counts({ over, under }: RiskRule, value: number | null): boolean {
  if (value === null || (over === undefined && under === undefined)) return false;
  return (over === undefined || value > over) && (under === undefined || value < under);
}

const reasonsOf = (signals: RiskSignals, rules: readonly RiskRule[]): RiskReason[] =>
  rules.flatMap((rule) => {
    const value = signals[rule.signal];
    return value !== null && counts(rule, value) ? [{ signal: rule.signal, value, points: rule.points }] : [];
  });
