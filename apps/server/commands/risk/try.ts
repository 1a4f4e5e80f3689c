/** What other rules would have decided of purchases that were judged and recorded. Changes nothing. */
import { readFileSync } from "node:fs";
import { type RiskPolicy, riskSignals } from "@chepiao/contracts";
import { epochMs, formatInZone, hourMs } from "@chepiao/kernel";
import type { RiskDecision } from "@chepiao/ports/risk-store";
import { readPolicy } from "@chepiao/services/policy";
import { type RiskRules, rulesIn, verdictOf } from "@chepiao/services/risk";
import { CommandFailed, UsageError } from "../command.ts";
import { operatorLooks } from "../operator.ts";
import type { StoresBeside } from "../stores.ts";
import { table } from "../table.ts";

type Say = (line: string) => void;
type Wish = { readonly file: string | null; readonly hours: number };

/** What fits into memory at once: of more the newest. */
const decisionsMax = 100_000;
const examplesMax = 10;

export async function tryRules(beside: StoresBeside, { file, hours }: Wish, say: Say): Promise<void> {
  const { stores, auditTrail, clock, timetable } = beside;
  const risk = file === null ? timetable.policy.policy.risk : riskOf(file);
  if (!risk) throw new UsageError(`${file ?? "The policy in force"} has no rules of risk: { "risk": { "mode": … } }.`);
  await operatorLooks(auditTrail, {
    action: "readRisk",
    subject: "all accounts",
    what: `rules tried on decisions of ${hours} hours`,
  });
  const decisions = await stores.risk.decisionsSince(epochMs(clock.now() - hours * hourMs), decisionsMax);
  const measured = decisions.filter(({ signals }) => signals !== null);
  if (measured.length === 0)
    throw new CommandFailed(
      `Nothing was recorded in the last ${hours} hours. With "recordOneIn" in the policy, also purchases that are let through are.`,
    );
  if (decisions.length === decisionsMax) say(`The newest ${decisionsMax} decisions are looked at; there are more.`);
  const rules = rulesIn(risk);
  const judged = measured.map((decision) => ({ decision, ...judgedBy(decision, rules) }));
  say(`${measured.length} recorded purchases of the last ${hours} hours, by ${file ?? "the rules in force"}:`);
  for (const line of table(countsOf(judged), { numbers: true })) say(`  ${line}`);
  for (const line of rulesThatCount(judged)) say(`  ${line}`);
  const changed = judged.filter(({ decision, after }) => beforeOf(decision) !== after);
  if (changed.length === 0) return say("Nobody's purchase would have been decided otherwise.");
  say("Decided otherwise, the newest first:");
  for (const { decision, after, points } of changed.slice(0, examplesMax))
    say(
      `  ${formatInZone(decision.at, timetable.zone)}  account ${decision.userId}: ` +
        `${beforeOf(decision)}, ${decision.points} points → ${after}, ${points} points`,
    );
  if (changed.length > examplesMax) say(`  … and ${changed.length - examplesMax} more`);
}

const outcomes = ["allow", "challenge", "refuse"] as const;
type Outcome = (typeof outcomes)[number];
type Judged = ReturnType<typeof judgedBy> & { readonly decision: RiskDecision };

function judgedBy({ signals }: RiskDecision, rules: RiskRules) {
  const { kind, points, reasons } = verdictOf(signals!, rules);
  return { after: kind, points, reasons };
}

/** A challenge that was solved had been asked for all the same. */
const beforeOf = ({ decided }: RiskDecision): Outcome =>
  decided === "solved" ? "challenge" : decided === "blocked" ? "allow" : decided;

function countsOf(judged: readonly Judged[]): string[][] {
  const count = (is: (each: Judged) => boolean) => String(judged.filter(is).length);
  return [
    ["as decided", ...outcomes.map((outcome) => `→ ${outcome}`)],
    ...outcomes.map((before) => [
      before,
      ...outcomes.map((after) => count((each) => beforeOf(each.decision) === before && each.after === after)),
    ]),
  ];
}

function rulesThatCount(judged: readonly Judged[]): string[] {
  const counts = new Map<string, number>();
  for (const { reasons } of judged) for (const { signal } of reasons) counts.set(signal, (counts.get(signal) ?? 0) + 1);
  const rows = [...counts].toSorted((a, b) => b[1] - a[1]);
  if (rows.length === 0) return ["no rule counts for any of them"];
  return table(rows.map(([signal, count]) => [`${count} times`, riskSignals[signal as keyof typeof riskSignals]]));
}

function riskOf(file: string): RiskPolicy | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const policy = readPolicy(text);
  if (!policy.ok) throw new UsageError([`${file}:`, ...policy.error.map((fault) => `  ${fault}`)].join("\n"));
  return policy.value.risk;
}
