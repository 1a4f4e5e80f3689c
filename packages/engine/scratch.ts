/** What a choice of seats for a party works with. Reused by every choice; choices never overlap in time. */
import { passengersPerOrderMax, seatsPerClassMax, wordsFor } from "@chepiao/kernel";

export type Scratch = {
  from: number;
  to: number;
  count: number;
  wishes: Uint8Array;
  /** The answer: one seat a passenger, in order of the request. */
  readonly seats: Uint16Array;
  /** Free seats over the way, less those picked at the moment. */
  readonly open: Int32Array;
  /** Gap of each seat once it was needed, 0 before. */
  readonly gapOf: Uint8Array;
  /** Passengers in order of service. */
  readonly order: Uint8Array;
  readonly picked: Uint16Array;
  readonly best: Uint16Array;
  bestTotal: number;
  /** No seat has a smaller gap than this. */
  least: number;
};

export const createScratch = (): Scratch => ({
  from: 0,
  to: 0,
  count: 0,
  wishes: new Uint8Array(passengersPerOrderMax),
  seats: new Uint16Array(passengersPerOrderMax),
  open: new Int32Array(wordsFor(seatsPerClassMax)),
  gapOf: new Uint8Array(seatsPerClassMax),
  order: new Uint8Array(passengersPerOrderMax),
  picked: new Uint16Array(passengersPerOrderMax),
  best: new Uint16Array(passengersPerOrderMax),
  bestTotal: 0,
  least: 0,
});
