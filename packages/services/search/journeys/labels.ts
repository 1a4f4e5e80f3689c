/** Where one can be by some rides, and who waits at a station for the next. */
import type { Steps } from "./budget.ts";
import type { Network } from "./network.ts";
import type { Ride } from "./plans.ts";
import { type TransferRules, waitMaxS } from "./rules.ts";

/** At a station, by some rides. Times are seconds since the epoch. */
export type Label = {
  readonly departS: number;
  readonly arriveS: number;
  readonly station: number;
  readonly before: Label | null;
  readonly runKey: number;
  readonly pattern: number;
  readonly fromStop: number;
  readonly toStop: number;
  /** Of all its rides: no more than they cost. -1 where nobody asked yet. */
  fareFen: number;
  /** Null until their seats are asked for; false where they cannot be bought. */
  rides: readonly Ride[] | null | false;
};

/** Who may board at a station. */
export type Waiting = {
  /** The first and the last moment at which anybody boards. */
  readonly firstS: number;
  readonly lastS: number;
  /** Made when the first train calls at such a moment. */
  queue(): Queue;
};

/** The latest to set out first. */
export type Queue = {
  readonly labels: readonly Label[];
  /** From when each may board, in seconds. */
  readonly ready: Float64Array;
  /** What the cheapest of each and those behind it costs, at least. */
  readonly cheapest: Float64Array;
};

type Arrival = { readonly label: Label; readonly readyS: number };

/** By station: whoever arrives there, or at another station of its city. */
export function createWaiting(
  network: Network,
  labels: readonly Label[],
  rules: TransferRules,
  isOfUse: (station: number) => boolean,
  floorOf: (label: Label) => number,
  steps: Steps,
): (Waiting | undefined)[] {
  const arrivals: (Arrival[] | undefined)[] = [];
  for (const label of labels) {
    for (const station of [label.station, ...network.mates(label.station)]) {
      if (!isOfUse(station)) continue;
      const readyS = label.arriveS + rules.minimumS(network.stationIds[label.station]!, network.stationIds[station]!);
      (arrivals[station] ??= []).push({ label, readyS });
    }
  }
  return arrivals.map((here) => here && waitingOf(here, floorOf, steps));
}

function waitingOf(arrivals: Arrival[], floorOf: (label: Label) => number, steps: Steps): Waiting {
  let [firstS, lastS] = [Infinity, -Infinity];
  for (const { label, readyS } of arrivals) {
    firstS = Math.min(firstS, readyS);
    lastS = Math.max(lastS, label.arriveS + waitMaxS);
  }
  let kept: Queue | null = null;
  return { firstS, lastS, queue: () => (kept ??= queueOf(arrivals, floorOf, steps)) };
}

function queueOf(arrivals: Arrival[], floorOf: (label: Label) => number, steps: Steps): Queue {
  steps.left -= arrivals.length / 2;
  for (const { label } of arrivals) if (label.fareFen < 0) label.fareFen = floorOf(label);
  arrivals.sort((one, other) => other.label.departS - one.label.departS || one.label.fareFen - other.label.fareFen);
  const cheapest = new Float64Array(arrivals.length);
  let least = Infinity;
  for (let n = arrivals.length - 1; n >= 0; n--) cheapest[n] = least = Math.min(least, arrivals[n]!.label.fareFen);
  return {
    labels: arrivals.map(({ label }) => label),
    ready: Float64Array.from(arrivals, ({ readyS }) => readyS),
    cheapest,
  };
}
