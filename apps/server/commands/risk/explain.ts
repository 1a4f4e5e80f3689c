/** By which rules purchases are judged, and why those of an account were turned away. */
import { type RiskRule, riskSignals } from "@chepiao/contracts";
import { formatInZone, type UserId } from "@chepiao/kernel";
import type { RiskDecision } from "@chepiao/ports/risk-store";
import { riskRulesOf } from "@chepiao/services/risk";
import { CommandFailed } from "../command.ts";
import { operatorLooks } from "../operator.ts";
import type { StoresBeside } from "../stores.ts";
import { table } from "../table.ts";
import { lineOf } from "./blocks.ts";

type Say = (line: string) => void;
const decisionsMax = 50;

const decidedAs: Readonly<Record<RiskDecision["decided"], string>> = {
  allow: "was let through",
  challenge: "needed a challenge",
  solved: "was let through by a solved challenge",
  refuse: "was refused for a minute",
  blocked: "was blocked",
};

export async function explainAccount(beside: StoresBeside, userId: UserId, say: Say): Promise<void> {
  const { stores, auditTrail, clock, timetable } = beside;
  await operatorLooks(auditTrail, {
    action: "readRisk",
    subject: `account ${userId}`,
    what: "decisions about its purchases",
  });
  const [block] = (await stores.risk.blocks(clock.now())).filter(({ subject }) => subject === `account ${userId}`);
  if (block) say(`Account ${userId} is blocked as ${block.blockId}: ${block.reason}`);
  const decisions = await stores.risk.decisionsOf(userId, decisionsMax);
  if (decisions.length === 0) return say(`Nothing was decided against purchases of account ${userId} lately.`);
  for (const { at, decided, mode, points, reasons } of decisions) {
    const tried = mode === "dryRun" ? " (dry run: it went on)" : "";
    say(`${formatInZone(at, timetable.zone)}  ${decidedAs[decided]}${tried}${points > 0 ? `, ${points} points` : ""}`);
    if (reasons.length === 0) continue;
    const rows = reasons.map((each) => [`+${each.points}`, String(Math.floor(each.value)), riskSignals[each.signal]]);
    for (const line of table(rows)) say(`  ${line}`);
  }
}

/** Of the reference that somebody reads who may not buy. */
export async function explainBlock(beside: StoresBeside, reference: string, say: Say): Promise<void> {
  const { stores, auditTrail, clock } = beside;
  await operatorLooks(auditTrail, {
    action: "readRisk",
    subject: `block ${reference}`,
    what: "whom it blocks, and why",
  });
  const block = (await stores.risk.blocks(clock.now())).find(({ blockId }) => blockId === reference);
  if (!block) throw new CommandFailed(`No block that holds now has the reference ${reference}.`);
  say(lineOf(block, beside));
}

export function showRules({ timetable }: StoresBeside, say: Say): void {
  const { mode, rules, challengePoints, refusePoints, workBits } = riskRulesOf(timetable.policy);
  say(`Purchases are judged: ${mode}`);
  if (mode === "off" || rules.length === 0) return;
  say(
    `A challenge (${workBits} bits of work) from ${challengePoints} points on, refused from ${refusePoints} points on.`,
  );
  for (const line of table(rules.map((rule) => [`+${rule.points}`, boundsOf(rule), riskSignals[rule.signal]])))
    say(`  ${line}`);
}

const boundsOf = ({ over, under }: RiskRule): string =>
  [over === undefined ? [] : [`over ${over}`], under === undefined ? [] : [`under ${under}`]].flat().join(", ");
