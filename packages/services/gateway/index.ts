/**
 * What a process that takes requests knows of the rules for them, and what it had of requests. Rules are asked for every second; while
 * nobody answers, those that are known stay in force. A process that was just started has none until it has heard of them.
 */
import type { GatewayRule, GatewayRuleKind, GatewayRules, GatewayRulesClient, GatewayUsage } from "@chepiao/contracts";
import { minuteMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Allowance } from "@chepiao/ports/rate-limiter";
import { type CountRequest, createUsage } from "./usage.ts";

export const rulesFreshMs = secondMs;
/** Of minutes that nobody could be told of: those before are lost to dry runs. */
const untoldMax = 5;

/** A rule as requests are held to it. */
export type RuleInForce = {
  readonly who: GatewayRuleKind;
  readonly allowance: Allowance;
  /** Begins what tries are counted under: a rule that says something else begins anew. */
  readonly key: string;
  /** How many it has refused. */
  refused: number;
};

export type GatewayDeps = {
  readonly rules: GatewayRulesClient;
  readonly clock: Pick<Clock, "now">;
  /** The name of this process or thread. */
  readonly source: string;
};

/** One for each route that was asked for, whose rules are replaced. */
export type RouteLimits = { rules: readonly RuleInForce[]; readonly count: CountRequest };
export type RouteRules = { of(route: string): RouteLimits };

export type GatewayRoom = {
  readonly routeRules: RouteRules;
  exchange(): Promise<void>;
  version(): number;
  /** Since the start, also by rules that are no more. */
  refusals(): readonly { readonly route: string; readonly who: GatewayRuleKind; readonly count: number }[];
};

export function createGatewayRoom({ rules, clock, source }: GatewayDeps): GatewayRoom {
  let version = 0;
  let inForce: ReadonlyMap<string, readonly RuleInForce[]> = new Map();
  const limits = new Map<string, RouteLimits>();
  const past = new Map<string, number>();
  const usage = createUsage(clock.now());
  let takenAt = clock.now();
  const untold: GatewayUsage[] = [];

  function endMinute(): void {
    const now = clock.now();
    // A clock that was set back does not make a minute last until it has caught up.
    if (now >= takenAt && now - takenAt < minuteMs) return;
    takenAt = now;
    const taken = usage.take(now);
    if (taken) untold.push({ ...taken, source });
    if (untold.length > untoldMax) untold.shift();
  }

  function put(newer: { readonly version: number; readonly rules: GatewayRules }): void {
    for (const [route, each] of inForce)
      for (const { who, refused } of each) past.set(`${route} ${who}`, (past.get(`${route} ${who}`) ?? 0) + refused);
    version = newer.version;
    inForce = mapOf(newer.rules);
    for (const [route, each] of limits) each.rules = inForce.get(route) ?? none;
  }

  function limitsOf(route: string): RouteLimits {
    const found = limits.get(route) ?? { rules: inForce.get(route) ?? none, count: usage.of(route) };
    limits.set(route, found);
    return found;
  }

  return {
    routeRules: { of: limitsOf },
    async exchange() {
      endMinute();
      const telling = untold[0] ?? null;
      const newer = await rules.exchange(version, telling);
      if (telling && untold[0] === telling) untold.shift();
      if (newer) put(newer);
    },
    version: () => version,
    refusals() {
      const counts = new Map(past);
      for (const [route, each] of inForce)
        for (const { who, refused } of each)
          counts.set(`${route} ${who}`, (counts.get(`${route} ${who}`) ?? 0) + refused);
      return [...counts].map(([key, count]) => {
        const [route, who] = key.split(" ") as [string, GatewayRuleKind];
        return { route, who, count };
      });
    },
  };
}

const none: readonly RuleInForce[] = [];

const mapOf = (rules: GatewayRules): ReadonlyMap<string, readonly RuleInForce[]> =>
  new Map([...Map.groupBy(rules, ({ route }) => route)].map(([route, each]) => [route, each.map(ruleInForce)]));

const ruleInForce = ({ route, who, perMinute, burst }: GatewayRule): RuleInForce => ({
  who,
  allowance: { triesMax: burst, windowMs: (burst * minuteMs) / perMinute },
  key: `${route} ${who} ${perMinute} ${burst} `,
  refused: 0,
});
