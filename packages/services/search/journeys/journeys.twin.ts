/** Journeys as they read in the contract: every way to put rides together is tried, and what another is as good as is crossed out. */
import {
  type Availability,
  type Leg,
  orderTicketsMax,
  type Run,
  type SeatClass,
  seatClasses,
  type Timetable,
} from "@chepiao/contracts";
import { addDays, dateIn, type EpochMs, epochMs, instantOfClock, minuteMs } from "@chepiao/kernel";
import type { JourneysAsked } from "./index.ts";
import { journeyDaysMax, waitMaxS } from "./rules.ts";

export type TwinPlan = {
  readonly departAt: EpochMs;
  readonly arriveAt: EpochMs;
  readonly fareFen: number;
  readonly changes: number;
};

type Sold = Leg & { readonly fareFen: number };

const departOf = ({ run, fromStop }: Leg) => epochMs(run.dayStart + run.train.stops[fromStop]!.departS * 1_000);
const arriveOf = ({ run, toStop }: Leg) => epochMs(run.dayStart + run.train.stops[toStop]!.arriveS * 1_000);
const stationAt = (leg: Leg, end: "fromStop" | "toStop") => leg.run.train.stops[leg[end]]!.stationId;

export function journeysSlowly(
  timetable: Timetable,
  available: (leg: Leg) => Availability,
  asked: JourneysAsked,
  now: EpochMs,
): TwinPlan[] {
  const { date, passengers } = asked;
  const { order, trips, transfer } = timetable.policy.policy;
  // Each ride is a ticket for each of them.
  const changesMax = Math.min(asked.changesMax, Math.floor(orderTicketsMax(order) / passengers) - 1);
  const classes = asked.seatClass === null ? seatClasses.filter((each) => each !== "standing") : [asked.seatClass];
  const endsAt = instantOfClock(addDays(date, journeyDaysMax), 0, timetable.zone);

  const runs: Run[] = [];
  for (let day = -8; day <= journeyDaysMax + 1; day++) runs.push(...timetable.runsOn(addDays(date, day)));

  function isCancelled({ run, fromStop, toStop }: Leg): boolean {
    const state = timetable.stateOf(run.runId);
    const skips = (at: number) => state?.stops.some(({ stop, isSkipped }) => isSkipped && stop === at) ?? false;
    return state !== null && (state.isCancelled || skips(fromStop) || skips(toStop));
  }

  function isRide(leg: Leg): boolean {
    const { stops } = leg.run.train;
    const [from, to] = [stops[leg.fromStop]!, stops[leg.toStop]!];
    if (from.closedTo === "boarding" || to.closedTo === "alighting" || from.stationId === to.stationId) return false;
    for (let at = leg.fromStop + 1; at < leg.toStop; at++) {
      const { stationId, closedTo } = stops[at]!;
      if (stationId === from.stationId && closedTo !== "boarding") return false;
      if (stationId === to.stationId && closedTo !== "alighting") return false;
    }
    const opensAt = timetable.saleOpensAt(leg.run, leg.fromStop);
    return opensAt <= now && now < timetable.saleClosesAt(leg.run, leg.fromStop) && !isCancelled(leg);
  }

  const fare = ({ run, fromStop, toStop }: Leg, seatClass: SeatClass) =>
    timetable.fare(run, seatClass, fromStop, toStop, "adult");
  const isSold = (leg: Leg, seatClass: SeatClass) =>
    isRide(leg) && (available(leg).get(seatClass)?.sellable ?? 0) >= passengers;

  const soldKept = new Map<string, Sold | null>();
  /** In the cheapest class. */
  function sold(leg: Leg): Sold | null {
    const key = `${leg.run.runId} ${leg.fromStop} ${leg.toStop}`;
    if (!soldKept.has(key)) {
      const fares = classes.filter((each) => isSold(leg, each)).map((each) => fare(leg, each));
      soldKept.set(key, fares.length === 0 ? null : { ...leg, fareFen: Math.min(...fares) });
    }
    return soldKept.get(key)!;
  }

  /** Every ride that may follow on those so far. */
  function next(rides: readonly Sold[]): Sold[] {
    const before = rides.at(-1);
    return runs.flatMap((run) => {
      const found: Sold[] = [];
      for (let fromStop = 0; fromStop < run.train.stops.length; fromStop++) {
        const stop = run.train.stops[fromStop]!;
        const departAt = epochMs(run.dayStart + stop.departS * 1_000);
        if (before ? !isInTime(before, run, stop.stationId, departAt) : !isStart(run, fromStop, departAt)) continue;
        for (let toStop = fromStop + 1; toStop < run.train.stops.length; toStop++) {
          const ride = sold({ run, fromStop, toStop });
          if (ride) found.push(ride);
        }
      }
      return found;
    });
  }

  function isStart({ train }: Run, fromStop: number, departAt: EpochMs): boolean {
    const { stationId, zone = train.zone } = train.stops[fromStop]!;
    return asked.from.includes(stationId) && dateIn(zone, departAt) === date;
  }

  const isInside = (stationId: string) => !asked.from.includes(stationId) && !asked.to.includes(stationId);

  function isInTime(before: Leg, run: Run, station: string, departAt: EpochMs): boolean {
    const arrived = stationAt(before, "toStop");
    if (before.run === run || !isInside(arrived) || !isInside(station)) return false;
    const isSame = arrived === station;
    if (!isSame && timetable.station(arrived)!.city !== timetable.station(station)!.city) return false;
    const own = transfer?.stations?.[arrived];
    const within = own?.minutes ?? transfer?.minutes ?? 0;
    const minutes = isSame
      ? Math.max(trips.gapMinutes, within)
      : Math.max(
          trips.otherStationGapMinutes ?? trips.gapMinutes,
          own?.otherStationMinutes ?? transfer?.otherStationMinutes ?? within,
        );
    const waitMs = departAt - arriveOf(before);
    return waitMs >= minutes * minuteMs && waitMs <= waitMaxS * 1_000;
  }

  function isAllowed(rides: readonly Leg[]): boolean {
    const most = (of: (leg: Leg) => string) =>
      Math.max(...[...Map.groupBy(rides, of).values()].map((all) => all.length));
    const day = (leg: Leg) => dateIn(leg.run.train.stops[leg.fromStop]!.zone ?? leg.run.train.zone, departOf(leg));
    if (most(({ run }) => run.runId) * passengers > order.perUserRun) return false;
    return order.perDocumentDay === 0 || most(day) <= order.perDocumentDay;
  }

  const plans: TwinPlan[] = [];
  const keep = (rides: readonly Sold[]) => {
    if (!isAllowed(rides)) return;
    plans.push({
      departAt: departOf(rides[0]!),
      arriveAt: arriveOf(rides.at(-1)!),
      fareFen: rides.reduce((sum, { fareFen }) => sum + fareFen, 0),
      changes: rides.length - 1,
    });
  };

  function goOn(rides: readonly Sold[]) {
    for (const ride of next(rides)) {
      const all = [...rides, ride];
      const isThere = asked.to.includes(stationAt(ride, "toStop"));
      if (isThere && (rides.length === 0 || arriveOf(ride) < endsAt)) keep(all);
      if (!isThere && all.length <= changesMax) goOn(all);
    }
  }
  goOn([]);

  for (const run of runs) {
    run.train.stops.forEach((_, fromStop) => {
      for (let toStop = fromStop + 2; toStop < run.train.stops.length; toStop++) keepSplits({ run, fromStop, toStop });
    });
  }

  function keepSplits(whole: Leg) {
    const { run, fromStop, toStop } = whole;
    if (!isStart(run, fromStop, departOf(whole)) || !asked.to.includes(stationAt(whole, "toStop"))) return;
    if (!isRide(whole)) return;
    for (const seatClass of classes.filter((each) => each !== "standing" && !isSold(whole, each))) {
      for (let stop = fromStop + 1; stop < toStop; stop++) {
        const legs = [
          { run, fromStop, toStop: stop },
          { run, fromStop: stop, toStop },
        ];
        if (legs.every((leg) => isSold(leg, seatClass)))
          keep(legs.map((leg) => ({ ...leg, fareFen: fare(leg, seatClass) })));
      }
    }
  }

  return withoutDominated(plans);
}

/** Of equals one. */
function withoutDominated(plans: readonly TwinPlan[]): TwinPlan[] {
  const distinct = [...new Map(plans.map((plan) => [JSON.stringify(plan), plan])).values()];
  const isAsGood = (one: TwinPlan, other: TwinPlan) =>
    one.departAt >= other.departAt &&
    one.arriveAt <= other.arriveAt &&
    one.fareFen <= other.fareFen &&
    one.changes <= other.changes;
  return distinct.filter((plan) => !distinct.some((other) => other !== plan && isAsGood(other, plan)));
}
