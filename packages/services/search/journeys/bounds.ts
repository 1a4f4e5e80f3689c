/** What is left of the way from a station, at best: by when one can be there with one more train, and what that costs at least. */
import type { SeatClass } from "@chepiao/contracts";
import type { Network } from "./network.ts";
import type { Tail } from "./question.ts";
import type { TransferRules } from "./rules.ts";

export type Bounds = {
  /** Infinity where no train goes there any more. */
  arrives(station: number, fromS: number): number;
  fareFen(station: number): number;
};

type Onward = { readonly untilS: number; readonly arriveS: number };
type Bound = { readonly untilS: Float64Array; readonly arriveS: Float64Array; readonly fareFen: number };

export function createBounds(
  network: Network,
  tails: readonly Tail[],
  rules: TransferRules,
  isInside: (station: number) => boolean,
  seatClass: SeatClass | null,
): Bounds {
  const onwards: ({ readonly departS: number; readonly arriveS: number }[] | undefined)[] = [];
  const fares: number[] = [];
  for (const { pattern, stop: last, dayStartS, arriveS } of tails) {
    const { stations, boards, departs } = network.patterns[pattern]!;
    for (let stop = 0; stop < last; stop++) {
      const station = stations[stop]!;
      if (!boards[stop] || !isInside(station)) continue;
      (onwards[station] ??= []).push({ departS: dayStartS + departs[stop]!, arriveS });
      fares[station] = Math.min(fares[station] ?? Infinity, network.floorOf(pattern, stop, last, seatClass));
    }
  }
  const bounds: (Bound | undefined)[] = [];

  function make(station: number): Bound {
    const all: Onward[] = [];
    let fareFen = Infinity;
    for (const other of isInside(station) ? [station, ...network.mates(station)] : []) {
      const transferS = rules.minimumS(network.stationIds[station]!, network.stationIds[other]!);
      for (const { departS, arriveS } of onwards[other] ?? []) all.push({ untilS: departS - transferS, arriveS });
      fareFen = Math.min(fareFen, fares[other] ?? Infinity);
    }
    all.sort((one, other) => one.untilS - other.untilS);
    const arriveS = new Float64Array(all.length);
    let best = Infinity;
    for (let n = all.length - 1; n >= 0; n--) arriveS[n] = best = Math.min(best, all[n]!.arriveS);
    return { untilS: Float64Array.from(all, ({ untilS }) => untilS), arriveS, fareFen };
  }

  const boundOf = (station: number) => (bounds[station] ??= make(station));
  return {
    arrives(station, fromS) {
      const { untilS, arriveS } = boundOf(station);
      let [low, high] = [0, untilS.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (untilS[middle]! >= fromS) high = middle;
        else low = middle + 1;
      }
      return low < arriveS.length ? arriveS[low]! : Infinity;
    },
    fareFen: (station) => boundOf(station).fareFen,
  };
}
