/** Plans as a passenger reads them. */
import {
  type Availability,
  type JourneyPlan,
  type JourneySort,
  type JourneyTransfer,
  type Leg,
  seatClasses,
  type Timetable,
} from "@chepiao/contracts";
import { dateIn, daysBetween, epochMs, formatInZone, secondMs } from "@chepiao/kernel";
import { fixedOffer } from "../offers.ts";
import type { Found, Ride } from "./plans.ts";
import type { Runs } from "./rides.ts";
import { plansMax } from "./rules.ts";

const minutesIn = (seconds: number) => Math.round(seconds / 60);

type Ordered = Pick<Found, "departS" | "arriveS" | "fareFen" | "changes">;
const durationOf = ({ departS, arriveS }: Ordered) => arriveS - departS;
const sorts: Readonly<Record<JourneySort, (one: Ordered, other: Ordered) => number>> = {
  arrival: (one, other) => one.arriveS - other.arriveS,
  duration: (one, other) => durationOf(one) - durationOf(other),
  price: (one, other) => one.fareFen - other.fareFen,
  changes: (one, other) => one.changes - other.changes,
};

const isSplit = ({ rides: [first, second, ...others] }: Found): boolean =>
  second !== undefined && others.length === 0 && first!.runKey === second.runKey;

/** Who changes the seat alone comes first, whatever is asked for; of equals, who arrives first, then who leaves last, then the cheapest. */
export function inOrder(found: readonly Found[], by: JourneySort): Found[] {
  const sorted = found.toSorted(
    (one, other) =>
      Number(isSplit(other)) - Number(isSplit(one)) ||
      sorts[by](one, other) ||
      one.arriveS - other.arriveS ||
      other.departS - one.departS ||
      one.fareFen - other.fareFen ||
      one.changes - other.changes,
  );
  return sorted.slice(0, plansMax);
}

export function planOf(
  found: Found,
  { runOf }: Runs,
  passengers: number,
  timetable: Timetable,
  availabilityOf: (leg: Leg) => Availability | undefined,
): JourneyPlan {
  const legs = found.rides.map((ride) => legOf(ride, runOf));
  const first = legs[0]!;
  const last = legs.at(-1)!;
  const zone = zoneAt(last, last.toStop);
  const offers = legs.map((leg, n) => {
    const { saleOpensAt: _opensAt, ...offer } = fixedOffer(leg, timetable);
    const { seatClass: place, fareFen } = found.rides[n]!;
    const seatClass = seatClasses[place]!;
    return { ...offer, seatClass, fareFen, free: availabilityOf(leg)?.get(seatClass)?.sellable ?? 0 };
  });
  const [departAt, arriveAt] = [epochMs(found.departS * secondMs), epochMs(found.arriveS * secondMs)];
  return {
    kind: legs.length === 1 ? "direct" : isSplit(found) ? "sameTrain" : "transfer",
    changes: found.changes,
    departAt: offers[0]!.departAt,
    arriveAt: formatInZone(arriveAt, zone),
    durationMinutes: minutesIn(durationOf(found)),
    arrivesDaysLater: daysBetween(dateIn(zoneAt(first, first.fromStop), departAt), dateIn(zone, arriveAt)),
    fareFen: found.fareFen,
    totalFen: found.fareFen * passengers,
    legs: offers,
    transfers: legs.slice(1).map((leg, n) => transferOf(legs[n]!, leg)),
  };

  function zoneAt({ run: { train } }: Leg, stop: number) {
    return train.stops[stop]!.zone ?? train.zone;
  }

  function transferOf(before: Leg, after: Leg): JourneyTransfer {
    const arrived = before.run.train.stops[before.toStop]!;
    const leaves = after.run.train.stops[after.fromStop]!;
    const waitMs = after.run.dayStart + leaves.departS * secondMs - (before.run.dayStart + arrived.arriveS * secondMs);
    const kind = before.run === after.run ? "seat" : arrived.stationId === leaves.stationId ? "station" : "city";
    return { kind, waitMinutes: minutesIn(waitMs / secondMs) };
  }
}

const legOf = ({ runKey, from, to }: Ride, runOf: Runs["runOf"]): Leg => ({
  run: runOf(runKey),
  fromStop: from,
  toStop: to,
});
