/** Fares that a railway's feed gives a train: by class, kind of passenger and way. */
import type { Fen } from "@chepiao/kernel";
import type { SeatClass, TicketType } from "./vocabulary.ts";

export type TrainFare = {
  /** Standing is sold at the fare of the class it stands in. */
  readonly seatClass: Exclude<SeatClass, "standing">;
  readonly ticketType: TicketType;
  /** At `wayIndex`; null where the feed has no fare. */
  readonly byWay: readonly (Fen | null)[];
};

export const wayCount = (stopCount: number): number => (stopCount * (stopCount - 1)) / 2;

/** Ways in order of where they begin, then of where they end; stops are counted from 0. */
export const wayIndex = (fromStop: number, toStop: number, stopCount: number): number =>
  (fromStop * (2 * stopCount - fromStop - 1)) / 2 + toStop - fromStop - 1;
