/** Tries the quotas of a file on one run: sold to what was bought of another, as its orders tell it, or to a made-up demand. */
import { type Run, type RunId, type SeatClass, ticketsOf } from "@chepiao/contracts";
import { epochMs, passengersPerOrderMax } from "@chepiao/kernel";
import type { OrderStore } from "@chepiao/ports/order-store";
import { madeUpDemand, type TrialOutcome, type TrialRequest, trySale } from "@chepiao/services/inventory";
import { CommandFailed } from "../command.ts";
import { table } from "../table.ts";
import { quotasIn, type QuotaStores, runOf } from "./stores.ts";

export type TrialAsked = {
  readonly path: string;
  /** The first of the file where it is left out. */
  readonly runId: RunId | null;
  readonly recorded: RunId | null;
  readonly demandPercent: number;
  readonly waitingPercent: number;
  readonly seed: number;
};

export async function tryQuotas(stores: QuotaStores, asked: TrialAsked, say: (line: string) => void): Promise<void> {
  const { timetable } = stores;
  const inFile = quotasIn(asked.path, stores);
  const run = runOf(stores, asked.runId ?? inFile[0]!.runId);
  const quotas = inFile.filter(({ runId }) => runId === run.runId);
  if (quotas.length === 0) throw new CommandFailed(`${asked.path} has no quotas of ${run.runId}.`);
  const seatClasses = quotas.map(({ seatClass }) => seatClass);
  const opening = epochMs(Math.min(...run.train.stops.map((_, stop) => timetable.saleOpensAt(run, stop))));
  const closing = timetable.saleClosesAt(run, 0);
  const demand =
    asked.recorded === null
      ? madeUpDemand({ run, seatClasses, opening, closing, percent: asked.demandPercent, ...asked })
      : await recordedDemand(stores.orders, { recorded: runOf(stores, asked.recorded), run, seatClasses });
  if (demand.length === 0) throw new CommandFailed(`Nothing was bought of ${asked.recorded} in these classes.`);
  const without = await trySale({ run, quotas: [], demand });
  const within = await trySale({ run, quotas, demand });
  say(
    `${run.runId}, ${seatClasses.join(", ")}: ${demand.length} parties ask, ` +
      (asked.recorded === null
        ? `made up by seed ${asked.seed}, ${asked.demandPercent} % of the seats`
        : `who bought ${asked.recorded}`),
  );
  for (const line of outcomeTable(without, within)) say(`  ${line}`);
}

function outcomeTable(without: TrialOutcome, within: TrialOutcome): string[] {
  const rows: readonly [string, (outcome: TrialOutcome) => number][] = [
    ["passengers who asked", ({ asked }) => asked],
    ["carried", ({ carried }) => carried],
    ["  of them from the waitlist", ({ served }) => served],
    ["refused, seats gone", ({ soldOut }) => soldOut],
    ["refused by a quota", ({ keptBack }) => keptBack],
    ["passenger-kilometres", ({ passengerKm }) => Math.round(passengerKm)],
    ["seat-kilometres spoiled", ({ spoiledKm }) => Math.round(spoiledKm)],
  ];
  const texts = rows.map(([name, of]) => [name, of(without), of(within), of(within) - of(without)] as const);
  return table(
    [
      ["", "without", "with quotas", "difference"],
      ...texts.map(([name, one, other, more]) => [name, `${one}`, `${other}`, more > 0 ? `+${more}` : `${more}`]),
    ],
    { numbers: true },
  );
}

/**
 * What was bought of a run, as long before its departure, by stations. Only orders that came to seats are known: nobody writes down who was
 * refused.
 */
export async function recordedDemand(
  orders: Pick<OrderStore, "live">,
  {
    recorded,
    run,
    seatClasses,
  }: { readonly recorded: Run; readonly run: Run; readonly seatClasses: readonly SeatClass[] },
): Promise<TrialRequest[]> {
  const later = run.dayStart - recorded.dayStart;
  const demand: TrialRequest[] = [];
  for await (const page of orders.live(epochMs(recorded.dayStart)))
    for (const order of page)
      for (const line of order.lines.filter(({ runId }) => runId === recorded.runId)) {
        const stationAt = (stop: number) => recorded.train.stops[stop]!.stationId;
        const fromStop = run.train.stops.findIndex(({ stationId }) => stationId === stationAt(line.fromStop));
        const toStop = run.train.stops.findLastIndex(({ stationId }) => stationId === stationAt(line.toStop));
        const passengers = Math.min(ticketsOf(order, line).length, passengersPerOrderMax);
        if (fromStop < 0 || toStop <= fromStop || passengers === 0 || !seatClasses.includes(line.seatClass)) continue;
        const at = epochMs(order.acceptedAt + later);
        demand.push({ at, seatClass: line.seatClass, fromStop, toStop, passengers, waits: false });
      }
  return demand.toSorted((a, b) => a.at - b.at);
}
