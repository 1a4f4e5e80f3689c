/** What is to become what, as the address of the page has it: Back goes one step back, and a reload finds the same quote. */
import type { SeatClass, TrainOffer } from "@chepiao/contracts";
import { seatClassNamed } from "../../lib/legsAddress.ts";

export type NewTrip = {
  readonly trainNumber: string;
  readonly originDate: string;
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
};

export const changeAddress = (orderNo: string): string => `/order/${orderNo}/change`;

/** The address fields of a class of a train. */
export const fieldsOf = (train: TrainOffer, seatClass: SeatClass) => ({
  train: train.trainNumber,
  origin: train.originDate,
  board: train.from.stationId,
  alight: train.to.stationId,
  class: seatClass,
});
export const noTrip = { train: null, origin: null, board: null, alight: null, class: null } as const;

/** Null where no train is chosen yet, or the address was cut short. */
export function readNewTrip(query: URLSearchParams): NewTrip | null {
  const text = (name: string) => query.get(name) ?? "";
  const seatClass = seatClassNamed(text("class"));
  const trip = { trainNumber: text("train"), originDate: text("origin"), from: text("board"), to: text("alight") };
  return !seatClass || Object.values(trip).includes("") ? null : { ...trip, seatClass };
}
