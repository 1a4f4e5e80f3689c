/**
 * A file of the gateway's rules, as an operator writes it: a row says how much one asker may ask of one route. Nothing is taken over of a
 * file in which anything is wrong.
 */
import {
  gatewayBurstMinutesMax,
  gatewayPerMinuteMax,
  type GatewayRule,
  type GatewayRuleKind,
  gatewayRuleKinds,
  gatewayRulesMax,
} from "@chepiao/contracts";
import { ok, refuse, type Result } from "@chepiao/kernel";

/** A line of the file, cut at its commas. */
export type RulesLine = { readonly line: number; readonly fields: readonly string[] };
export type RulesFault = { readonly line: number; readonly message: string };

/** Declared routes by the name that rules call them; those whose callers are never counted have no rules either. */
export type RoutesToRule = ReadonlyMap<string, { readonly uncounted: boolean }>;

export const ruleColumns = ["route", "who", "per minute", "burst"] as const;

export function readGatewayRules(
  lines: readonly RulesLine[],
  routes: RoutesToRule,
): Result<readonly GatewayRule[], readonly RulesFault[]> {
  const [header, ...rest] = lines;
  if (!header) return refuse([{ line: 1, message: `the file is empty: its first line is ${ruleColumns.join(",")}` }]);
  // As a spreadsheet writes it.
  const names = header.fields.map((name) => name.replace("\uFEFF", "").trim().toLowerCase());
  if (names.join() !== ruleColumns.join())
    return refuse([
      { line: header.line, message: `the columns are ${ruleColumns.join(",")}, and not ${names.join()}` },
    ]);
  if (rest.length > gatewayRulesMax)
    return refuse([{ line: rest[gatewayRulesMax]!.line, message: `at most ${gatewayRulesMax} rules` }]);
  const faults: RulesFault[] = [];
  const rules: GatewayRule[] = [];
  const lineOf = new Map<string, number>();
  for (const { line, fields } of rest) {
    const rule = ruleIn(fields, routes);
    const key = rule.ok ? `${rule.value.route} ${rule.value.who}` : "";
    const before = lineOf.get(key);
    if (!rule.ok) faults.push({ line, message: rule.error });
    else if (before !== undefined)
      faults.push({ line, message: `${rule.value.route} has a rule for ${rule.value.who} in line ${before} already` });
    else {
      lineOf.set(key, line);
      rules.push(rule.value);
    }
  }
  return faults.length > 0 ? refuse(faults) : ok(rules);
}

function ruleIn(fields: readonly string[], routes: RoutesToRule): Result<GatewayRule, string> {
  const [route = "", who = "", rate = "", burstText = "", ...more] = fields.map((field) => field.trim());
  if (more.length > 0 || fields.length < 3) return refuse(`a rule has ${ruleColumns.length} columns`);
  const declared = routes.get(route);
  if (!declared) return refuse(`"${route}" is no route${nearest(route, routes)}`);
  if (declared.uncounted) return refuse(`${route} is asked by few who have much to say, and is never limited`);
  if (!isKind(who)) return refuse(`who is one of ${gatewayRuleKinds.join(", ")}, and not "${who}"`);
  const perMinute = numberIn(rate);
  if (!(perMinute >= 1 && perMinute <= gatewayPerMinuteMax))
    return refuse(`per minute is a whole number from 1 to ${gatewayPerMinuteMax}, and not "${rate}"`);
  const burstMax = perMinute * gatewayBurstMinutesMax;
  // What ten seconds have, as the limits of the listener are.
  const burst = burstText === "" ? Math.ceil(perMinute / 6) : numberIn(burstText);
  if (!(burst >= 1 && burst <= burstMax))
    return refuse(`burst is a whole number from 1 to ${burstMax}, what an hour has, and not "${burstText}"`);
  return ok({ route, who, perMinute, burst });
}

const isKind = (word: string): word is GatewayRuleKind => (gatewayRuleKinds as readonly string[]).includes(word);

const numberIn = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : NaN);

/** Others of the same room, or all rooms: what somebody who mistyped looks for. */
function nearest(route: string, routes: RoutesToRule): string {
  const room = route.split(".")[0]!;
  const same = [...routes.keys()].filter((name) => name.startsWith(`${room}.`));
  if (same.length > 0) return `: those of ${room} are ${same.map((name) => name.slice(room.length + 1)).join(", ")}`;
  const rooms = new Set([...routes.keys()].map((name) => name.split(".")[0]!));
  return `: a route is a room and a name, such as search.tickets; rooms are ${[...rooms].join(", ")}`;
}
