/** Acts on a run by the API: each is planned, put on the audit trail, and only then done, where it is not a dry run. */
import {
  lineOf,
  type Placement,
  presentSeatsOf,
  type Refusal,
  refusal,
  type RunActAnswer,
  type RunActName,
  type RunId,
  runId,
  type RunMoves,
  type SeatClass,
  seatLabel,
} from "@chepiao/contracts";
import { hourMs, ok, orderNoOf, refuse, type Result, secondMs, type ServiceDate, waitlistNoOf } from "@chepiao/kernel";
import { cancelNoticeMs } from "@chepiao/ports/run-states";
import type { WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import type { ActAction, Actor, Acts } from "../acts.ts";
import { cancelUnconfirmed, planCancel, planRestore, sayCancelled, sayRestored } from "./cancel.ts";
import type { RunDeps, RunFault } from "./deps.ts";
import { actDepsOf, type RunDeskDeps } from "./desk.ts";
import { planExchange, sayExchanged } from "./exchange.ts";
import { lossTickets, planLoss, sayLost } from "./lose.ts";
import { countsOf, losersOf, type RefitPlan } from "./refit.ts";
import { stopsBeyond, titleOf } from "./shorten.ts";
import { type CoachPlan, planReinstate, planWithdraw, setCoaches } from "./withdraw.ts";
import { confirmAbove, unconfirmed } from "./words.ts";

export type Said = { readonly dryRun: boolean; readonly reason: string };
type Confirmed = { readonly confirm?: number };
type Named = { readonly trainNumber: string; readonly originDate: string };
export type RunActDeps = RunDeskDeps & {
  readonly acts: Acts;
  readonly report: (message: string, error?: unknown) => void;
};

/** What is asked, worked out: it changes nothing before `carryOut`. */
type Planned = {
  /** For the audit trail, with how many it touches. */
  readonly what: string;
  readonly before?: string;
  readonly after: string;
  readonly answer: Partial<RunActAnswer> & Pick<RunActAnswer, "title">;
  /** It stood so before: what `carryOut` does then is to go on where it was broken off. */
  readonly isSaid?: boolean;
  readonly fault: RunFault | null;
  readonly carryOut: () => Promise<Result<void, RunFault>>;
};

export function createRunActs(desk: RunActDeps) {
  async function act(
    [name, action]: readonly [RunActName, ActAction],
    actor: Actor,
    named: Named,
    { dryRun, reason }: Said,
    plan: (deps: RunDeps, run: RunId) => Promise<Result<Planned, RunFault>>,
  ): Promise<Result<{ status: 200; body: RunActAnswer }, Refusal>> {
    const run = runId(named.trainNumber, named.originDate as ServiceDate);
    const planned = await plan(actDepsOf(desk), run);
    const { what, before } = planned.ok ? planned.value : { what: `${name} ${run}`, before: undefined };
    const begun = await desk.acts.begin(actor, {
      action,
      subject: `run ${run}`,
      what,
      reason,
      ...(before === undefined ? {} : { before }),
      ...(dryRun ? { isDryRun: true } : {}),
    });
    // Done is done, also where that cannot be written any more.
    const ended = (...how: Parameters<typeof begun.ended>) =>
      begun
        .ended(...how)
        .catch((error: unknown) => desk.report("how an act came out is not on the audit trail", error));
    try {
      const done = planned.ok ? await carriedOut(planned.value, dryRun) : planned;
      if (!done.ok) {
        const why = refusalOf(done.error);
        await ended("refused", `${why.code} ${why.facts ? JSON.stringify(why.facts) : ""}`.trim());
        return refuse(why);
      }
      const { answer, after, isSaid = false } = done.value;
      await ended("done", after);
      return ok({ status: 200, body: { act: name, isDryRun: dryRun, isSaid, confirmAbove, ...answer } });
    } catch (error) {
      await ended("failed", error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  async function carriedOut(planned: Planned, dryRun: boolean): Promise<Result<Planned, RunFault>> {
    if (dryRun) return ok(planned);
    if (planned.fault) return refuse(planned.fault);
    const done = await planned.carryOut();
    return done.ok ? ok(planned) : done;
  }

  const nothing = async (): Promise<Result<void, RunFault>> => ok(undefined);

  async function takeOff(
    deps: RunDeps,
    run: RunId,
    skipped: readonly number[] | null,
    { confirm, chooseHours }: Confirmed & { readonly chooseHours?: number },
  ): Promise<Result<Planned, RunFault>> {
    const chooseMs = chooseHours === undefined ? undefined : chooseHours * hourMs;
    const planned = await planCancel(deps, { run, skipped, chooseMs });
    if (!planned.ok) return planned;
    const plan = planned.value;
    const title = titleOf(deps, { runId: run, skipped });
    const [tickets, isSaid] = [plan.effect?.tickets ?? 0, plan.effect === null];
    return ok({
      what: `${skipped === null ? "cancels" : "shortens to"} ${title}, ${tickets} tickets`,
      before: plan.before ? titleText(titleOf(deps, plan.before), plan.before.skipped) : `${run} runs`,
      after: titleText(title, skipped),
      isSaid,
      answer: {
        title,
        refundsInS: Math.ceil(Math.max(cancelNoticeMs, plan.chooseMs) / secondMs),
        ...(plan.effect ? { giveBack: plan.effect } : {}),
      },
      fault: cancelUnconfirmed(plan, confirm ?? null),
      carryOut: isSaid && plan.before?.isRestoring !== true ? nothing : () => sayCancelled(deps, plan),
    });
  }

  async function coaches(
    deps: RunDeps,
    how: "reinstates" | "withdraws",
    planned: Result<CoachPlan, RunFault>,
  ): Promise<Result<Planned, RunFault>> {
    if (!planned.ok) return planned;
    const { run, coachNos, before, after, version, seats } = planned.value;
    return ok({
      what: `${how} coach ${coachNos.join(", ")}`,
      before: coachesText(before),
      after: coachesText(after ?? before),
      isSaid: after === null,
      answer: { title: run, coachSeats: [...seats] },
      fault: null,
      carryOut: after ? () => setCoaches(deps, version, after) : nothing,
    });
  }

  return {
    cancel: (actor: Actor, named: Named, body: Said & Confirmed & { readonly chooseHours?: number }) =>
      act(["cancel", "cancelRun"], actor, named, body, (deps, run) => takeOff(deps, run, null, body)),

    shorten: (
      actor: Actor,
      named: Named,
      body: Said & Confirmed & { readonly chooseHours?: number; readonly from: string; readonly to: string },
    ) =>
      act(["shorten", "cancelRun"], actor, named, body, async (deps, run) => {
        if (!deps.timetable.run(named.trainNumber, named.originDate as ServiceDate))
          return refuse({ kind: "runUnknown", run });
        const skipped = stopsBeyond(deps, run, body);
        return skipped.ok ? takeOff(deps, run, skipped.value, body) : skipped;
      }),

    restore: (actor: Actor, named: Named, body: Said) =>
      act(["restore", "cancelRun"], actor, named, body, async (deps, run) => {
        const planned = await planRestore(deps, run);
        if (!planned.ok) return planned;
        const { before, feeds } = planned.value;
        return ok({
          what: before ? `restores ${run}` : `restores ${run}, as its feed has done`,
          before: before ? titleText(titleOf(deps, before), before.skipped) : `cancelled by ${feeds[0]!.source}`,
          after: `${run} runs`,
          answer: { title: run },
          fault: null,
          carryOut: () => sayRestored(deps, planned.value),
        });
      }),

    withdraw: (actor: Actor, named: Named, body: Said & { readonly coachNos: readonly number[] }) =>
      act(["withdraw", "withdrawCoach"], actor, named, body, async (deps, run) =>
        coaches(deps, "withdraws", await planWithdraw(deps, { run, coachNos: body.coachNos })),
      ),

    reinstate: (actor: Actor, named: Named, body: Said & { readonly coachNos: readonly number[] }) =>
      act(["reinstate", "withdrawCoach"], actor, named, body, async (deps, run) =>
        coaches(deps, "reinstates", await planReinstate(deps, { run, coachNos: body.coachNos })),
      ),

    lose: (actor: Actor, named: Named, body: Said & Confirmed & { readonly coachNos: readonly number[] }) =>
      act(["lose", "withdrawCoach"], actor, named, body, async (deps, run) => {
        const planned = await planLoss(deps, { run, coachNos: body.coachNos });
        if (!planned.ok) return planned;
        const { plan, before, fresh } = planned.value;
        const tickets = lossTickets(planned.value);
        const coachNos = [...new Set([...before.coachNos, ...fresh])].toSorted((a, b) => a - b);
        return ok({
          what: `loses coach ${body.coachNos.join(", ")}, ${tickets} tickets`,
          before: coachesText(before),
          after: coachesText({ ...before, coachNos }),
          isSaid: plan === null,
          answer: { title: run, ...(plan ? { moves: movesOf(plan, []) } : {}) },
          fault: unconfirmed(run, "move", tickets, body.confirm ?? null),
          carryOut: plan ? () => sayLost(deps, planned.value) : nothing,
        });
      }),

    exchange: (actor: Actor, named: Named, body: Said & Confirmed & { readonly composition: string }) =>
      act(["exchange", "exchangeRun"], actor, named, body, async (deps, run) => {
        const found = await planExchange(deps, run, body.composition);
        if (!found.ok) return found;
        const { now, next, version, planned } = found.value;
        const tickets = planned ? losersOf(planned.plan) : 0;
        return ok({
          what: `runs as ${next.code} in place of ${now.code}, ${tickets} tickets`,
          before: now.code,
          after: next.code,
          isSaid: planned === null,
          answer: {
            title: run,
            ...(planned ? { moves: movesOf(planned.plan, await servedBy(desk, run, planned.plan)) } : {}),
          },
          fault: unconfirmed(run, "move", tickets, body.confirm ?? null),
          carryOut: planned ? () => sayExchanged(deps, version, planned.after) : nothing,
        });
      }),
  };
}

const titleText = (title: string, skipped: readonly number[] | null): string =>
  skipped === null ? `${title} is cancelled` : title;

const coachesText = ({ coachNos }: Pick<WithdrawnCoaches, "coachNos">): string =>
  coachNos.length === 0 ? "no coach is withdrawn" : `withdrawn: coach ${coachNos.join(", ")}`;

const placeView = ({ seatClass, seat }: Placement["before"]) => ({ seatClass, label: seatLabel(seatClass, seat) });

function movesOf(plan: RefitPlan, serves: RunMoves["serves"]): RunMoves {
  const rows = plan.placements
    .filter(({ isMoved }) => isMoved)
    .map(({ orderId, ticketNo, before, after }) => ({
      orderNo: orderNoOf(orderId),
      ticketNo,
      before: placeView(before),
      after: after && placeView(after),
    }));
  return { ...countsOf(plan), confirm: losersOf(plan), rows, serves };
}

/** Whom of the waitlist seats would serve that nobody has once everybody sits: in its order, as far as seats alone say it. */
async function servedBy({ waitlist, planners }: RunDeskDeps, run: RunId, plan: RefitPlan): Promise<RunMoves["serves"]> {
  const waiting = await waitlist.ofRun(run);
  return planners.wouldServe(takenIn(plan), run, waiting).map(({ entry, from, to, seatClass }) => ({
    waitlistNo: waitlistNoOf(entry.entryId),
    from,
    to,
    seatClass,
    passengers: entry.passengers.length,
  }));
}

/** Of each seat that may be sold then, the parts of the way that somebody has, a bit each. */
function takenIn({ refit, placements, orders }: RefitPlan): Map<SeatClass, bigint[]> {
  const { composition, withoutCoaches, withdrawnCoaches = [] } = refit;
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const ways = new Map<string, bigint>();
  for (const { orderId, line, after } of placements) {
    if (!after) continue;
    const { fromStop, toStop } = lineOf(byId.get(orderId)!, { line });
    const name = `${after.seatClass} ${after.seat.index}`;
    const way = ((1n << BigInt(toStop - fromStop)) - 1n) << BigInt(fromStop);
    ways.set(name, (ways.get(name) ?? 0n) | way);
  }
  const isOff = (no: number) => withoutCoaches.includes(no) || withdrawnCoaches.includes(no);
  return new Map(
    [...presentSeatsOf(composition)].map(([seatClass, seats]) => [
      seatClass,
      seats.filter(({ coachNo }) => !isOff(coachNo)).map(({ index }) => ways.get(`${seatClass} ${index}`) ?? 0n),
    ]),
  );
}

function refusalOf(fault: RunFault): Refusal {
  switch (fault.kind) {
    case "runUnknown":
      return refusal("RunUnknown");
    case "longOver":
      return refusal("RunLongOver");
    case "choiceTooLong":
      return refusal("ChoiceTooLong");
    case "placeUnknown":
      return refusal("StationUnknown", { place: fault.place });
    case "notOnWay":
    case "wrongWay":
      return refusal("NotOnRoute");
    case "wholeWay":
      return refusal("WholeWay");
    case "restoreFirst":
      return refusal("RestoreFirst");
    case "unconfirmed":
      return refusal("ActUnconfirmed", { tickets: fault.tickets, confirmed: fault.confirmed });
    case "changedMeanwhile":
      return refusal("ChangedMeanwhile");
    case "refundsBegun":
      return refusal("RunRefunded", { orders: fault.orders });
    case "notCancelled":
      return refusal("RunNotCancelled");
    case "coachUnknown":
      return refusal("CoachUnknown", { coach: fault.no });
    case "coachNotWithdrawn":
      return refusal("CoachNotWithdrawn", { coach: fault.no });
    case "compositionUnknown":
      return refusal("CompositionUnknown", { compositions: fault.codes.join(", ") });
    case "compositionsFull":
      return refusal("CompositionNotPossible");
    default:
      return refusal("CompositionNotPossible", { seatClass: fault.seatClass });
  }
}
