/** Where those would sit who have seats of a run, if it ran without a coach or in another composition. Changes nothing. */
import {
  type Composition,
  lineOf,
  type Placement,
  type Refit,
  type Run,
  type RunId,
  type SeatedParty,
  trainAndDateOf,
  withoutReplaced,
} from "@chepiao/contracts";
import { ok, refuse, type Result } from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { lostSince, noneWithdrawn, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import type { RunDeps, RunFault } from "./deps.ts";
import { ordersOn, waitingFor } from "./effect.ts";
import { isInside, partiesOf } from "./parties.ts";

export type RefitAsked = { readonly withoutCoach: number } | { readonly composition: string };

export type RefitPlan = {
  readonly orders: readonly OrderRecord[];
  /** Whom `placements` are of. */
  readonly parties: readonly SeatedParty[];
  readonly refit: Refit;
  readonly placements: readonly Placement[];
  readonly waiting: number;
  /** Whom a gate has let in, with seats that the train does not have any more: they are not moved. */
  readonly inside: number;
};

export async function planTrial(deps: RunDeps, runId: RunId, asked: RefitAsked): Promise<Result<RefitPlan, RunFault>> {
  const run = deps.timetable.run(...trainAndDateOf(runId));
  if (!run) return refuse({ kind: "runUnknown", run: runId });
  const refit = refitOf(deps, run, asked);
  return refit.ok ? ok(await planOf(deps, run, refit.value)) : refit;
}

/** As the platform gives other seats to who has one that the train lacks once that is said of it, and to nobody else. */
export function planMoves(deps: RunDeps, run: Run, after: WithdrawnCoaches): Promise<RefitPlan> {
  const refit: Refit = {
    composition: after.exchange?.compositions.at(-1) ?? run.train.composition,
    withoutCoaches: after.lost.map(({ no }) => no),
    withdrawnCoaches: after.coachNos,
    movesNobodyElse: true,
  };
  return planOf(deps, run, refit, after);
}

export type MoveCounts = {
  /** With seats of the run. */
  readonly tickets: number;
  readonly passengers: number;
  readonly stay: number;
  /** Into which other seats; those who find none are not among them. */
  readonly move: number;
  readonly better: number;
  readonly without: number;
  /** Of those who find no seat. */
  readonly faresFen: number;
  readonly inside: number;
  readonly waiting: number;
};

export function countsOf({ orders, placements, waiting, inside }: RefitPlan): MoveCounts {
  const byNo = new Map(orders.flatMap(({ tickets }) => tickets).map((ticket) => [ticket.ticketNo, ticket]));
  const moved = placements.filter(({ isMoved, after }) => isMoved && after !== null);
  const without = placements.filter(({ after }) => after === null);
  return {
    tickets: placements.length,
    passengers: new Set(placements.map(({ ticketNo }) => byNo.get(ticketNo)!.documentHash)).size,
    stay: placements.filter(({ isMoved }) => !isMoved).length,
    move: moved.length,
    better: moved.filter(({ before, after }) => after!.seatClass !== before.seatClass).length,
    without: without.length,
    faresFen: without.reduce((sum, { ticketNo }) => sum + byNo.get(ticketNo)!.fareFen, 0),
    inside,
    waiting,
  };
}

/** Tickets that lose their seats, whether they find others or not. */
export const losersOf = ({ placements }: RefitPlan): number => placements.filter(({ isMoved }) => isMoved).length;

/** @param after what would be said of the run: whom a gate has let in is not moved from what it lacks then */
async function planOf(
  { orders: store, waitlist, planRefit }: RunDeps,
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
    parties,
    refit,
    placements: planRefit(run, refit, parties),
    waiting: await waitingFor(waitlist, whole),
    inside: seatCount(all) - seatCount(parties),
  };
}

function refitOf({ timetable }: RunDeps, run: Run, asked: RefitAsked): Result<Refit, RunFault> {
  const composition = withoutReplaced(run.train.composition);
  if ("withoutCoach" in asked) {
    const { withoutCoach: no } = asked;
    return composition.coaches.some((coach) => coach.no === no)
      ? ok({ composition, withoutCoaches: [no] })
      : refuse({ kind: "coachUnknown", run: run.runId, no, composition });
  }
  const called = compositionCalled(asked.composition, timetable, run);
  return called.ok ? ok({ composition: called.value, withoutCoaches: [] }) : called;
}

/** Compositions of the trains of the day, and what this one was before; those that are found first count. */
export const compositionsFor = (
  timetable: RunDeps["timetable"],
  run: Run,
  before: readonly Composition[] = [],
): readonly Composition[] => [
  ...before,
  ...[...timetable.runsOn(run.originDate)].map(({ train }) => withoutReplaced(train.composition)),
];

export function compositionCalled(
  called: string,
  timetable: RunDeps["timetable"],
  run: Run,
  before: readonly Composition[] = [],
): Result<Composition, RunFault> {
  const known = compositionsFor(timetable, run, before);
  const found = known.find(({ code }) => code === called);
  if (found) return ok(found);
  const codes = [...new Set(known.map(({ code }) => code))].toSorted();
  return refuse({ kind: "compositionUnknown", called, codes });
}
