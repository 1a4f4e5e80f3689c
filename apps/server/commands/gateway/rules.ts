/** Reads, tries, sets, shows and takes back the gateway's rules. */
import { type GatewayRules, type GatewayRulesVersion, ruleNameOf } from "@chepiao/contracts";
import { epochMs, formatInZone, minuteMs, type ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { GatewayStore } from "@chepiao/ports/gateway-store";
import {
  readGatewayRules,
  type RoutesToRule,
  ruleColumns,
  setRules,
  tryRules,
  undoRules,
  whyNotUndone,
} from "@chepiao/services/gatewayRules";
import { rooms } from "../../rooms/index.ts";
import { CommandFailed } from "../command.ts";
import { csvRowsIn, faultTexts } from "../csvFile.ts";
import { operatorActs, operatorName, type OperatorTrail } from "../operator.ts";
import { table } from "../table.ts";

type Beside = {
  readonly rules: GatewayStore;
  readonly auditTrail: OperatorTrail;
  readonly clock: Pick<Clock, "now">;
  readonly zone: ZoneName;
};
type Say = (line: string) => void;

const historyMax = 50;
const quicker = "Somebody else has set rules meanwhile. Look again: gateway rules show.";

/** Which version it is goes beside the file, so that what is shown can be kept as one. */
export async function showRules(
  { rules: store, zone }: Beside,
  version: number | null,
  { say, sayBeside }: { readonly say: Say; readonly sayBeside: Say },
): Promise<void> {
  const found = version === null ? await store.newest() : await store.find(version);
  if (!found && version !== null) throw new CommandFailed(`There is no version ${version}: see gateway rules history.`);
  sayBeside(found ? whoSet(found, zone) : "Version 0: no rules were ever set.");
  for (const line of linesOf(found?.rules ?? [])) say(line);
}

/** `after`: the version that the operator has seen; null where none was named. */
export async function setRulesFrom(
  beside: Beside,
  { path, after }: { readonly path: string; readonly after: number | null },
  say: Say,
): Promise<void> {
  const rules = rulesIn(path);
  const before = await beside.rules.newest();
  if (JSON.stringify(before?.rules ?? []) === JSON.stringify(rules)) return say("These rules are in force already.");
  const seen = before?.version ?? 0;
  if (after !== null && after !== seen) throw new CommandFailed(anotherText(before, after, beside.zone));
  const set = await changing(beside, `set ${countText(rules)} from ${path}`, before, () =>
    setRules(beside.rules, { rules, seen, operator: operatorName(), now: beside.clock.now() }),
  );
  say(`Version ${set.version}: ${countText(rules)}. Every process that takes requests knows of it in two seconds.`);
}

/** `of`: the version that the operator wants to take back; null where none was named. */
export async function undoNewest(beside: Beside, of: number | null, say: Say): Promise<void> {
  const newest = await beside.rules.newest();
  const now = beside.clock.now();
  const why = whyNotUndone(newest, { of, now });
  if (why === "another") throw new CommandFailed(anotherText(newest, of!, beside.zone));
  if (newest === null || why === "nothing")
    throw new CommandFailed("No rules were in force before: there is nothing to bring back.");
  if (why === "justUndone")
    throw new CommandFailed(
      [
        "Somebody has just taken rules back, perhaps the same that you mean.",
        whoSet(newest, beside.zone),
        `To go back behind it, too: gateway rules undo --of ${newest.version}.`,
      ].join("\n"),
    );
  const undone = await changing(beside, `bring back what was in force before version ${newest.version}`, newest, () =>
    undoRules(beside.rules, { newest, operator: operatorName(), now }),
  );
  say(`Version ${undone.version}: ${contentText(undone)}.`);
}

export async function showHistory({ rules: store, zone }: Beside, say: Say): Promise<void> {
  const versions = await store.latest(historyMax);
  if (versions.length === 0) return say("No rules were ever set: each process has its limits from its settings.");
  const rows = versions.map((each) => [
    String(each.version),
    formatInZone(each.at, zone),
    each.operator,
    contentText(each),
  ]);
  for (const line of table([["version", "set at", "by", "what"], ...rows])) say(line);
}

export async function tryRulesFrom(
  beside: Beside,
  { path, minutes }: { readonly path: string; readonly minutes: number },
  say: Say,
): Promise<void> {
  const rules = rulesIn(path);
  const usages = await beside.rules.usageSince(epochMs(beside.clock.now() - minutes * minuteMs));
  if (usages.length === 0)
    throw new CommandFailed(
      `No request of the last ${minutes} minutes is known here: each process that takes requests tells of a minute once it is over.`,
    );
  const trials = tryRules(rules, usages);
  const rows = trials.map(({ rule, requests, refused, askerMinutes }) => [
    `${rule.route} ${rule.who}`,
    String(rule.perMinute),
    String(rule.burst),
    String(requests),
    String(refused),
    String(askerMinutes),
  ]);
  const header = ["rule", "per minute", "burst", "requests", "refused at least", "askers"];
  for (const line of table([header, ...rows], { numbers: true })) say(line);
  const uncounted = usages.reduce((sum, each) => sum + each.uncounted, 0);
  if (uncounted > 0)
    say(`${uncounted} requests of further askers are not among them: there were too many to keep apart.`);
  say("askers: how many had a request refused, each counted once a minute. Nothing was changed.");
}

/** Refused where somebody else was quicker. */
const changing = (
  { auditTrail }: Beside,
  what: string,
  before: GatewayRulesVersion | null,
  change: () => Promise<GatewayRulesVersion | null>,
): Promise<GatewayRulesVersion> =>
  operatorActs(
    auditTrail,
    { action: "changeGatewayRules", what, before: `version ${before?.version ?? 0}` },
    async () => {
      const changed = await change();
      if (changed === null) throw new CommandFailed(quicker);
      return changed;
    },
    ({ version }) => `version ${version}`,
  );

const countText = (rules: GatewayRules) => (rules.length === 1 ? "1 rule" : `${rules.length} rules`);

const contentText = ({ version, rulesOf, rules }: GatewayRulesVersion): string =>
  rulesOf === version
    ? countText(rules)
    : rulesOf === 0
      ? "back to no rules"
      : `back to version ${rulesOf}: ${countText(rules)}`;

const whoSet = (version: GatewayRulesVersion, zone: ZoneName): string =>
  `Version ${version.version}: ${contentText(version)}, set by ${version.operator} at ${formatInZone(version.at, zone)}.`;

const anotherText = (newest: GatewayRulesVersion | null, meant: number, zone: ZoneName): string =>
  [
    `Version ${meant} is not what is in force: nothing was changed. Look again: gateway rules show.`,
    newest ? whoSet(newest, zone) : "No rules were ever set.",
  ].join("\n");

const linesOf = (rules: GatewayRules): readonly string[] => [
  ruleColumns.join(),
  ...rules.map(({ route, who, perMinute, burst }) => [route, who, perMinute, burst].join()),
];

/** What rooms declare. */
const routesToRule = (): RoutesToRule =>
  new Map(
    rooms.flatMap(({ routes = {} }) =>
      Object.entries(routes).map(
        ([name, spec]) => [ruleNameOf(name, spec), { uncounted: spec.uncounted === true }] as const,
      ),
    ),
  );

/** As many rules as there may be take no more than this. */
const fileLengthMax = 256 * 1_024;

/** @throws CommandFailed with everything that is wrong with the file */
function rulesIn(path: string): GatewayRules {
  const rules = readGatewayRules(csvRowsIn(path, fileLengthMax), routesToRule());
  if (!rules.ok)
    throw new CommandFailed([`${path}: nothing of it is in force.`, ...faultTexts(rules.error)].join("\n"));
  return rules.value;
}
