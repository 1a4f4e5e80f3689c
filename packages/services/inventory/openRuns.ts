/**
 * Which runs have a stock, and what can be seen of them. The one thread that sells reads its seats through this, and so do mirrors
 * on others. A run's stock is opened when its first seat is held; until then all its seats are free and it costs nothing.
 */
import type { Changes, Leg, Run, RunId, SeatClass } from "@chepiao/contracts";
import { ChangeCount, free, seatIsFree, type Stock } from "@chepiao/engine";
import { type Plan, planOf } from "./plans.ts";

/** `stock` is the engine's handle of the run. */
export type OpenRun = { readonly run: Run; readonly plan: Plan; readonly stock: number };

export type OpenRuns = {
  readonly byId: ReadonlyMap<RunId, OpenRun>;
  /** Its last stop is past: it has no seats any more. */
  isRetired(run: Run): boolean;
  /** The latest moment of which `retire` was told. */
  retiredBefore(): number;
  put(run: Run, handle: number): OpenRun;
  /** Forgets runs that reached their last stop before then; answers those that were open. */
  retire(arrivedBefore: number): OpenRun[];
  changesOf(run: Run): Changes;
  /** Whether somebody watches its changes, open or not: the run, as that one named it. */
  watched(runId: RunId): Run | undefined;
  available(leg: Leg): ReadonlyMap<SeatClass, number>;
  freeSeats(leg: Leg, seatClass: SeatClass): boolean[];
  /** Standing is not sold while the class it stands in has a seat over the whole way. */
  mustSit(opened: OpenRun, cls: number, fromStop: number, toStop: number): boolean;
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

  const mustSit = ({ plan, stock: run }: OpenRun, cls: number, fromStop: number, toStop: number): boolean =>
    cls === plan.standing && free(stock, run, plan.parent, fromStop, toStop) > 0;

  return {
    byId,
    isRetired,
    retiredBefore: () => retiredBefore,
    put(run, handle) {
      const opened = { run, plan: planOf(run.train.composition), stock: handle };
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
    available({ run, fromStop, toStop }) {
      const seats = new Map<SeatClass, number>();
      if (isRetired(run)) return seats;
      const opened = byId.get(run.runId);
      const { classes, layouts, standing } = opened?.plan ?? planOf(run.train.composition);
      for (let cls = 0; cls < classes.length; cls++) {
        const count = opened
          ? mustSit(opened, cls, fromStop, toStop)
            ? 0
            : free(stock, opened.stock, cls, fromStop, toStop)
          : cls === standing
            ? 0
            : layouts[cls]!.seatCount;
        seats.set(classes[cls]!, count);
      }
      return seats;
    },
    freeSeats({ run, fromStop, toStop }, seatClass) {
      if (isRetired(run)) return [];
      const opened = byId.get(run.runId);
      const plan = opened?.plan ?? planOf(run.train.composition);
      const cls = plan.classes.indexOf(seatClass);
      return Array.from(
        { length: plan.layouts[cls]?.seatCount ?? 0 },
        (_, seat) => !opened || seatIsFree(stock, opened.stock, cls, seat, fromStop, toStop),
      );
    },
    mustSit,
  };
}

const arrivalOf = (run: Run): number => run.dayStart + run.train.stops.at(-1)!.arriveS * 1_000;
