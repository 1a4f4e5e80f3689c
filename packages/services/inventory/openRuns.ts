/**
 * Which runs have a stock, and what can be seen of them. The one thread that sells reads its seats through this, and so do mirrors
 * on others. A run's stock is opened when its first seat is held, or something is set for its sale; until then it costs nothing.
 */
import {
  type Availability,
  availabilityOfUntouched,
  type Changes,
  type ClassAvailability,
  type Leg,
  type Run,
  type RunId,
  saleRefusals,
  type SeatClass,
  seatCountsBefore,
  seatsAgainst,
  seatsOf,
} from "@chepiao/contracts";
import { ChangeCount, publicMoment, publicSale, sale, seatIsFree, sellable, type Stock } from "@chepiao/engine";
import { type EpochMs, epochMs } from "@chepiao/kernel";
import { type RunLayout, runLayoutOf } from "./runLayout.ts";

/** `stock` is the engine's handle of the run. */
export type OpenRun = { readonly run: Run; readonly runLayout: RunLayout; readonly stock: number };

const nothingForSale: ClassAvailability = { sellable: 0, refusal: "SoldOut", changesAt: null };

export type OpenRuns = {
  readonly byId: ReadonlyMap<RunId, OpenRun>;
  /** Its last stop is past: it has no seats any more. */
  isRetired(run: Run): boolean;
  /** The latest moment of which `retire` was told. */
  retiredBefore(): number;
  /** Also one that was open and has grown. Its layout, where that is not known from the run. */
  put(run: Run, handle: number, runLayout?: RunLayout): OpenRun;
  /** Forgets runs that reached their last stop before then; answers those that were open. */
  retire(arrivedBefore: number): OpenRun[];
  changesOf(run: Run): Changes;
  /** Whether a mirror watches its changes, open or not: the run, as that one named it. */
  watched(runId: RunId): Run | undefined;
  /** More of the shared memory can be seen: any run may be another than it looked. */
  seeMore(): void;
  available(leg: Leg, now: EpochMs): Availability;
  freeSeats(leg: Leg, seatClass: SeatClass): boolean[];
};

export function createOpenRuns(stock: Stock): OpenRuns {
  const byId = new Map<RunId, OpenRun>();
  /** Of every run that is open or was looked at, until it retires. */
  const counts = new Map<RunId, { readonly run: Run; readonly changes: ChangeCount }>();
  let retiredBefore = -Infinity;

  const isRetired = (run: Run) => arrivalOf(run) < retiredBefore;

  function changesOf(run: Run): ChangeCount {
    const known = counts.get(run.runId)?.changes;
    if (known) return known;
    const changes = new ChangeCount();
    if (isRetired(run)) changes.end();
    else counts.set(run.runId, { run, changes });
    return changes;
  }

  function availableIn(
    { stock: run }: OpenRun,
    cls: number,
    { fromStop, toStop }: Leg,
    now: number,
  ): ClassAvailability {
    const count = sellable(stock, run, cls, fromStop, toStop, publicSale, now);
    return {
      sellable: count,
      refusal: count > 0 ? null : saleRefusals[-1 - sale.why]!,
      changesAt: sale.changesAt === Infinity ? null : epochMs(sale.changesAt),
    };
  }

  return {
    byId,
    isRetired,
    retiredBefore: () => retiredBefore,
    put(run, handle, runLayout = runLayoutOf(run.train.composition)) {
      const opened = { run, runLayout, stock: handle };
      byId.set(run.runId, opened);
      changesOf(run).watch(stock, handle);
      return opened;
    },
    retire(arrivedBefore) {
      retiredBefore = Math.max(retiredBefore, arrivedBefore);
      for (const [runId, { run, changes }] of counts) {
        if (!isRetired(run)) continue;
        changes.end();
        counts.delete(runId);
      }
      const gone = [...byId.values()].filter(({ run }) => isRetired(run));
      for (const { run } of gone) byId.delete(run.runId);
      return gone;
    },
    changesOf,
    watched: (runId) => counts.get(runId)?.run,
    seeMore() {
      for (const { changes } of counts.values()) changes.seeMore();
    },
    available(leg, now) {
      if (isRetired(leg.run)) return new Map();
      const opened = byId.get(leg.run.runId);
      if (!opened) return availabilityOfUntouched(leg.run.train.composition);
      const moment = publicMoment(stock, opened.stock, now);
      const all = new Map<SeatClass, ClassAvailability>();
      const isKnown = hasSeatsOf(opened, leg.run);
      for (const seatClass of seatsOf(leg.run.train.composition).keys()) {
        const cls = isKnown ? opened.runLayout.classes.indexOf(seatClass) : -1;
        all.set(seatClass, cls < 0 ? nothingForSale : availableIn(opened, cls, leg, moment));
      }
      return all;
    },
    freeSeats({ run, fromStop, toStop }, seatClass) {
      if (isRetired(run)) return [];
      const opened = byId.get(run.runId);
      const { composition } = run.train;
      const seats = seatsOf(composition).get(seatClass) ?? [];
      if (!opened) {
        const before = seatCountsBefore(composition).get(seatClass);
        return seats.map(({ index }) => index < before!);
      }
      const cls = hasSeatsOf(opened, run) ? opened.runLayout.classes.indexOf(seatClass) : -1;
      const seatCount = opened.runLayout.layouts[cls]?.seatCount ?? 0;
      return seats.map(
        ({ index }) => index < seatCount && seatIsFree(stock, opened.stock, cls, index, fromStop, toStop),
      );
    },
  };
}

/** Whether an index says the same seat to whoever knows the run so as it does here, as far as both have it. */
const hasSeatsOf = ({ run: opened }: OpenRun, { train }: Run): boolean =>
  seatsAgainst(train.composition, opened.train.composition) !== "others";

const arrivalOf = (run: Run): number => run.dayStart + run.train.stops.at(-1)!.arriveS * 1_000;
