/** Where those would sit who have seats of a run, if it ran without a coach or in another composition. Changes nothing. */
import { type Place, type RunId, seatLabel } from "@chepiao/contracts";
import { fen, formatMoney } from "@chepiao/kernel";
import { countsOf, planTrial, type RefitAsked, type RefitPlan } from "@chepiao/services/operations";
import { table } from "../table.ts";
import type { RunStores } from "./stores.ts";
import { depsOf, orFail } from "./words.ts";

type Say = (line: string) => void;

export async function tryRefit(stores: RunStores, runId: RunId, asked: RefitAsked, say: Say): Promise<void> {
  const plan = orFail(stores, await planTrial(depsOf(stores), runId, asked));
  const { code } = plan.refit.composition;
  say(`${runId}, ${"withoutCoach" in asked ? `without coach ${asked.withoutCoach}` : `as ${code}`}`);
  sayPlan(plan, stores, say);
  say("Nothing was changed.");
}

export function sayPlan(plan: RefitPlan, stores: RunStores, say: Say): void {
  const orderNos = new Map(plan.orders.map(({ orderId, orderNo }) => [orderId, orderNo as string]));
  for (const line of summary(plan, stores)) say(`  ${line}`);
  const moved = plan.placements.filter(({ isMoved }) => isMoved);
  const rows = moved.map(({ orderId, ticketNo, before, after }) => [
    orderNos.get(orderId)!,
    ticketNo,
    textOf(before),
    after ? textOf(after) : "—",
  ]);
  if (rows.length > 0) for (const line of table([["order", "ticket", "has", "would have"], ...rows])) say(`  ${line}`);
}

function summary(plan: RefitPlan, { currency }: RunStores): readonly string[] {
  const counts = countsOf(plan);
  return table([
    ["tickets with seats", String(counts.tickets)],
    ["passengers", String(counts.passengers)],
    ["stay on their seats", String(counts.stay)],
    ["move", String(counts.move)],
    ["of them into a better class", String(counts.better)],
    ["find no seat", String(counts.without)],
    ["their fares", formatMoney(fen(counts.faresFen), { language: "en", currency })],
    ...(counts.inside > 0 ? [["inside already, and not moved", String(counts.inside)]] : []),
    ["who wait for seats", String(counts.waiting)],
  ]);
}

const textOf = ({ seatClass, seat }: Place): string => `${seatClass} ${seatLabel(seatClass, seat)}`;
