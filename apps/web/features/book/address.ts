/** The address of a booking: everything that a reload, Back or a copied link has to find again, and nothing private. */
import type { SeatClass, TrainOffer } from "@chepiao/contracts";
import { seatClassNamed } from "../../lib/legsAddress.ts";

export type Wanted = {
  /** The places of the search, for alternatives. */
  readonly from: string;
  readonly to: string;
  readonly date: string;
  readonly trainNumber: string;
  readonly originDate: string;
  readonly board: string;
  readonly alight: string;
  readonly seatClass: SeatClass;
};

export type TrainChoice = Pick<Wanted, "trainNumber" | "originDate" | "board" | "alight">;

/** Null where something is missing: the address was cut short or made by hand. */
export function readWanted(query: URLSearchParams): Wanted | null {
  const text = (name: string) => query.get(name) ?? "";
  const seatClass = seatClassNamed(text("class"));
  const wanted = {
    from: text("from"),
    to: text("to"),
    date: text("date"),
    trainNumber: text("train"),
    originDate: text("origin"),
    board: text("board"),
    alight: text("alight"),
  };
  if (!seatClass || Object.values(wanted).includes("")) return null;
  return { ...wanted, seatClass };
}

/** The same choice on its other page. */
export const wantedAddress = (wanted: Wanted, page: "/book" | "/waitlist"): string => {
  const { trainNumber: train, originDate: origin, seatClass, ...places } = wanted;
  return `${page}?${new URLSearchParams({ ...places, train, origin, class: seatClass }).toString()}`;
};

/** The train of the list that was chosen; undefined where it is not there any more. */
export const wantedOf = (trains: readonly TrainOffer[], wanted: TrainChoice): TrainOffer | undefined =>
  trains.find(
    (each) =>
      each.trainNumber === wanted.trainNumber &&
      each.originDate === wanted.originDate &&
      each.from.stationId === wanted.board &&
      each.to.stationId === wanted.alight,
  );

/** Back to the trains it was chosen from. */
export const listAddress = ({ from, to, date }: Pick<Wanted, "from" | "to" | "date">): string =>
  `/?${new URLSearchParams({ from, to, date }).toString()}`;
