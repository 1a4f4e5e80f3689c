/** What rules would have refused of the requests that gateways had, by how many each asker made in a minute. */
import type { GatewayRule, GatewayUsage, RouteUsage } from "@chepiao/contracts";
import { minuteMs } from "@chepiao/kernel";

export type RuleTrial = {
  readonly rule: GatewayRule;
  /** Requests that it would have counted. */
  readonly requests: number;
  /** At least so many of them would have been refused: as many as go beyond what a whole burst, and the rate from the first request to the last, let through. */
  readonly refused: number;
  /** Askers by minute, of whom at least one request would have been refused. */
  readonly askerMinutes: number;
};

/** Each process counts by itself, and so does a rule. */
export function tryRules(rules: readonly GatewayRule[], usages: readonly GatewayUsage[]): readonly RuleTrial[] {
  // How long it was is not known of what an earlier version told: nothing is said to be refused of that.
  const all = usages.flatMap(({ routes, spanMs = Infinity }) => routes.map((each) => ({ ...each, spanMs })));
  return rules.map((rule) => {
    const counted = all.filter(({ route, who }) => route === rule.route && who === rule.who);
    let [requests, refused, askerMinutes] = [0, 0, 0];
    for (const { askers, made, spanMs } of counted.flatMap(bucketsOf)) {
      requests += made;
      // Of askers that had about as many requests as each other, so that their average is theirs.
      const most = (rule.perMinute * spanMs) / minuteMs + rule.burst;
      const beyond = Math.floor(made - askers * most);
      if (beyond <= 0) continue;
      refused += beyond;
      askerMinutes += askers;
    }
    return { rule, requests, refused, askerMinutes };
  });
}

const bucketsOf = ({ buckets, spanMs }: RouteUsage & { readonly spanMs: number }) =>
  buckets.map(([askers, made]) => ({ askers, made, spanMs }));
