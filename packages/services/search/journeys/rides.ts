/**
 * What a ride costs now: the cheapest class in which the whole party may be sold it, as a search for tickets shows it. Of each ride it is
 * asked once a question, and only of rides that would be worth showing. Where stock is not known here, a ride counts as cheap as it can be,
 * and is noted: it is asked for, and the question is worked out again.
 */
import { type Availability, type Leg, type Run, type SeatClass, seatClasses } from "@chepiao/contracts";
import { isCancelled } from "../offers.ts";
import { floorMax, isWanted, type Network, stopsPerTrain } from "./network.ts";
import type { Ride } from "./plans.ts";
import type { Party } from "./question.ts";

/** The runs of a question by number: day and pattern. */
export type Runs = {
  runOf(runKey: number): Run;
  patternOf(runKey: number): number;
};

export type Rides = {
  /** Null where it cannot be bought. */
  best(runKey: number, from: number, to: number): Ride | null;
  /** Two rides in one class that has no seat all the way, changed at one of these stops: the cheapest. */
  split(runKey: number, from: number, to: number, stops: readonly number[]): readonly [Ride, Ride] | null;
  readonly unknown: readonly Leg[];
  /** More were unknown than may be asked for: those count as not to be had. */
  isCut(): boolean;
};

const none = new Map() as Availability;

export function createRides(
  network: Network,
  { runOf, patternOf }: Runs,
  { passengers, seatClass, now }: Party,
  availabilityOf: (leg: Leg) => Availability | undefined,
  /** Rides that are not known: as cheap as can be, or not to be had. */
  isHopeful: boolean,
  /** How many may be asked for. */
  unknownMax: number,
): Rides {
  const { timetable } = network;
  const bestKept = new Map<number, Ride | null>();
  const stockKept = new Map<number, Availability | null | undefined>();
  const unknown: Leg[] = [];
  let isCut = false;

  function isOnSale(leg: Leg): boolean {
    const { run, fromStop } = leg;
    return (
      timetable.saleOpensAt(run, fromStop) <= now &&
      now < timetable.saleClosesAt(run, fromStop) &&
      !isCancelled(leg, timetable)
    );
  }

  function stock(runKey: number, from: number, to: number): Availability | null | undefined {
    const key = (runKey * stopsPerTrain + from) * stopsPerTrain + to;
    if (stockKept.has(key)) return stockKept.get(key);
    const leg = { run: runOf(runKey), fromStop: from, toStop: to };
    let found = isOnSale(leg) ? availabilityOf(leg) : null;
    if (found === undefined && unknown.length < unknownMax) unknown.push(leg);
    else if (found === undefined) {
      found = null;
      isCut = true;
    }
    stockKept.set(key, found);
    return found;
  }

  function cheapest(runKey: number, from: number, to: number): Ride | null {
    const pattern = patternOf(runKey);
    const known = stock(runKey, from, to);
    if (known === undefined) {
      const fareFen = network.floorOf(pattern, from, to, seatClass);
      return isHopeful && fareFen < floorMax ? { runKey, pattern, from, to, seatClass: 0, fareFen } : null;
    }
    let best: Ride | null = null;
    const run = runOf(runKey);
    for (const [each, { sellable }] of known ?? none) {
      if (sellable < passengers || !isWanted(each, seatClass)) continue;
      const fareFen = timetable.fare(run, each, from, to, "adult");
      const place = seatClasses.indexOf(each);
      if (!best || fareFen < best.fareFen || (fareFen === best.fareFen && place < best.seatClass))
        best = { runKey, pattern, from, to, seatClass: place, fareFen };
    }
    return best;
  }

  const isSellable = (known: Availability | null | undefined, each: SeatClass) =>
    known !== undefined && known !== null && (known.get(each)?.sellable ?? 0) >= passengers;

  /** For one of two rides on the train. Where a quota has a limit to come, both may count in it: there is enough for both or for none. */
  const isSellableBeside = (known: Availability | null | undefined, each: SeatClass) => {
    const { sellable = 0, changesAt = null } = known?.get(each) ?? {};
    return sellable >= (changesAt === null ? passengers : 2 * passengers);
  };

  function split(runKey: number, from: number, to: number, stops: readonly number[]): readonly [Ride, Ride] | null {
    const whole = stock(runKey, from, to);
    if (!whole) return null;
    const run = runOf(runKey);
    const pattern = patternOf(runKey);
    const fareOf = (each: SeatClass, start: number, end: number) => timetable.fare(run, each, start, end, "adult");
    let best: readonly [Ride, Ride] | null = null;
    let bestFen = Infinity;
    for (const each of network.patterns[pattern]!.classes) {
      // Whoever stands has no seat to change.
      if (each === "standing" || !isWanted(each, seatClass) || isSellable(whole, each)) continue;
      for (const stop of stops) {
        const fares = [fareOf(each, from, stop), fareOf(each, stop, to)] as const;
        if (fares[0] + fares[1] >= bestFen) continue;
        if (!isSellableBeside(stock(runKey, from, stop), each)) continue;
        if (!isSellableBeside(stock(runKey, stop, to), each)) continue;
        const ride = { runKey, pattern, seatClass: seatClasses.indexOf(each) };
        best = [
          { ...ride, from, to: stop, fareFen: fares[0] },
          { ...ride, from: stop, to, fareFen: fares[1] },
        ];
        bestFen = fares[0] + fares[1];
      }
    }
    return best;
  }

  return {
    unknown,
    isCut: () => isCut,
    split,
    best(runKey, from, to) {
      const key = (runKey * stopsPerTrain + from) * stopsPerTrain + to;
      let ride = bestKept.get(key);
      if (ride === undefined) bestKept.set(key, (ride = cheapest(runKey, from, to)));
      return ride;
    },
  };
}
