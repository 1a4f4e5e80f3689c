/** The routes about runs: every look is on the audit trail before it is shown, every act before it is done. */
import {
  type Handlers,
  hasRight,
  refusal,
  type RunId,
  runId,
  type RunProgress,
  type runsOperationsRoutes,
  type SessionView,
} from "@chepiao/contracts";
import { fen, formatInZone, ok, orderNoOf, pageSizeMax, refuse, type ServiceDate } from "@chepiao/kernel";
import { type Exchange, isClosed } from "@chepiao/ports/withdrawn-coaches";
import type { Actor } from "../acts.ts";
import { createRunActs, type RunActDeps } from "./acts.ts";
import { actDepsOf } from "./desk.ts";
import { runsOfDay } from "./line.ts";
import { refundProgress, type ReseatProgress, reseatProgress } from "./progress.ts";
import { titleOf } from "./shorten.ts";
import { runView } from "./view.ts";

export type RunHandlersDeps = RunActDeps & { readonly actorOf: (session: SessionView) => Promise<Actor> };

export function createRunHandlers(deps: RunHandlersDeps): Handlers<typeof runsOperationsRoutes> {
  const { acts, actorOf } = deps;
  const does = createRunActs(deps);

  const noteRead = async (session: SessionView, what: string, subject?: string) =>
    acts.noteLook(await actorOf(session), { action: "readRuns", what, ...(subject ? { subject } : {}) });

  type Named = { readonly trainNumber: string; readonly originDate: string };
  const knownRun = ({ trainNumber, originDate }: Named) => deps.timetable().run(trainNumber, originDate as ServiceDate);

  return {
    async runs({ session, query: { date, limit = pageSizeMax, ...search } }) {
      await noteRead(session, `runs of ${date}`);
      return ok({ status: 200, body: await runsOfDay(deps, { date: date as ServiceDate, limit, ...search }) });
    },
    async run({ session, params }) {
      const namesTravellers = hasRight(session.role, "readTravellers");
      const what = `its seats, ${namesTravellers ? "with its travellers" : "travellers masked"}`;
      await noteRead(session, what, subjectOf(params));
      const run = knownRun(params);
      return run ? ok({ status: 200, body: await runView(deps, run, namesTravellers) }) : refuse(refusal("RunUnknown"));
    },
    async runProgress({ session, params }) {
      await noteRead(session, "how far money and seats are", subjectOf(params));
      const run = knownRun(params);
      return run ? ok({ status: 200, body: await progressView(deps, run.runId) }) : refuse(refusal("RunUnknown"));
    },
    cancelRun: async ({ session, params, body }) => does.cancel(await actorOf(session), params, body),
    shortenRun: async ({ session, params, body }) => does.shorten(await actorOf(session), params, body),
    restoreRun: async ({ session, params, body }) => does.restore(await actorOf(session), params, body),
    withdrawCoaches: async ({ session, params, body }) => does.withdraw(await actorOf(session), params, body),
    loseCoaches: async ({ session, params, body }) => does.lose(await actorOf(session), params, body),
    reinstateCoaches: async ({ session, params, body }) => does.reinstate(await actorOf(session), params, body),
    exchangeRun: async ({ session, params, body }) => does.exchange(await actorOf(session), params, body),
  };
}

const subjectOf = ({ trainNumber, originDate }: { readonly trainNumber: string; readonly originDate: string }) =>
  `run ${runId(trainNumber, originDate as ServiceDate)}`;

async function progressView(desk: RunHandlersDeps, run: RunId): Promise<RunProgress> {
  const deps = actDepsOf(desk);
  const [refunds, reseats] = [await refundProgress(deps, run), await reseatProgress(deps, run)];
  return { giveBack: refunds && giveBackView(desk, deps, refunds), seats: reseats && seatsView(reseats) };
}

function giveBackView(
  desk: RunHandlersDeps,
  deps: ReturnType<typeof actDepsOf>,
  { cancelled, results, left, waiting }: NonNullable<Awaited<ReturnType<typeof refundProgress>>>,
): RunProgress["giveBack"] {
  const open = new Set<number>(left);
  const known = new Set<number>(results.map(({ orderId }) => orderId));
  const done = results.filter(({ ticketCount }) => ticketCount > 0);
  return {
    title: titleOf(deps, cancelled),
    isRestoring: cancelled.isRestoring,
    refundsFrom: formatInZone(cancelled.refundsFrom, desk.timetable().zone),
    orders: done.length,
    tickets: done.reduce((sum, { ticketCount }) => sum + ticketCount, 0),
    amountFen: fen(done.reduce((sum, { amountFen }) => sum + amountFen, 0)),
    left: left.length,
    waiting,
    rows: [
      ...results.map(({ orderId, ticketCount, amountFen, why }) => ({
        orderNo: orderNoOf(orderId),
        tickets: ticketCount,
        amountFen,
        isDone: !open.has(orderId),
        why: open.has(orderId) ? why : null,
      })),
      ...left
        .filter((orderId) => !known.has(orderId))
        .map((orderId) => ({ orderNo: orderNoOf(orderId), tickets: 0, amountFen: fen(0), isDone: false, why: null })),
    ],
  };
}

const seatsView = ({ withdrawn, inCoach, elsewhere, rows }: ReseatProgress): RunProgress["seats"] => ({
  lost: withdrawn.lost.map(({ no }) => ({ coachNo: no, tickets: inCoach.get(no) ?? 0 })),
  elsewhere,
  exchange: withdrawn.exchange ? phaseOf(withdrawn.exchange) : null,
  rows: rows.map(({ orderNo, tickets, into, why }) => ({
    orderNo,
    ...tickets,
    into: [...into],
    why: tickets.still > 0 ? why : null,
  })),
});

function phaseOf(exchange: Exchange): "moving" | "notBegun" | "open" {
  if (!isClosed({ exchange })) return "open";
  return exchange.closedAt === null ? "notBegun" : "moving";
}
