/** The timetable room: which trains run, what they are made of, what they cost and when their sale opens. */
import {
  type AddedRuns,
  type Handlers,
  onlyPolicy,
  type Policies,
  policyDefault,
  type RunId,
  type timetableRoutes,
  type Timetable,
} from "@chepiao/contracts";
import { addDays, assert, dateIn, type EpochMs, type ServiceDate } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { createMemoryRunStateStore, type RunStateStore } from "@chepiao/ports/run-states";
import { createMemoryWithdrawnCoachStore, type WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import type { StoredTimetable, TimetableStore } from "@chepiao/ports/timetable-store";
import { createHandlers } from "./handlers.ts";
import { createRunStates } from "./runStates.ts";
import { createTimetable, saleOpensAt } from "./timetable.ts";

export { builtInCompositions, defaultComposition } from "./compositions.ts";

export type TimetableRoomDeps = {
  readonly store: TimetableStore;
  /** Nobody says anything where it is left out. */
  readonly runStates?: RunStateStore;
  readonly withdrawnCoaches?: WithdrawnCoachStore;
  readonly clock: Clock;
  readonly policies?: Policies;
};

export type TimetableRoom = {
  /** Always the newest that was loaded: may be kept and asked for ever. */
  readonly timetable: Timetable;
  /** The newest, which stays as it is. */
  current(): Timetable;
  readonly handlers: Handlers<typeof timetableRoutes>;
  /** When the sale of that day's runs opens. */
  saleOpensAt(boardingDate: ServiceDate): EpochMs;
  /** Takes over a newer timetable where there is one; answers whether there was. */
  reload(): Promise<boolean>;
  added(): AddedRuns;
  openAdded(version: number, runIds: ReadonlySet<RunId>): Promise<boolean>;
  /** Takes over what became of runs meanwhile, and what they were exchanged for; answers whether there was anything. */
  refreshStates(): Promise<boolean>;
  /** Goes by the policy that holds now; answers whether it is another one. */
  applyPolicy(): boolean;
};

/** Runs of this many days back stay known, so that tickets just travelled can still be looked at. */
const daysBack = 40;

const addedIn = ({ version, added = [] }: StoredTimetable, since: EpochMs): AddedRuns => ({
  version,
  runIds: new Set(added),
  since,
});

/** The store must hold a timetable. */
export async function createTimetableRoom(deps: TimetableRoomDeps): Promise<TimetableRoom> {
  const { policies = onlyPolicy(policyDefault) } = deps;
  const { runStates = createMemoryRunStateStore(), withdrawnCoaches = createMemoryWithdrawnCoachStore() } = deps;
  const states = createRunStates(runStates, withdrawnCoaches, deps.clock);
  const load = async () => {
    // The zone is in the timetable; a day more than enough is loaded, so that any zone will do to ask for it.
    const today = dateIn("UTC" as Timetable["zone"], deps.clock.now());
    const found = await deps.store.load(addDays(today, -daysBack - 1));
    assert(found !== null, "no timetable was imported yet");
    return found;
  };
  let made = 0;
  let exchanged = states.exchanged();
  const make = () => {
    exchanged = states.exchanged();
    return createTimetable(stored, policies.at(deps.clock.now()), { states, exchanged, version: ++made });
  };
  let stored = await load();
  await states.refresh();
  let current = make();
  let added = addedIn(stored, deps.clock.now());
  const timetable: Timetable = {
    get zone() {
      return current.zone;
    },
    get zones() {
      return current.zones;
    },
    zoneOf: (stationId) => current.zoneOf(stationId),
    get stations() {
      return current.stations;
    },
    get attributions() {
      return current.attributions;
    },
    get version() {
      return current.version;
    },
    get policy() {
      return current.policy;
    },
    station: (stationId) => current.station(stationId),
    resolvePlace: (text) => current.resolvePlace(text),
    suggestStations: (text, limit) => current.suggestStations(text, limit),
    cityEnglish: (city) => current.cityEnglish(city),
    calls: (stationId, side, date) => current.calls(stationId, side, date),
    run: (trainNumber, originDate) => current.run(trainNumber, originDate),
    stateOf: states.stateOf,
    notices: states.notices,
    cancellations: states.cancellations,
    stationOfStop: (stopId) => current.stationOfStop(stopId),
    knowsTrain: (trainNumber) => current.knowsTrain(trainNumber),
    trainCalled: (text) => current.trainCalled(text),
    legs: (from, to, boardingDate) => current.legs(from, to, boardingDate),
    runsOn: (originDate) => current.runsOn(originDate),
    saleOpensAt: (run, fromStop) => current.saleOpensAt(run, fromStop),
    saleClosesAt: (run, fromStop) => current.saleClosesAt(run, fromStop),
    stopIndex: (run, stationId, after, side) => current.stopIndex(run, stationId, after, side),
    fare: (...journey) => current.fare(...journey),
  };
  return {
    timetable,
    current: () => current,
    handlers: createHandlers(timetable),
    saleOpensAt: (boardingDate) => saleOpensAt(boardingDate, { policy: current.policy.policy, zone: current.zone }),
    async reload() {
      if ((await deps.store.version()) === stored.version) {
        // Others open some of them. What a newer version has added comes with it.
        const closed = added.runIds.size > 0 ? await deps.store.added(stored.version) : null;
        if (closed && closed.length < added.runIds.size) added = { ...added, runIds: new Set(closed) };
        return false;
      }
      stored = await load();
      // Before anybody can ask for one of its trains.
      added = addedIn(stored, deps.clock.now());
      current = make();
      return true;
    },
    added: () => added,
    async openAdded(version, runIds) {
      const isOpen = await deps.store.openAdded(version, runIds);
      if (isOpen && version === added.version) added = { ...added, runIds: added.runIds.difference(runIds) };
      return isOpen;
    },
    applyPolicy() {
      if (policies.at(deps.clock.now()) === current.policy) return false;
      current = make();
      return true;
    },
    async refreshStates() {
      const isNewer = await states.refresh();
      if (states.exchanged() !== exchanged) current = make();
      return isNewer;
    },
  };
}
