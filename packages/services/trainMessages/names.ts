/** By what the feed calls its trains: looked up once a day and timetable. */
import { plannedVersionOf, type Run, type Timetable } from "@chepiao/contracts";
import { addDays, dateIn, type ServiceDate } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { FeedTrip, TimetableStore } from "@chepiao/ports/timetable-store";
import type { NamedRun, RunNames } from "./place.ts";

export type NamesDeps = {
  readonly store: Pick<TimetableStore, "tripsOf">;
  readonly timetable: () => Timetable;
  readonly clock: Pick<Clock, "now">;
};

/** Yesterday's, today's and tomorrow's runs, and some beside. */
const daysKept = 5;

export function createRunNames({ store, timetable, clock }: NamesDeps): () => Promise<RunNames> {
  let version = -1;
  let trips: ReadonlyMap<number, readonly FeedTrip[]> = new Map();
  let byDate = new Map<ServiceDate, Day>();

  function dayOf(date: ServiceDate): Day {
    let day = byDate.get(date);
    if (day) return day;
    if (byDate.size >= daysKept) byDate = new Map();
    byDate.set(date, (day = makeDay(timetable().runsOn(date), trips)));
    return day;
  }

  return async () => {
    const current = timetable();
    if (current.version !== version) {
      trips = await store.tripsOf(addDays(dateIn(current.zone, clock.now()), -2));
      byDate = new Map();
      version = current.version;
    }
    return {
      zone: current.zone,
      runsOf: (tripId, date) => dayOf(date).byTrip.get(tripId) ?? [],
      trainNumbersOf: (routeId, date) => [...(dayOf(date).byRoute.get(routeId) ?? [])],
      stationOfStop: (stopId) => current.stationOfStop(stopId),
    };
  };
}

type Day = {
  readonly byTrip: ReadonlyMap<string, readonly NamedRun[]>;
  readonly byRoute: ReadonlyMap<string, ReadonlySet<string>>;
};

function makeDay(runs: Iterable<Run>, trips: ReadonlyMap<number, readonly FeedTrip[]>): Day {
  const byTrip = new Map<string, NamedRun[]>();
  const byRoute = new Map<string, Set<string>>();
  for (const run of runs) {
    const own = trips.get(plannedVersionOf(run.train)) ?? [];
    for (const trip of own) {
      const named = { run, trip, trips: own };
      const known = byTrip.get(trip.tripId);
      if (known) known.push(named);
      else byTrip.set(trip.tripId, [named]);
      const { trainNumber } = run.train;
      byRoute.set(trip.routeId, (byRoute.get(trip.routeId) ?? new Set()).add(trainNumber));
    }
  }
  return { byTrip, byRoute };
}
