/** What a search for journeys asks, by the numbers of the network. */
import type { SeatClass } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

export type Party = {
  readonly passengers: number;
  readonly seatClass: SeatClass | null;
  readonly now: EpochMs;
};

export type Question = Party & {
  /** Stations by number. */
  readonly from: ReadonlySet<number>;
  readonly to: ReadonlySet<number>;
  readonly dayNumber: number;
  readonly changesMax: number;
};

/** A train that calls where one wants to go. */
export type Tail = {
  readonly runKey: number;
  readonly pattern: number;
  readonly stop: number;
  readonly dayStartS: number;
  readonly arriveS: number;
};
