/** What blocked accounts say against it, and what they are answered. */
import { formatInZone, secondMs } from "@chepiao/kernel";
import { blocksFreshMs } from "@chepiao/services/risk";
import { CommandFailed } from "../command.ts";
import { operatorActs, operatorLooks } from "../operator.ts";
import type { StoresBeside } from "../stores.ts";
import { lineOf, written } from "./blocks.ts";

type Say = (line: string) => void;
type Answer = { readonly reference: string; readonly isGranted: boolean; readonly answer: string };

const appealsMax = 200;

export async function listAppeals(beside: StoresBeside, isOpenOnly: boolean, say: Say): Promise<void> {
  const { stores, auditTrail, clock } = beside;
  await operatorLooks(auditTrail, { action: "readRisk", what: isOpenOnly ? "appeals that wait" : "appeals" });
  const blocks = new Map((await stores.risk.blocks(clock.now())).map((block) => [block.blockId, block]));
  const found = await stores.risk.appeals(isOpenOnly ? "open" : "all", appealsMax);
  const appeals = isOpenOnly ? found.filter(({ blockId }) => blocks.has(blockId)) : found;
  if (appeals.length === 0) return say(isOpenOnly ? "No appeal waits for an answer." : "There are no appeals.");
  for (const appeal of appeals) {
    const block = blocks.get(appeal.blockId);
    say(
      `${appeal.blockId}  account ${appeal.userId}  ${formatInZone(appeal.at, beside.timetable.zone)}: “${appeal.text}”`,
    );
    if (block) say(`  ${lineOf(block, beside)}`);
    const { outcome, answer } = appeal;
    if (outcome !== "open") say(`  ${outcome}: ${answer}`);
    else if (!block) say("  the block ended before anybody answered");
  }
  if (found.length === appealsMax) say(`There may be more than these ${appealsMax}.`);
}

export async function decideAppeals(beside: StoresBeside, decision: Answer, say: Say): Promise<void> {
  const { reference, isGranted, answer } = decision;
  const { stores, auditTrail, clock } = beside;
  const block = (await stores.risk.blocks(clock.now())).find(({ blockId }) => blockId === reference);
  if (!block) throw new CommandFailed(`No block that holds now has the reference ${reference}.`);
  const note = {
    action: "changeBlocks",
    subject: written(block.subject),
    what: `${isGranted ? "grant" : "refuse"} appeals against ${reference}`,
    reason: answer,
  } as const;
  const count = await operatorActs(auditTrail, note, async () => {
    const decided = await stores.risk.decideAppeals(reference, { isGranted, answer, at: clock.now() });
    if (decided === 0) throw new CommandFailed(`No appeal against ${reference} waits for an answer.`);
    return decided;
  });
  say(`${count} ${count === 1 ? "appeal" : "appeals"} against ${reference}: ${isGranted ? "granted" : "refused"}.`);
  if (isGranted) say(`From ${blocksFreshMs / secondMs} s from now ${block.subject} may buy again.`);
}
