/** Runs of a day, each in a line: what it is, and what was said of it. */
import {
  presentSeatsOf,
  type Run,
  type RunLine,
  type RunsOfDay,
  type RunState,
  type Timetable,
} from "@chepiao/contracts";
import { epochMs, formatInZone, secondMs, type ServiceDate } from "@chepiao/kernel";
import { isOfOperator, notRunIn, type RunStates } from "@chepiao/ports/run-states";
import { noneWithdrawn, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import type { RunDeskDeps } from "./desk.ts";

export type RunsAsked = {
  readonly date: ServiceDate;
  readonly train?: string;
  readonly after?: string;
  readonly limit: number;
};

export async function runsOfDay(
  deps: RunDeskDeps,
  { date, train = "", after = "", limit }: RunsAsked,
): Promise<RunsOfDay> {
  const timetable = deps.timetable();
  const begins = train.toUpperCase();
  const all = [...timetable.runsOn(date)]
    .filter(({ train: { trainNumber } }) => trainNumber.toUpperCase().startsWith(begins) && trainNumber > after)
    .toSorted((a, b) => (a.train.trainNumber < b.train.trainNumber ? -1 : 1));
  const runs = all.slice(0, limit);
  return {
    runs: await linesOf(deps, timetable, runs),
    next: all.length > limit ? runs.at(-1)!.train.trainNumber : null,
  };
}

/** In the order of the runs. */
export async function linesOf(deps: RunDeskDeps, timetable: Timetable, runs: readonly Run[]): Promise<RunLine[]> {
  const ids = runs.map(({ runId }) => runId);
  const [holders, waiting, withdrawn, said] = await Promise.all([
    deps.orders.holdersOf(ids),
    deps.waitlist.waitedFor(),
    deps.withdrawnCoaches.ofRuns(ids),
    deps.runStates.read(),
  ]);
  const coaches = new Map(withdrawn.map((each) => [each.runId, each]));
  const words = Map.groupBy(sayingsIn(said), ({ state }) => state.runId);
  return runs.map((run) =>
    lineOf(timetable, run, {
      orders: holders.get(run.runId) ?? 0,
      waiting: waiting.get(run.runId) ?? 0,
      coaches: coaches.get(run.runId) ?? noneWithdrawn(run.runId),
      sayings: words.get(run.runId) ?? [],
    }),
  );
}

type Saying = { readonly source: string; readonly state: RunState };

/** Who says of a run that it does not run, or not all the way. */
const sayingsIn = (said: ReadonlyMap<string, RunStates>): Saying[] =>
  [...said].flatMap(([source, { runs }]) =>
    runs.filter((state) => notRunIn(state) !== null).map((state) => ({ source, state })),
  );

type Known = {
  readonly orders: number;
  readonly waiting: number;
  readonly coaches: WithdrawnCoaches;
  readonly sayings: readonly Saying[];
};

function lineOf(timetable: Timetable, run: Run, { orders, waiting, coaches, sayings }: Known): RunLine {
  const { train, originDate } = run;
  const [first, last] = [train.stops[0]!, train.stops.at(-1)!];
  const exchanged = coaches.exchange?.compositions;
  const soldAs = exchanged && exchanged[0].code !== exchanged.at(-1)!.code ? exchanged[0].code : null;
  const at = (stationId: string, seconds: number) =>
    formatInZone(epochMs(run.dayStart + seconds * secondMs), timetable.zoneOf(stationId));
  return {
    trainNumber: train.trainNumber,
    originDate,
    trainType: train.trainType,
    from: first.name,
    to: last.name,
    departAt: at(first.stationId, first.departS),
    arriveAt: at(last.stationId, last.arriveS),
    composition: exchanged?.at(-1)!.code ?? train.composition.code,
    seats: [...presentSeatsOf(train.composition).values()].reduce((sum, { length }) => sum + length, 0),
    orders,
    waiting,
    saleOpensAt: formatInZone(timetable.saleOpensAt(run, 0), timetable.zone),
    word: sayings.some(({ state }) => state.isCancelled) ? "cancelled" : sayings.length > 0 ? "shortened" : "runs",
    saidBy: [...new Set(sayings.map(({ source }) => (isOfOperator(source) ? "operator" : source)))],
    isRestoring: sayings.some(({ source }) => source.startsWith("restoring ")),
    soldAs,
    withdrawnCoaches: [...coaches.coachNos],
    lostCoaches: coaches.lost.map(({ no }) => no),
  };
}
