/** Blocks somebody, takes it back, and says who is blocked. */
import { randomBytes } from "node:crypto";
import { epochMs, formatInZone, hourMs, secondMs, truncatedAddress } from "@chepiao/kernel";
import type { BlockSubject, RiskBlock } from "@chepiao/ports/risk-store";
import { blocksFreshMs } from "@chepiao/services/risk";
import { CommandFailed } from "../command.ts";
import { operatorActs } from "../operator.ts";
import type { StoresBeside } from "../stores.ts";

type Say = (line: string) => void;
type Wish = { readonly subject: BlockSubject; readonly reason: string; readonly hours: number | null };

export async function blockSubject(beside: StoresBeside, { subject, reason, hours }: Wish, say: Say): Promise<void> {
  const since = beside.clock.now();
  const block: RiskBlock = {
    blockId: randomBytes(6).toString("hex").toUpperCase(),
    subject,
    reason,
    since,
    until: hours === null ? null : epochMs(since + hours * hourMs),
  };
  const note = {
    action: "changeBlocks",
    subject: written(subject),
    what: `block as ${block.blockId}`,
    reason,
  } as const;
  await operatorActs(beside.auditTrail, note, () => beside.stores.risk.block(block));
  say(lineOf(block, beside));
  say(`From ${blocksFreshMs / secondMs} s from now it holds everywhere.`);
}

export async function unblockSubject(beside: StoresBeside, subject: BlockSubject, say: Say): Promise<void> {
  const note = { action: "changeBlocks", subject: written(subject), what: "unblock" } as const;
  await operatorActs(beside.auditTrail, note, async () => {
    if (!(await beside.stores.risk.unblock(subject))) throw new CommandFailed(`${subject} is not blocked.`);
  });
  say(`${subject} may buy again.`);
}

export async function listBlocks(beside: StoresBeside, say: Say): Promise<void> {
  const blocks = await beside.stores.risk.blocks(beside.clock.now());
  if (blocks.length === 0) return say("Nobody is blocked.");
  for (const block of blocks) say(lineOf(block, beside));
}

/** Security events say where an address lies, not which one it is; who is blocked stands in the list. */
export function written(subject: BlockSubject): string {
  const [kind, name = ""] = subject.split(" ");
  return kind === "address" ? `an address in ${truncatedAddress(name.replace(/\/\d+$/, ""))}` : subject;
}

export function lineOf(
  { blockId, subject, reason, since, until }: RiskBlock,
  { timetable: { zone } }: StoresBeside,
): string {
  const end = until === null ? "until it is taken back" : `until ${formatInZone(until, zone)}`;
  return `${blockId}  ${subject}  blocked since ${formatInZone(since, zone)}, ${end}: ${reason}`;
}
