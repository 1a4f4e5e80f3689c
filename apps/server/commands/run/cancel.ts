/**
 * Says that a run does not run, or not all the way, or that it does after all; and what that means for who has a ticket. The platform does the
 * rest.
 */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import { type EpochMs, epochMs, fen, formatMoney, ledgerKeptDays, minuteMs } from "@chepiao/kernel";
import type { RunRefundResult } from "@chepiao/ports/order-store";
import { sleep } from "@chepiao/ports/clock";
import {
  cancelNoticeMs,
  type CancelledRun,
  isLongOver,
  type NotRun,
  operatorSource,
  restoringSource,
} from "@chepiao/ports/run-states";
import { CommandFailed } from "../command.ts";
import { operatorActs } from "../operator.ts";
import { table } from "../table.ts";
import { type Effect, effectOf, effectText, waitingFor } from "./effect.ts";
import { titleOf } from "./shorten.ts";
import type { RunStores } from "./stores.ts";
import { sayReseats } from "./reseated.ts";
import { withdrawnText } from "./withdraw.ts";
import { asTyped, confirmAbove, covers, isSame, noteOf, standing, tell } from "./words.ts";

type Say = (line: string) => void;

const passEndsWithinMs = 3_000;
const failuresSaid = 20;

export type CancelWish = {
  readonly run: RunId;
  /** Of a run that is shortened, the stops at which it does not call; null for all of it. */
  readonly skipped?: NotRun["skipped"];
  readonly reason: string;
  readonly isTrial: boolean;
  /** Up to so many tickets; null where nobody has said. */
  readonly confirmed: number | null;
  /** Before money goes back by itself; where a word grows and nothing is said of it, what is left of the time that was said before. */
  readonly chooseMs?: number | undefined;
};

export async function cancelRun(stores: RunStores, wish: CancelWish, say: Say): Promise<void> {
  const { run, skipped = null, reason, isTrial, confirmed } = wish;
  const notRun = { runId: run, skipped };
  const before = await standing(stores, run);
  const leftMs = before ? choiceLeftMs(before, stores.clock.now()) : 0;
  const chooseMs = wish.chooseMs ?? leftMs;
  refuseUnknown(stores, run, chooseMs);
  if (before) refuseLess(stores, before, notRun);
  if (before && isSame(before.skipped, skipped)) return sayAgain(stores, before, wish, say);

  const effect = await effectOf(stores, notRun);
  for (const line of effectText(titleOf(stores, notRun), effect, stores)) say(line);
  if (leftMs > 0) say(wordOfChoice(leftMs, wish.chooseMs));
  if (isTrial) return say("Nothing was changed.");
  refuseUnconfirmed(effect, confirmed);
  const what = skipped === null ? `cancelled ${run}` : `shortened ${titleOf(stores, notRun)}`;
  await acting(stores, run, `${what}, ${effect.tickets} tickets`, reason, async () => {
    await tell(stores, operatorSource(run), run, skipped, chooseMs);
    await tell(stores, restoringSource(run), run, undefined);
  });
  say(
    skipped === null
      ? `${run} is cancelled: not sold any more from now on, by no process after 2 s.`
      : `${titleOf(stores, notRun)}: nothing beyond is sold from now on, by no process after 2 s.`,
  );
  say(
    `Money begins to go back ${Math.ceil(Math.max(cancelNoticeMs, chooseMs) / 1_000)} s from now, while the platform runs: run status ${asTyped(run)}`,
  );
}

const acting = (
  { auditTrail }: Pick<RunStores, "auditTrail">,
  run: RunId,
  what: string,
  reason: string,
  work: () => Promise<void>,
) => operatorActs(auditTrail, noteOf("cancelRun", run, what, reason), work);

/** Of the time in which people choose for themselves, which they were told of. */
const choiceLeftMs = ({ at, refundsFrom }: CancelledRun, now: EpochMs): number =>
  refundsFrom > at + cancelNoticeMs ? Math.max(0, refundsFrom - now) : 0;

const wordOfChoice = (leftMs: number, chooseMs: number | undefined): string =>
  `People were told that they may choose for ${Math.ceil(leftMs / minuteMs)} min more: ${
    chooseMs === undefined ? "that stands, unless --choose says other hours." : "--choose says otherwise."
  }`;

function refuseUnknown({ timetable, clock }: RunStores, run: RunId, chooseMs: number): void {
  if (!timetable.run(...trainAndDateOf(run))) throw new CommandFailed(`The timetable does not know ${run}.`);
  if (isLongOver(run, clock.now()))
    throw new CommandFailed(
      `${run} was more than ${ledgerKeptDays} days ago: who had seats on it is forgotten by now.`,
    );
  if (isLongOver(run, epochMs(clock.now() + chooseMs)))
    throw new CommandFailed(
      `Nobody's money would go back by itself: when the time to choose is over, who had seats on ${run} is forgotten. Name fewer hours.`,
    );
}

/** What is taken out more is said over what was; whatever is to run again is restored first, as long as nobody's money has gone back. */
function refuseLess(stores: RunStores, before: CancelledRun, wished: NotRun): void {
  if (covers(wished.skipped, before.skipped)) return;
  const { runId } = before;
  throw new CommandFailed(
    before.skipped === null
      ? `${runId} is cancelled. Where a part of it runs after all, restore it first: run restore ${asTyped(runId)}`
      : `It is shortened to less: ${titleOf(stores, before)}. Restore it first: run restore ${asTyped(runId)}`,
  );
}

function refuseUnconfirmed({ tickets }: Effect, confirmed: number | null): void {
  if (tickets <= confirmAbove || (confirmed ?? 0) >= tickets) return;
  throw new CommandFailed(
    confirmed === null
      ? `That are more than ${confirmAbove} tickets: say --confirm ${tickets} to give them all back. Nothing was changed.`
      : `--confirm says ${confirmed} tickets, and now there are ${tickets}. Nothing was changed.`,
  );
}

/** It goes on where its restoring was broken off. */
async function sayAgain(stores: RunStores, before: CancelledRun, wish: CancelWish, say: Say): Promise<void> {
  const { runId, skipped, isRestoring } = before;
  if (!wish.isTrial && isRestoring) {
    await tell(stores, operatorSource(runId), runId, skipped, wish.chooseMs);
    await tell(stores, restoringSource(runId), runId, undefined);
  }
  say(skipped === null ? `${runId} is cancelled already.` : `${titleOf(stores, before)}: it is shortened so already.`);
  return runStatus(stores, runId, say);
}

/**
 * By two words: first that it is being restored, so that nobody's money goes back and nobody buys; when every pass that knew it otherwise has ended,
 * that it runs. Ended between any two of its steps, it is done by saying it again.
 */
export async function restoreRun(stores: RunStores, run: RunId, say: Say): Promise<void> {
  const before = await standing(stores, run);
  if (!before) return forgetFeeds(stores, run, say);
  await refuseIfBegun(stores, before);
  await acting(stores, run, `restored ${run}`, "", async () => {
    await tell(stores, restoringSource(run), run, before.skipped);
    // A pass that had begun before it heard of it ends its few orders.
    await sleep(stores.clock, passEndsWithinMs);
    await refuseIfBegun(stores, (await standing(stores, run)) ?? before);
    await tell(stores, operatorSource(run), run, undefined);
    await stores.runStates.forgetEnded(run);
    await tell(stores, restoringSource(run), run, undefined);
  });
  const runs = before.skipped === null ? "runs" : "runs all the way";
  say(
    `${run} ${runs}, and is sold again where its sale is open. Tickets are given back at the usual fees from now on.`,
  );
  await sayWhoElse(stores, run, say);
}

/** A feed has cancelled it and does not any more: who has a ticket would go on to give it back free. */
async function forgetFeeds({ runStates, auditTrail }: RunStores, run: RunId, say: Say): Promise<void> {
  const ended = (await runStates.cancellationsOf([run])).filter(({ endedAt }) => endedAt !== null);
  if (ended.length === 0) throw new CommandFailed(`No operator has cancelled ${run}.`);
  await acting({ auditTrail }, run, `restored ${run}, as its feed had done`, "", () => runStates.forgetEnded(run));
  say(`${run} had been cancelled by ${ended[0]!.source}: its tickets are given back at the usual fees from now on.`);
}

async function sayWhoElse({ runStates }: RunStores, run: RunId, say: Say): Promise<void> {
  const others = (await runStates.cancellationsOf([run])).filter(({ endedAt }) => endedAt === null);
  for (const { source } of others) say(`It stays cancelled as long as ${source} says so.`);
}

/** Then it goes on to be refunded, whatever a command before this one has left. */
async function refuseIfBegun(stores: RunStores, { runId, skipped }: CancelledRun): Promise<void> {
  const begun = (await stores.orders.runRefunds(runId)).filter(({ ticketCount }) => ticketCount > 0).length;
  if (begun === 0) return;
  await tell(stores, operatorSource(runId), runId, skipped);
  await tell(stores, restoringSource(runId), runId, undefined);
  throw new CommandFailed(
    `Orders of ${runId} have been refunded (${begun}): it stays ${skipped === null ? "cancelled" : "shortened"}. ` +
      "A train that runs after all is sold under another number.",
  );
}

/** @param isWhole a row for each order, and not only of those that are not done */
export async function runStatus(stores: RunStores, run: RunId, say: Say, isWhole = false): Promise<void> {
  const withdrawn = await withdrawnText(stores, run);
  if (withdrawn !== "") say(withdrawn);
  await sayReseats(stores, run, isWhole, say);
  const cancelled = await standing(stores, run);
  if (!cancelled) return say(`No operator has cancelled ${run}.`);
  if (cancelled.isRestoring)
    say(
      `${run} is being restored, and no money goes back. Where that was broken off, say restore or cancel once more.`,
    );
  const results = await stores.orders.runRefunds(run);
  const done = results.filter(({ ticketCount }) => ticketCount > 0);
  const left = await stores.orders.holdersOn(run, cancelled.skipped);
  const waiting = await waitingFor(stores.waitlist, cancelled);
  const amount = done.reduce((sum, { amountFen }) => sum + amountFen, 0);
  say(
    `${titleOf(stores, cancelled)}: ${done.length} orders refunded, ${ticketsOf(done)} tickets, ` +
      `${formatMoney(fen(amount), { language: "en", currency: stores.currency })}; ` +
      `orders left: ${left.length}; ${waiting} wait for it.`,
  );
  const open = new Set<number>(left);
  if (isWhole) sayRefunds(results, open, stores, say);
  const failed = isWhole ? [] : results.filter(({ orderId, why }) => why !== null && open.has(orderId));
  if (failed.length === 0) return;
  const rows = failed.slice(0, failuresSaid).map(({ orderId, why }) => [String(orderId), why!]);
  for (const line of table([["order", "why it is not done yet"], ...rows])) say(`  ${line}`);
  if (failed.length > failuresSaid) say(`  and ${failed.length - failuresSaid} more`);
}

/** A row for each order, also for those that are left. */
function sayRefunds(
  results: readonly RunRefundResult[],
  open: ReadonlySet<number>,
  { currency }: RunStores,
  say: Say,
): void {
  const known = new Set<number>(results.map(({ orderId }) => orderId));
  const rows = results.map(({ orderId, ticketCount, amountFen, why }) => [
    String(orderId),
    String(ticketCount),
    formatMoney(amountFen, { language: "en", currency }),
    open.has(orderId) ? (why ?? "not yet") : "done",
  ]);
  const left = [...open]
    .filter((orderId) => !known.has(orderId))
    .map((orderId) => [String(orderId), "0", "", "not yet"]);
  for (const line of table([["order", "tickets", "went back", ""], ...rows, ...left])) say(`  ${line}`);
}

const ticketsOf = (results: readonly RunRefundResult[]) =>
  results.reduce((sum, { ticketCount }) => sum + ticketCount, 0);
