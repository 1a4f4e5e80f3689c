/** What became of runs on the day, in memory, as every process holds it. */
import { areSameCoaches, type Composition, type Notice, type RunId, type RunState } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { compositionOf, type WithdrawnCoaches, type WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { cancelledByOperator, isOfOperator, type RunStates, type RunStateStore } from "@chepiao/ports/run-states";

export type RunStatesInMemory = {
  /** Null where nothing is known: then it runs as planned, or nobody says. */
  stateOf(runId: RunId): RunState | null;
  /** Those that hold now. */
  notices(): readonly Notice[];
  /** What is not made of what it was planned as, by run. The same map until any is exchanged. */
  exchanged(): ReadonlyMap<RunId, Composition>;
  /** Moves whenever other runs or stops are cancelled than before: what is on sale has changed. */
  cancellations(): number;
  /** Takes over what is newer in the store; answers whether there was anything. */
  refresh(): Promise<boolean>;
};

type Known = { readonly state: RunState; readonly staleAt: EpochMs };

export function createRunStates(
  store: RunStateStore,
  withdrawnCoaches: Pick<WithdrawnCoachStore, "all" | "version">,
  clock: Pick<Clock, "now">,
): RunStatesInMemory {
  let version = 0;
  let coachVersion = 0;
  let lostCoaches: ReadonlyMap<RunId, readonly number[]> = new Map();
  let exchanged: ReadonlyMap<RunId, Composition> = new Map();
  let sources: readonly RunStates[] = [];
  let known = new Map<RunId, Known>();
  let cancelled = "";
  let cancellations = 0;

  function takeOver(all: ReadonlyMap<string, RunStates>): void {
    sources = [...all.values()];
    known = new Map();
    const byTime = [...all].toSorted(([, a], [, b]) => a.at - b.at);
    // The newest word on a run holds, but for one thing: who says that it is cancelled is believed until that is taken back.
    for (const [, { runs, staleAt }] of byTime.filter(([source]) => !isOfOperator(source)))
      for (const state of runs) {
        const isCancelled = state.isCancelled || known.get(state.runId)?.state.isCancelled === true;
        known.set(state.runId, { state: { ...state, isCancelled }, staleAt });
      }
    for (const [, { runs, staleAt }] of byTime.filter(([source]) => isOfOperator(source)))
      for (const state of runs) known.set(state.runId, cutBy({ state, staleAt }, known.get(state.runId)));
    for (const { runId, refundsFrom } of cancelledByOperator(all)) {
      const { state, staleAt } = known.get(runId)!;
      known.set(runId, { state: { ...state, refundsFrom }, staleAt });
    }
    const now = cancelledNow(known.values().map(({ state }) => state));
    if (now === cancelled) return;
    cancelled = now;
    cancellations++;
  }

  function saidOf(runId: RunId): RunState | null {
    const found = known.get(runId);
    if (!found) return null;
    if (clock.now() < found.staleAt) return found.state;
    return found.state.isCancelled || found.state.stops.some((stop) => stop.isSkipped)
      ? withoutDelays(found.state)
      : null;
  }

  async function refreshCoaches(): Promise<boolean> {
    const newest = await withdrawnCoaches.version();
    if (newest === coachVersion) return false;
    const { runs } = await withdrawnCoaches.all();
    lostCoaches = new Map(
      runs.flatMap(({ runId, lost }) => (lost.length > 0 ? [[runId, lost.map(({ no }) => no)]] : [])),
    );
    const now = exchangedIn(runs);
    if (now.size !== exchanged.size || [...now].some(([runId, each]) => exchanged.get(runId) !== each)) exchanged = now;
    coachVersion = newest;
    return true;
  }

  async function refreshSaid(): Promise<boolean> {
    const newest = await store.version();
    if (newest === version) return false;
    takeOver(await store.read());
    version = newest;
    return true;
  }

  return {
    stateOf(runId) {
      const said = saidOf(runId);
      const lost = lostCoaches.get(runId);
      const other = exchanged.get(runId);
      if (!lost && !other) return said;
      return {
        ...(said ?? { runId, isCancelled: false, stops: [] }),
        ...(lost && { lostCoaches: lost }),
        ...(other && !isAsSold(other) && { exchangedTo: other.code }),
      };
    },
    notices() {
      const now = clock.now();
      const holding = ({ from, until }: Notice) => (from === null || from <= now) && (until === null || now < until);
      return sources.filter(({ staleAt }) => now < staleAt).flatMap(({ notices }) => notices.filter(holding));
    },
    exchanged: () => exchanged,
    cancellations: () => cancellations,
    async refresh() {
      const [isSaid, isLost] = [await refreshSaid(), await refreshCoaches()];
      return isSaid || isLost;
    },
  };
}

/** Exchanged, and back. */
function isAsSold(composition: Composition): boolean {
  let first = composition;
  while (first.replaces) first = first.replaces;
  return areSameCoaches(first, composition);
}

const exchangedIn = (runs: readonly WithdrawnCoaches[]): ReadonlyMap<RunId, Composition> =>
  new Map(runs.flatMap(({ runId, exchange }) => (exchange ? [[runId, compositionOf(exchange)]] : [])));

/** What an operator takes out is out until that is taken back, whatever feeds say of the train meanwhile; how late it is they go on to say. */
function cutBy(
  said: Known,
  known: Known = { ...said, state: { ...said.state, isCancelled: false, stops: [] } },
): Known {
  const isCancelled = said.state.isCancelled || known.state.isCancelled;
  const cut = said.state.stops.filter(({ isSkipped }) => isSkipped).map((stop) => ({ ...stop, isCut: true }));
  const left = known.state.stops.filter(({ stop }) => !cut.some((each) => each.stop === stop));
  const stops = [...left, ...cut].toSorted((a, b) => a.stop - b.stop);
  return { state: { ...known.state, isCancelled, stops }, staleAt: known.staleAt };
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
