/** Rules of risk as a policy gives them, and what holds where it gives none. */
import { type PolicyVersion, type RiskMode, type RiskPolicy, type RiskRule, workBitsMax } from "@chepiao/contracts";
import { assert } from "@chepiao/kernel";

export type RiskRules = {
  readonly mode: RiskMode;
  readonly challengePoints: number;
  readonly slidePoints: number;
  readonly refusePoints: number;
  readonly workBits: number;
  /** Null: none that is let through is kept. */
  readonly recordOneIn: number | null;
  readonly rules: readonly RiskRule[];
};

/**
 * The design document calls thirty acts a minute abnormal, and 100 ms between two a sign of a program. A person shows some of these signs, too, but
 * few together: what a person may show alone counts less than a challenge needs. Behind one address there may be a campus, and behind a network all
 * phones of a city: what strangers there do together challenges nobody. Nor does it
 * alone that others buy for a document, whose number they may know.
 */
export const defaultRules: readonly RiskRule[] = [
  { signal: "accountPerMinute", over: 30, points: 100 },
  { signal: "accountPerMinute", over: 120, points: 200 },
  { signal: "addressPerMinute", over: 300, points: 50 },
  { signal: "networkPerMinute", over: 3_000, points: 40 },
  { signal: "spacingMs", under: 100, points: 60 },
  { signal: "documentsPerDay", over: 15, points: 60 },
  { signal: "accountsPerDocument", over: 5, points: 60 },
  { signal: "sessionSeconds", under: 5, points: 30 },
  { signal: "failuresPerTenMinutes", over: 20, points: 60 },
  { signal: "unpaidPerDay", over: 2, points: 60 },
];

const [challengePoints, slidePoints, refusePoints, workBits] = [100, 200, 300, 16];

export const noRules: RiskRules = {
  mode: "off",
  challengePoints,
  slidePoints,
  refusePoints,
  workBits,
  recordOneIn: null,
  rules: [],
};

const known = new WeakMap<PolicyVersion, RiskRules>();

export function riskRulesOf(version: PolicyVersion): RiskRules {
  let rules = known.get(version);
  if (!rules) known.set(version, (rules = rulesIn(version.policy.risk)));
  return rules;
}

export function rulesIn(policy: RiskPolicy | undefined): RiskRules {
  if (!policy) return noRules;
  const rules = {
    mode: policy.mode,
    challengePoints: policy.challengePoints ?? challengePoints,
    slidePoints: policy.slidePoints ?? slidePoints,
    refusePoints: policy.refusePoints ?? refusePoints,
    workBits: policy.workBits ?? workBits,
    recordOneIn: policy.recordOneIn ?? null,
    rules: policy.rules ?? defaultRules,
  };
  assert(rules.workBits <= workBitsMax, "a phone ends its work within the time of a challenge");
  return rules;
}
