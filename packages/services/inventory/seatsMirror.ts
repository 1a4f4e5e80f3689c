/**
 * The seats as another thread of the same process sees them: the same memory, and word of which run lies where. For display
 * alone. Nothing is decided here, because between a look and a deed the seats may be sold (I8); and a look may fall into the
 * middle of a change, whose count then moves after it, so that a reader who watches the count looks again.
 */
import type { InventoryClient, Run, RunId } from "@chepiao/contracts";
import { createStock, seeChunk, seeRun, unseeRun } from "@chepiao/engine";
import type { EpochMs } from "@chepiao/kernel";
import { createOpenRuns } from "./openRuns.ts";
import { type ClassCounts, layoutToSee, type RunLayout } from "./runLayout.ts";

/** Where a run lies, and what lies there, which need not be what the timetable of another thread says of it. */
type Place = { readonly address: number; readonly segments: number; readonly classes: ClassCounts };

/** What the thread that sells tells its mirrors, in the order in which it happened. */
export type SeatsChange =
  | { readonly kind: "chunk"; readonly buffer: SharedArrayBuffer }
  /** Or grown: it lies there now, with so many seats. */
  | ({ readonly kind: "opened"; readonly runId: RunId } & Place)
  | { readonly kind: "retired"; readonly arrivedBefore: number; readonly closed: readonly RunId[] };

export type SeatsMirror = Required<Pick<InventoryClient, "available" | "availableNow" | "freeSeats" | "changes">> & {
  hear(changes: readonly SeatsChange[]): void;
};

export function createSeatsMirror(now: () => EpochMs): SeatsMirror {
  // It never puts a run on sale, so it never asks for memory.
  const stock = createStock();
  const runs = createOpenRuns(stock);
  /** Runs that are open and were not looked at here since. */
  const unseen = new Map<RunId, Place>();
  /** One for all runs of a composition. */
  const layouts = new Map<string, RunLayout>();

  function layoutOf(classes: ClassCounts): RunLayout {
    const text = JSON.stringify(classes);
    const runLayout = layouts.get(text) ?? layoutToSee(classes);
    layouts.set(text, runLayout);
    return runLayout;
  }

  function see(run: Run) {
    const there = unseen.get(run.runId);
    if (!there) return;
    unseen.delete(run.runId);
    const known = runs.byId.get(run.runId);
    if (known) unseeRun(stock, known.stock);
    const runLayout = layoutOf(there.classes);
    runs.put(run, seeRun(stock, runLayout.layouts, there.segments, there.address), runLayout);
  }

  function hearOne(changes: SeatsChange) {
    switch (changes.kind) {
      case "chunk":
        seeChunk(stock, changes.buffer);
        return runs.seeMore();
      case "opened": {
        unseen.set(changes.runId, changes);
        const run = runs.watched(changes.runId);
        return run && see(run);
      }
      case "retired":
        for (const { stock: handle } of runs.retire(changes.arrivedBefore)) unseeRun(stock, handle);
        for (const runId of changes.closed) unseen.delete(runId);
    }
  }

  return {
    hear: (changes) => changes.forEach(hearOne),
    async available(legs) {
      for (const { run } of legs) see(run);
      const at = now();
      return legs.map((leg) => runs.available(leg, at));
    },
    availableNow(leg) {
      see(leg.run);
      return runs.available(leg, now());
    },
    async freeSeats(leg, seatClass) {
      see(leg.run);
      return runs.freeSeats(leg, seatClass);
    },
    changes(run) {
      see(run);
      return runs.changesOf(run);
    },
  };
}
