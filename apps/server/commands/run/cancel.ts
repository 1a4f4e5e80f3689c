/** Says that a run does not run, or runs after all; and what that means for who has a ticket. The platform does the rest. */
import { lineOf, type RunId, trainAndDateOf } from "@chepiao/contracts";
import { epochMs, fen, formatMoney, ledgerKeptDays } from "@chepiao/kernel";
import { type OrderRecord, type RunRefundResult } from "@chepiao/ports/order-store";
import { sleep } from "@chepiao/ports/clock";
import {
  cancelNoticeMs,
  type CancelledRun,
  createCancelledRuns,
  isLongOver,
  operatorSays,
  operatorSource,
  restoringSource,
} from "@chepiao/ports/run-states";
import { CommandFailed } from "../command.ts";
import { noteOperator } from "../operator.ts";
import { table } from "../table.ts";
import type { RunStores } from "./stores.ts";

type Say = (line: string) => void;

/** More tickets than this are given back only by who has said how many. */
export const confirmAbove = 20;
const readAtOnce = 16;
const passEndsWithinMs = 3_000;
const failuresSaid = 20;

export type CancelWish = {
  readonly run: RunId;
  readonly reason: string;
  readonly isTrial: boolean;
  /** Up to so many tickets; null where nobody has said. */
  readonly confirmed: number | null;
  /** Before money goes back by itself. */
  readonly chooseMs?: number;
};

export async function cancelRun(stores: RunStores, wish: CancelWish, say: Say): Promise<void> {
  const { run, reason, isTrial, confirmed, chooseMs = 0 } = wish;
  if (!stores.timetable.run(...trainAndDateOf(run))) throw new CommandFailed(`The timetable does not know ${run}.`);
  if (isLongOver(run, stores.clock.now()))
    throw new CommandFailed(
      `${run} was more than ${ledgerKeptDays} days ago: who had seats on it is forgotten by now.`,
    );
  if (isLongOver(run, epochMs(stores.clock.now() + chooseMs)))
    throw new CommandFailed(
      `Nobody's money would go back by itself: when the time to choose is over, who had seats on ${run} is forgotten. Name fewer hours.`,
    );
  const cancelled = await standing(stores, run);
  if (cancelled && !isTrial && cancelled.isRestoring) {
    await tell(stores, operatorSource(run), run, true, chooseMs);
    await tell(stores, restoringSource(run), run, false);
  }
  if (cancelled) {
    say(`${run} is cancelled already.`);
    return runStatus(stores, run, say);
  }
  const effect = await effectOf(stores, run);
  for (const line of effectText(run, effect, stores)) say(line);
  if (isTrial) return say("Nothing was changed.");
  if (effect.tickets > confirmAbove && (confirmed ?? 0) < effect.tickets)
    throw new CommandFailed(
      confirmed === null
        ? `That are more than ${confirmAbove} tickets: say --confirm ${effect.tickets} to give them all back. Nothing was changed.`
        : `--confirm says ${confirmed} tickets, and now there are ${effect.tickets}. Nothing was changed.`,
    );
  await noteOperator(stores.securityEvents, {
    action: "cancelRun",
    what: `cancelled ${run}, ${effect.tickets} tickets${reason === "" ? "" : `: ${reason}`}`,
  });
  await tell(stores, operatorSource(run), run, true, chooseMs);
  say(`${run} is cancelled: not sold any more from now on, by no process after 2 s.`);
  say(
    `Money begins to go back ${Math.max(cancelNoticeMs, chooseMs) / 1_000} s from now, while the platform runs: run status ${asTyped(run)}`,
  );
}

/**
 * By two words: first that it is being restored, so that nobody's money goes back and nobody buys; when every pass that knew it otherwise has ended,
 * that it runs. Ended between any two of its steps, it is done by saying it again.
 */
export async function restoreRun(stores: RunStores, run: RunId, say: Say): Promise<void> {
  if (!(await standing(stores, run))) return forgetFeeds(stores, run, say);
  await refuseIfBegun(stores, run);
  await noteOperator(stores.securityEvents, { action: "cancelRun", what: `restored ${run}` });
  await tell(stores, restoringSource(run), run, true);
  // A pass that had begun before it heard of it ends its few orders.
  await sleep(stores.clock, passEndsWithinMs);
  await refuseIfBegun(stores, run);
  await tell(stores, operatorSource(run), run, false);
  await stores.runStates.forgetEnded(run);
  await tell(stores, restoringSource(run), run, false);
  say(`${run} runs, and is sold again where its sale is open. Tickets are given back at the usual fees from now on.`);
  await sayWhoElse(stores, run, say);
}

/** A feed has cancelled it and does not any more: who has a ticket would go on to give it back free. */
async function forgetFeeds({ runStates, securityEvents }: RunStores, run: RunId, say: Say): Promise<void> {
  const ended = (await runStates.cancellationsOf([run])).filter(({ endedAt }) => endedAt !== null);
  if (ended.length === 0) throw new CommandFailed(`No operator has cancelled ${run}.`);
  await noteOperator(securityEvents, { action: "cancelRun", what: `restored ${run}, as its feed had done` });
  await runStates.forgetEnded(run);
  say(`${run} had been cancelled by ${ended[0]!.source}: its tickets are given back at the usual fees from now on.`);
}

async function sayWhoElse({ runStates }: RunStores, run: RunId, say: Say): Promise<void> {
  const standing = (await runStates.cancellationsOf([run])).filter(({ endedAt }) => endedAt === null);
  for (const { source } of standing) say(`It stays cancelled as long as ${source} says so.`);
}

/** Then it goes on to be refunded, whatever a command before this one has left. */
async function refuseIfBegun(stores: RunStores, run: RunId): Promise<void> {
  const begun = (await stores.orders.runRefunds(run)).filter(({ why }) => why === null).length;
  if (begun === 0) return;
  await tell(stores, operatorSource(run), run, true);
  await tell(stores, restoringSource(run), run, false);
  throw new CommandFailed(
    `Orders of ${run} have been refunded (${begun}): it stays cancelled. A train that runs after all is sold under another number.`,
  );
}

export async function runStatus(stores: RunStores, run: RunId, say: Say): Promise<void> {
  const cancelled = await standing(stores, run);
  if (!cancelled) return say(`No operator has cancelled ${run}.`);
  if (cancelled.isRestoring)
    say(
      `${run} is being restored, and no money goes back. Where that was broken off, say restore or cancel once more.`,
    );
  const results = await stores.orders.runRefunds(run);
  const done = results.filter(({ why }) => why === null);
  const left = await stores.orders.holdersOn(run);
  const waiting = (await stores.waitlist.ofRun(run)).length;
  const amount = done.reduce((sum, { amountFen }) => sum + amountFen, 0);
  say(
    `${run}: ${done.length} orders refunded, ${ticketsOf(done)} tickets, ${formatMoney(fen(amount), { language: "en", currency: stores.currency })}; ` +
      `orders left: ${left.length}; ${waiting} wait for it.`,
  );
  const open = new Set<number>(left);
  const failed = results.filter(({ orderId, why }) => why !== null && open.has(orderId));
  if (failed.length === 0) return;
  const rows = failed.slice(0, failuresSaid).map(({ orderId, why }) => [String(orderId), why!]);
  for (const line of table([["order", "why it is not done yet"], ...rows])) say(`  ${line}`);
  if (failed.length > failuresSaid) say(`  and ${failed.length - failuresSaid} more`);
}

const ticketsOf = (results: readonly RunRefundResult[]) =>
  results.reduce((sum, { ticketCount }) => sum + ticketCount, 0);

const standing = async ({ runStates }: RunStores, run: RunId): Promise<CancelledRun | undefined> =>
  (await createCancelledRuns(runStates).now()).find(({ runId }) => runId === run);

const asTyped = (run: RunId) => trainAndDateOf(run).join(" ");

/** Always later than what was said before, also by another machine's clock. */
async function tell(
  { runStates, clock }: RunStores,
  source: string,
  run: RunId,
  isCancelled: boolean,
  chooseMs = 0,
): Promise<void> {
  const before = (await runStates.read()).get(source);
  if ((before?.runs.length ?? 0) > 0 === isCancelled) return;
  const at = epochMs(Math.max(clock.now(), (before?.at ?? 0) + 1));
  if (!(await runStates.replace(source, operatorSays(run, isCancelled, at, chooseMs), clock.now())))
    throw new CommandFailed(`Somebody else has just said something of ${run}. Look again: run status ${asTyped(run)}`);
}

// What it would do -------------------------------------------------------------------------------------------------------

type Effect = {
  readonly orders: number;
  readonly unpaid: number;
  readonly tickets: number;
  readonly passengers: number;
  readonly amountFen: number;
  readonly waiting: number;
};

async function effectOf({ orders, waitlist }: RunStores, run: RunId): Promise<Effect> {
  const found = await ordersOn(orders, run);
  const paid = found.filter(({ state }) => state !== "pendingPayment");
  const tickets = paid.flatMap((order) =>
    order.tickets.filter(
      (ticket) => lineOf(order, ticket).runId === run && (ticket.state === "issued" || ticket.state === "used"),
    ),
  );
  return {
    orders: paid.length,
    unpaid: found.length - paid.length,
    tickets: tickets.length,
    passengers: new Set(tickets.map(({ documentHash }) => documentHash)).size,
    amountFen: tickets.reduce((sum, { fareFen }) => sum + fareFen, 0),
    waiting: (await waitlist.ofRun(run)).length,
  };
}

async function ordersOn(orders: RunStores["orders"], run: RunId): Promise<OrderRecord[]> {
  const ids = await orders.holdersOn(run);
  const found: OrderRecord[] = [];
  for (let next = 0; next < ids.length; next += readAtOnce) {
    const some = await Promise.all(ids.slice(next, next + readAtOnce).map((id) => orders.load(id)));
    found.push(...some.filter((order) => order !== null));
  }
  return found;
}

const effectText = (run: RunId, effect: Effect, { currency }: RunStores): readonly string[] =>
  table([
    [run, ""],
    ["paid orders", String(effect.orders)],
    ["tickets", String(effect.tickets)],
    ["passengers", String(effect.passengers)],
    ["money that goes back", formatMoney(fen(effect.amountFen), { language: "en", currency })],
    ["orders that wait for their money", String(effect.unpaid)],
    ["who wait for seats", String(effect.waiting)],
  ]);
