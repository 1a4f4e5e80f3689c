/** What rules would have refused of the requests that gateways had, by how many each asker made in a minute. */
import type { GatewayRule, GatewayUsage } from "@chepiao/contracts";

export type RuleTrial = {
  readonly rule: GatewayRule;
  /** Requests that it would have counted. */
  readonly requests: number;
  /** At least so many of them would have been refused: as many as go beyond what the rate and a whole burst let through in each minute. */
  readonly refused: number;
  /** Askers by minute, of whom at least one request would have been refused. */
  readonly askerMinutes: number;
};

/** Each process counts by itself, and so does a rule. */
export function tryRules(rules: readonly GatewayRule[], usages: readonly GatewayUsage[]): readonly RuleTrial[] {
  const all = usages.flatMap(({ routes }) => routes);
  return rules.map((rule) => {
    const counted = all.filter(({ route, who }) => route === rule.route && who === rule.who);
    const most = rule.perMinute + rule.burst;
    let [requests, refused, askerMinutes] = [0, 0, 0];
    for (const [askers, made] of counted.flatMap(({ buckets }) => buckets)) {
      requests += made;
      // Of askers that had about as many requests as each other, so that their average is theirs.
      const beyond = made - askers * most;
      if (beyond <= 0) continue;
      refused += beyond;
      askerMinutes += askers;
    }
    return { rule, requests, refused, askerMinutes };
  });
}
