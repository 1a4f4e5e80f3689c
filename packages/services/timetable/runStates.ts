/** What became of runs on the day, in memory, as every process holds it. */
import type { Notice, RunId, RunState } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { RunStates, RunStateStore } from "@chepiao/ports/run-states";

export type RunStatesInMemory = {
  /** Null where nothing is known: then it runs as planned, or nobody says. */
  stateOf(runId: RunId): RunState | null;
  /** Those that hold now. */
  notices(): readonly Notice[];
  /** Moves whenever other runs or stops are cancelled than before: what is on sale has changed. */
  cancellations(): number;
  /** Takes over what is newer in the store; answers whether there was anything. */
  refresh(): Promise<boolean>;
};

export function createRunStates(store: RunStateStore, clock: Pick<Clock, "now">): RunStatesInMemory {
  let version = 0;
  let sources: readonly RunStates[] = [];
  let known = new Map<RunId, { readonly state: RunState; readonly staleAt: EpochMs }>();
  let cancelled = "";
  let cancellations = 0;

  function takeOver(all: readonly RunStates[]): void {
    sources = all;
    known = new Map();
    // The newest word on a run holds, but for one thing: who says that it is cancelled is believed until that is taken back.
    for (const { runs, staleAt } of all.toSorted((a, b) => a.at - b.at))
      for (const state of runs) {
        const isCancelled = state.isCancelled || known.get(state.runId)?.state.isCancelled === true;
        known.set(state.runId, { state: { ...state, isCancelled }, staleAt });
      }
    const now = cancelledNow(known.values().map(({ state }) => state));
    if (now === cancelled) return;
    cancelled = now;
    cancellations++;
  }

  return {
    stateOf(runId) {
      const found = known.get(runId);
      if (!found) return null;
      if (clock.now() < found.staleAt) return found.state;
      return found.state.isCancelled || found.state.stops.some((stop) => stop.isSkipped)
        ? withoutDelays(found.state)
        : null;
    },
    notices() {
      const now = clock.now();
      const holding = ({ from, until }: Notice) => (from === null || from <= now) && (until === null || now < until);
      return sources.filter(({ staleAt }) => now < staleAt).flatMap(({ notices }) => notices.filter(holding));
    },
    cancellations: () => cancellations,
    async refresh() {
      const newest = await store.version();
      if (newest === version) return false;
      takeOver([...(await store.read()).values()]);
      version = newest;
      return true;
    },
  };
}

/** Nobody knows any more how late it is; that it does not run, or not there, stands. */
const withoutDelays = (state: RunState): RunState => ({
  ...state,
  stops: state.stops
    .filter((stop) => stop.isSkipped)
    .map((stop) => ({ ...stop, arriveDelayS: null, departDelayS: null })),
});

const cancelledNow = (states: Iterable<RunState>): string =>
  [...states]
    .filter(({ isCancelled, stops }) => isCancelled || stops.some((stop) => stop.isSkipped))
    .map(({ runId, isCancelled, stops }) => {
      return `${runId} ${isCancelled ? "all" : stops.flatMap((stop) => (stop.isSkipped ? [stop.stop] : [])).join()}`;
    })
    .sort()
    .join("\n");
