/** The segments of a trip as four words of 32 bits: how the seat ledger's columns say which part of a seat's way is taken. */
import { assert, segmentsPerRunMax } from "@chepiao/kernel";

export type SeatMask = readonly [number, number, number, number];

assert(segmentsPerRunMax <= 4 * 32, "a run's segments fit the ledger's four words");

export function seatMask(fromStop: number, toStop: number): SeatMask {
  const words: [number, number, number, number] = [0, 0, 0, 0];
  for (let segment = fromStop; segment < toStop; segment++) {
    // Unsigned, so that SQL sees the same number whether its columns have 32 bits or more.
    words[segment >>> 5] = (words[segment >>> 5]! | (1 << (segment & 31))) >>> 0;
  }
  return words;
}
