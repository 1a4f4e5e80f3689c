/**
 * The gateway's rules as they are stored: versions that nothing changes, of which the newest is in force. Gateways have no database: they ask
 * for it, and tell what they had to do, so that a rule can be tried on what was asked before it is set.
 */
import type { GatewayRules, GatewayRulesClient, GatewayRulesVersion } from "@chepiao/contracts";
import { assert, type EpochMs, epochMs, minuteMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { type GatewayStore, usageKeptMinutes } from "@chepiao/ports/gateway-store";

export { tryRules } from "./dryRun.ts";
export { readGatewayRules, type RoutesToRule, ruleColumns } from "./rulesFile.ts";

export type GatewayRulesDeps = { readonly store: GatewayStore; readonly clock: Pick<Clock, "now"> };

export const createGatewayRules = ({ store, clock }: GatewayRulesDeps): { readonly client: GatewayRulesClient } => ({
  client: {
    async exchange(known, usage) {
      if (usage) await store.addUsage(usage, epochMs(clock.now() - usageKeptMinutes * minuteMs));
      const { version, rules } = (await store.newest()) ?? noRules;
      return version === known ? null : { version, rules };
    },
  },
});

const noRules = { version: 0, rules: [] } as const;

type Change = { readonly operator: string; readonly now: EpochMs };

/** Puts rules in force after the version that the operator has seen. Null where somebody else was quicker. */
export const setRules = (
  store: GatewayStore,
  { rules, seen, ...by }: Change & { readonly rules: GatewayRules; readonly seen: number },
): Promise<GatewayRulesVersion | null> => add(store, { ...by, version: seen + 1, rulesOf: seen + 1, rules });

/** An undo so soon after another may be meant for the same rules: two operators see one fault. */
const sameUndoMs = minuteMs;

/** Why the newest rules are not taken back: there are none, others than were meant are in force, or they were taken back just now. */
type NotUndone = "nothing" | "another" | "justUndone";

/** `of`: the version that is meant; null where none was named. */
export function whyNotUndone(
  newest: GatewayRulesVersion | null,
  { of, now }: { readonly of: number | null; readonly now: EpochMs },
): NotUndone | null {
  if (of !== null && of !== (newest?.version ?? 0)) return "another";
  if (!newest || newest.rulesOf === 0) return "nothing";
  const isUndo = newest.rulesOf !== newest.version;
  return of === null && isUndo && now - newest.at < sameUndoMs ? "justUndone" : null;
}

/**
 * Brings back what was in force before the newest rules were set; a second time, what was before that. Nothing is forgotten: it is a version
 * of its own. Null where somebody else was quicker.
 */
export async function undoRules(
  store: GatewayStore,
  { newest, ...by }: Change & { readonly newest: GatewayRulesVersion },
): Promise<GatewayRulesVersion | null> {
  assert(newest.rulesOf > 0, "there is nothing before no rules");
  // Who set those had the version before them in force, whatever that had brought back.
  const before = newest.rulesOf === 1 ? null : await store.find(newest.rulesOf - 1);
  return add(store, { ...by, version: newest.version + 1, rulesOf: before?.rulesOf ?? 0, rules: before?.rules ?? [] });
}

type Added = Change & Pick<GatewayRulesVersion, "version" | "rulesOf" | "rules">;

async function add(store: GatewayStore, { now, ...rest }: Added): Promise<GatewayRulesVersion | null> {
  const version: GatewayRulesVersion = { ...rest, at: now };
  return (await store.add(version)) ? version : null;
}
