/** Where people would sit if their train were another: what is asked, and what is answered. */
import type { OrderId } from "@chepiao/kernel";
import type { Composition, Seat } from "./composition.ts";
import type { SeatClass } from "./vocabulary.ts";

/** What the train is to be. */
export type Refit = {
  readonly composition: Composition;
  /** Coaches of it that are not there. Seats keep their numbers. */
  readonly withoutCoaches: readonly number[];
  /** Coaches in which nobody is given a seat, though who has one there keeps it. */
  readonly withdrawnCoaches?: readonly number[];
  /** Who may stay does, also where his party sits closer together otherwise: as they are moved, and not as one would like it best. */
  readonly movesNobodyElse?: true;
};

export type Place = { readonly seatClass: SeatClass; readonly seat: Seat };
export type Placement = {
  readonly orderId: OrderId;
  readonly line: number;
  readonly ticketNo: string;
  readonly before: Place;
  /** Null for who gets no place. */
  readonly after: Place | null;
  /** It is another place of the train, and not only another number of the same. */
  readonly isMoved: boolean;
};
