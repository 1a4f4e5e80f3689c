/** Where those would sit who have seats of a run, if it ran without a coach or in another composition. Changes nothing. */
import {
  type Composition,
  type Currency,
  lineOf,
  type Run,
  type RunId,
  type SeatedParty,
  seatLabel,
  trainAndDateOf,
  withoutReplaced,
} from "@chepiao/contracts";
import { fen, formatMoney } from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { lostSince, noneWithdrawn, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import { type Place, type Placement, planRefit, type Refit } from "@chepiao/services/inventory";
import { CommandFailed } from "../command.ts";
import { table } from "../table.ts";
import { ordersOn, waitingFor } from "./effect.ts";
import { coachesOf, isInside, partiesOf } from "./parties.ts";
import type { RunStores } from "./stores.ts";

type Say = (line: string) => void;

export type RefitAsked = { readonly withoutCoach: number } | { readonly composition: string };

export async function tryRefit(stores: RunStores, runId: RunId, asked: RefitAsked, say: Say): Promise<void> {
  const run = stores.timetable.run(...trainAndDateOf(runId));
  if (!run) throw new CommandFailed(`The timetable does not know ${runId}.`);
  const refit = refitOf(stores, run, asked);
  const plan = await planOf(stores, run, refit);
  const { code } = refit.composition;
  say(`${runId}, ${"withoutCoach" in asked ? `without coach ${asked.withoutCoach}` : `as ${code}`}`);
  sayPlan(plan, stores, say);
  say("Nothing was changed.");
}

export type RefitPlan = {
  readonly orders: readonly OrderRecord[];
  readonly placements: readonly Placement[];
  readonly waiting: number;
  /** Whom a gate has let in, with seats that the train does not have any more: they are not moved. */
  readonly inside: number;
};

/** @param after what would be said of the run: whom a gate has let in is not moved from what it lacks then */
async function planOf(
  { orders: store, waitlist }: RunStores,
  run: Run,
  refit: Refit,
  after: WithdrawnCoaches = noneWithdrawn(run.runId),
): Promise<RefitPlan> {
  const whole = { runId: run.runId, skipped: null };
  const orders = await ordersOn(store, whole);
  const staysInside = (order: OrderRecord) => (ticket: TicketRecord) =>
    lostSince(after, lineOf(order, ticket), ticket) !== null && isInside(order, ticket);
  const seatCount = (parties: readonly SeatedParty[]) => parties.reduce((sum, { tickets }) => sum + tickets.length, 0);
  const all = orders.flatMap((order) => partiesOf(order, run.runId));
  const parties = orders.flatMap((order) => partiesOf(order, run.runId, staysInside(order)));
  return {
    orders,
    placements: planRefit(run, refit, parties),
    waiting: await waitingFor(waitlist, whole),
    inside: seatCount(all) - seatCount(parties),
  };
}

/** As the platform gives other seats to who has one that the train lacks once that is said of it, and to nobody else. */
export function planMoves(stores: RunStores, run: Run, after: WithdrawnCoaches): Promise<RefitPlan> {
  const refit: Refit = {
    composition: after.exchange?.compositions.at(-1) ?? run.train.composition,
    withoutCoaches: after.lost.map(({ no }) => no),
    withdrawnCoaches: after.coachNos,
    movesNobodyElse: true,
  };
  return planOf(stores, run, refit, after);
}

export function sayPlan({ orders, placements, waiting, inside }: RefitPlan, { currency }: RunStores, say: Say): void {
  const orderNos = new Map(orders.map(({ orderId, orderNo }) => [orderId, orderNo as string]));
  const people = { tickets: orders.flatMap(({ tickets }) => tickets), waiting, inside };
  for (const line of summary(placements, people, currency)) say(`  ${line}`);
  const moved = placements.filter(({ isMoved }) => isMoved);
  const rows = moved.map(({ orderId, ticketNo, before, after }) => [
    orderNos.get(orderId)!,
    ticketNo,
    textOf(before),
    after ? textOf(after) : "—",
  ]);
  if (rows.length > 0) for (const line of table([["order", "ticket", "has", "would have"], ...rows])) say(`  ${line}`);
}

function refitOf({ timetable }: RunStores, run: Run, asked: RefitAsked): Refit {
  const composition = withoutReplaced(run.train.composition);
  if ("withoutCoach" in asked) {
    const { withoutCoach } = asked;
    if (!composition.coaches.some(({ no }) => no === withoutCoach))
      throw new CommandFailed(`${run.runId} has no coach ${withoutCoach}: ${coachesOf(composition)}.`);
    return { composition, withoutCoaches: [withoutCoach] };
  }
  return { composition: compositionCalled(asked.composition, timetable, run), withoutCoaches: [] };
}

/** Of a train of the day, or what this one was before. */
export function compositionCalled(
  called: string,
  timetable: RunStores["timetable"],
  run: Run,
  before: readonly Composition[] = [],
): Composition {
  const ofDay = [...timetable.runsOn(run.originDate)].map(({ train }) => withoutReplaced(train.composition));
  const known = [...before, ...ofDay];
  const found = known.find(({ code }) => code === called);
  if (found) return found;
  const codes = [...new Set(known.map(({ code }) => code))].toSorted();
  throw new CommandFailed(`No train of that day is a ${called}. There are ${codes.join(", ")}.`);
}

type People = { readonly tickets: readonly TicketRecord[]; readonly waiting: number; readonly inside: number };

function summary(
  placements: readonly Placement[],
  { tickets, waiting, inside }: People,
  currency: Currency,
): readonly string[] {
  const byNo = new Map(tickets.map((ticket) => [ticket.ticketNo, ticket]));
  const seated = placements.map(({ ticketNo }) => byNo.get(ticketNo)!);
  const moved = placements.filter(({ isMoved, after }) => isMoved && after !== null);
  const isBetter = ({ before, after }: Placement) => after !== null && after.seatClass !== before.seatClass;
  const without = placements.filter(({ after }) => after === null);
  const faresFen = without.reduce((sum, { ticketNo }) => sum + byNo.get(ticketNo)!.fareFen, 0);
  return table([
    ["tickets with seats", String(placements.length)],
    ["passengers", String(new Set(seated.map(({ documentHash }) => documentHash)).size)],
    ["stay on their seats", String(placements.filter(({ isMoved }) => !isMoved).length)],
    ["move", String(moved.length)],
    ["of them into a better class", String(moved.filter(isBetter).length)],
    ["find no seat", String(without.length)],
    ["their fares", formatMoney(fen(faresFen), { language: "en", currency })],
    ...(inside > 0 ? [["inside already, and not moved", String(inside)]] : []),
    ["who wait for seats", String(waiting)],
  ]);
}

const textOf = ({ seatClass, seat }: Place): string => `${seatClass} ${seatLabel(seatClass, seat)}`;
