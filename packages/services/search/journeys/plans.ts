/** Ways to get there that were found, and which of them are worth showing. */

/** A ride on one train in one class. Times are seconds since the epoch, fares are of one adult. */
export type Ride = {
  readonly runKey: number;
  readonly pattern: number;
  readonly from: number;
  readonly to: number;
  readonly seatClass: number;
  readonly fareFen: number;
};

export type Found = {
  readonly departS: number;
  readonly arriveS: number;
  readonly fareFen: number;
  /** Times that one changes the train, or the seat. */
  readonly changes: number;
  readonly rides: readonly Ride[];
};

/** As good in everything that counts: leaves no earlier, arrives no later, costs no more, and is changed no more often. */
const isAsGood = (one: Found, other: Found): boolean =>
  one.departS >= other.departS &&
  one.arriveS <= other.arriveS &&
  one.fareFen <= other.fareFen &&
  one.changes <= other.changes;

/** Those that no other is as good as; of equals, the first. */
export const undominated = (plans: readonly Found[]): Found[] =>
  plans.filter((plan, at) =>
    plans.every((other, n) => n === at || !isAsGood(other, plan) || (n > at && isAsGood(plan, other))),
  );

/**
 * Departure and fare of what arrives in time: the later, the dearer. Asked for each way that is thought of: is there one that leaves no
 * earlier and costs no more?
 */
export type Staircase = {
  covers(departS: number, fareFen: number): boolean;
  add(departS: number, fareFen: number): void;
};

export function createStaircase(): Staircase {
  // Departures fall, and so do fares.
  const departs: number[] = [];
  const fares: number[] = [];

  /** How many steps leave no earlier than that. */
  function stepsFrom(departS: number): number {
    let [low, high] = [0, departs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (departs[middle]! >= departS) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    covers(departS, fareFen) {
      const steps = stepsFrom(departS);
      return steps > 0 && fares[steps - 1]! <= fareFen;
    },
    add(departS, fareFen) {
      const at = stepsFrom(departS);
      if (at > 0 && fares[at - 1]! <= fareFen) return;
      // A step of the same departure is dearer now, and so may be those that leave earlier.
      const first = at > 0 && departs[at - 1] === departS ? at - 1 : at;
      let last = first;
      while (last < fares.length && fares[last]! >= fareFen) last++;
      departs.splice(first, last - first, departS);
      fares.splice(first, last - first, fareFen);
    },
  };
}

/** Plans that are known, asked in any order. */
export function createKnown(plans: readonly Found[]) {
  const sorted = plans.toSorted((one, other) => one.arriveS - other.arriveS);
  const departs = Float64Array.from(sorted, ({ departS }) => departS);
  const arrives = Float64Array.from(sorted, ({ arriveS }) => arriveS);
  const fares = Float64Array.from(sorted, ({ fareFen }) => fareFen);
  return {
    /** One of them leaves no earlier, arrives no later and costs no more. */
    covers(departS: number, arriveS: number, fareFen: number): boolean {
      for (let n = 0; n < departs.length && arrives[n]! <= arriveS; n++)
        if (departs[n]! >= departS && fares[n]! <= fareFen) return true;
      return false;
    },
  };
}
