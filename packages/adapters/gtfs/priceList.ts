/** What a feed's fares come to, in whichever of its two forms they are: the fares of a way. */
import type { SeatClass, TicketType } from "@chepiao/contracts";
import type { Fen } from "@chepiao/kernel";
import type { Route } from "./trip.ts";

/** A call of a train: at which stop, and on which route it goes on from there. */
export type PricedCall = { readonly stopId: string; readonly route: Route };

export type PricedWay = {
  /** From the first to the last, in order. */
  readonly calls: readonly PricedCall[];
  /** Those of the way's parts, each once. */
  readonly routes: ReadonlySet<Route>;
};

export type PricedFare = {
  /** Null where the feed names none: GTFS knows no classes. */
  readonly seatClass: Exclude<SeatClass, "standing"> | null;
  readonly ticketType: TicketType;
  readonly fareFen: Fen;
};

/** What has to be said of the row that a fare was read from, when a train turns out to be sold at it. */
export type FareRow = { readonly file: string; readonly line: number; readonly currency: string };

export type PriceList = {
  /** `trip` is named where the feed cannot be taken as it is. */
  faresOf(way: PricedWay, trip: string): readonly PricedFare[];
};
