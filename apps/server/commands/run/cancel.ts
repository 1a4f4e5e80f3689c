/**
 * Says that a run does not run, or not all the way, or that it does after all; and what that means for who has a ticket. The platform does the
 * rest.
 */
import type { RunId } from "@chepiao/contracts";
import { fen, formatMoney, minuteMs } from "@chepiao/kernel";
import type { RunRefundResult } from "@chepiao/ports/order-store";
import { cancelNoticeMs, type NotRun } from "@chepiao/ports/run-states";
import {
  cancelledBy,
  type CancelPlan,
  cancelUnconfirmed,
  planCancel,
  planRestore,
  type RefundProgress,
  refundProgress,
  type RunEffect,
  sayCancelled,
  sayRestored,
  titleOf,
} from "@chepiao/services/operations";
import { table } from "../table.ts";
import { sayReseats } from "./reseated.ts";
import type { RunStores } from "./stores.ts";
import { withdrawnText } from "./withdraw.ts";
import { acting, asTyped, depsOf, failIf, noteOf, orFail } from "./words.ts";

type Say = (line: string) => void;

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
  const { run, skipped = null, reason, isTrial, confirmed, chooseMs } = wish;
  const deps = depsOf(stores);
  const plan = orFail(stores, await planCancel(deps, { run, skipped, chooseMs }));
  if (!plan.effect) return sayAgain(stores, plan, isTrial, say);

  const title = titleOf(stores, { runId: run, skipped });
  for (const line of effectText(title, plan.effect, stores)) say(line);
  if (plan.leftMs > 0) say(wordOfChoice(plan.leftMs, chooseMs));
  if (isTrial) return say("Nothing was changed.");
  failIf(stores, cancelUnconfirmed(plan, confirmed));
  const what = skipped === null ? `cancelled ${run}` : `shortened ${title}`;
  const note = noteOf("cancelRun", run, `${what}, ${plan.effect.tickets} tickets`, reason);
  await acting(stores, note, () => sayCancelled(deps, plan));
  say(
    skipped === null
      ? `${run} is cancelled: not sold any more from now on, by no process after 2 s.`
      : `${title}: nothing beyond is sold from now on, by no process after 2 s.`,
  );
  say(
    `Money begins to go back ${Math.ceil(Math.max(cancelNoticeMs, plan.chooseMs) / 1_000)} s from now, while the platform runs: run status ${asTyped(run)}`,
  );
}

const wordOfChoice = (leftMs: number, chooseMs: number | undefined): string =>
  `People were told that they may choose for ${Math.ceil(leftMs / minuteMs)} min more: ${
    chooseMs === undefined ? "that stands, unless --choose says other hours." : "--choose says otherwise."
  }`;

const effectText = (title: string, effect: RunEffect, { currency }: RunStores): readonly string[] =>
  table([
    [title, ""],
    ["paid orders", String(effect.orders)],
    ["tickets", String(effect.tickets)],
    ["passengers", String(effect.passengers)],
    ["money that goes back", formatMoney(fen(effect.amountFen), { language: "en", currency })],
    ["orders that wait for their money", String(effect.unpaid)],
    ["who wait for seats", String(effect.waiting)],
  ]);

/** It goes on where its restoring was broken off. */
async function sayAgain(stores: RunStores, plan: CancelPlan, isTrial: boolean, say: Say): Promise<void> {
  const { run, skipped, before } = plan;
  if (!isTrial && before?.isRestoring) orFail(stores, await sayCancelled(depsOf(stores), plan));
  say(
    skipped === null
      ? `${run} is cancelled already.`
      : `${titleOf(stores, { runId: run, skipped })}: it is shortened so already.`,
  );
  return runStatus(stores, run, say);
}

export async function restoreRun(stores: RunStores, run: RunId, say: Say): Promise<void> {
  const deps = depsOf(stores);
  const plan = orFail(stores, await planRestore(deps, run));
  const { before, feeds } = plan;
  const what = before ? `restored ${run}` : `restored ${run}, as its feed had done`;
  await acting(stores, noteOf("cancelRun", run, what, ""), () => sayRestored(deps, plan));
  if (!before)
    return say(
      `${run} had been cancelled by ${feeds[0]!.source}: its tickets are given back at the usual fees from now on.`,
    );
  const runs = before.skipped === null ? "runs" : "runs all the way";
  say(
    `${run} ${runs}, and is sold again where its sale is open. Tickets are given back at the usual fees from now on.`,
  );
  for (const source of await cancelledBy(deps, run)) say(`It stays cancelled as long as ${source} says so.`);
}

/** @param isWhole a row for each order, and not only of those that are not done */
export async function runStatus(stores: RunStores, run: RunId, say: Say, isWhole = false): Promise<void> {
  const withdrawn = await withdrawnText(stores, run);
  if (withdrawn !== "") say(withdrawn);
  await sayReseats(stores, run, isWhole, say);
  const progress = await refundProgress(depsOf(stores), run);
  if (!progress) return say(`No operator has cancelled ${run}.`);
  const { cancelled, results, left, waiting } = progress;
  if (cancelled.isRestoring)
    say(
      `${run} is being restored, and no money goes back. Where that was broken off, say restore or cancel once more.`,
    );
  const done = results.filter(({ ticketCount }) => ticketCount > 0);
  const amount = done.reduce((sum, { amountFen }) => sum + amountFen, 0);
  say(
    `${titleOf(stores, cancelled)}: ${done.length} orders refunded, ${ticketsOf(done)} tickets, ` +
      `${formatMoney(fen(amount), { language: "en", currency: stores.currency })}; ` +
      `orders left: ${left.length}; ${waiting} wait for it.`,
  );
  if (isWhole) sayRefunds(progress, stores, say);
  else sayFailures(progress, say);
}

function sayFailures({ results, left }: RefundProgress, say: Say): void {
  const failed = results.filter(({ orderId, why }) => why !== null && left.includes(orderId));
  if (failed.length === 0) return;
  const rows = failed.slice(0, failuresSaid).map(({ orderId, why }) => [String(orderId), why!]);
  for (const line of table([["order", "why it is not done yet"], ...rows])) say(`  ${line}`);
  if (failed.length > failuresSaid) say(`  and ${failed.length - failuresSaid} more`);
}

/** A row for each order, also for those that are left. */
function sayRefunds({ results, left }: RefundProgress, { currency }: RunStores, say: Say): void {
  const open = new Set<number>(left);
  const known = new Set<number>(results.map(({ orderId }) => orderId));
  const rows = results.map(({ orderId, ticketCount, amountFen, why }) => [
    String(orderId),
    String(ticketCount),
    formatMoney(amountFen, { language: "en", currency }),
    open.has(orderId) ? (why ?? "not yet") : "done",
  ]);
  const others = [...open]
    .filter((orderId) => !known.has(orderId))
    .map((orderId) => [String(orderId), "0", "", "not yet"]);
  for (const line of table([["order", "tickets", "went back", ""], ...rows, ...others])) say(`  ${line}`);
}

const ticketsOf = (results: readonly RunRefundResult[]) =>
  results.reduce((sum, { ticketCount }) => sum + ticketCount, 0);
