/** What the filters offer, and how many trains each choice leaves. Pure; loaded with the filters, after the trains. */
import type { SeatClass, TrainOffer, TrainType } from "@chepiao/contracts";
import { seatClassesOffered } from "../../lib/seatClasses.ts";
import { filterTrains, type Filters, type ListName } from "./filter.ts";

export type Choices = {
  readonly types: readonly TrainType[];
  readonly classes: readonly SeatClass[];
  readonly from: readonly { readonly stationId: string; readonly name: string }[];
  readonly to: readonly { readonly stationId: string; readonly name: string }[];
};

/** What there is to choose from: only what some train of this search has. */
export function choicesOf(trains: readonly TrainOffer[]): Choices {
  const unique = <T>(values: readonly T[], key: (value: T) => string): T[] => [
    ...new Map(values.map((value) => [key(value), value])).values(),
  ];
  const typeOrder: readonly TrainType[] = ["highSpeed", "emu", "intercity", "express", "fast", "ordinary"];
  const types = new Set(trains.map(({ trainType }) => trainType));
  const classes = new Set(trains.flatMap((train) => train.classes.map(({ seatClass }) => seatClass)));
  return {
    types: typeOrder.filter((each) => types.has(each)),
    classes: seatClassesOffered.filter((each) => classes.has(each)),
    from: unique(
      trains.map(({ from }) => from),
      ({ stationId }) => stationId,
    ),
    to: unique(
      trains.map(({ to }) => to),
      ({ stationId }) => stationId,
    ),
  };
}

/** How many trains would be left with this choice alone in its list, and everything else as it is. */
export const countWith = (
  trains: readonly TrainOffer[],
  filters: Filters,
  change: Partial<Record<ListName, readonly string[]>> & Partial<Pick<Filters, "onlySeats" | "hideStanding">>,
): number => filterTrains(trains, { ...filters, ...change }).length;
