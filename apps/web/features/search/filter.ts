/** Which trains are shown, and in what order. Pure; the filters live in the address, so that Back and a copied link keep them. */
import type { ClassOffer, SeatClass, TrainOffer } from "@chepiao/contracts";
import { minutesOfDay } from "../../lib/format.ts";

export const sorts = ["departure", "duration", "price"] as const;
export type Sort = (typeof sorts)[number];

/** Quarters of the day, by the hour. */
export const partsOfDay = [0, 1, 2, 3] as const;
export const partOf = (instant: string): number => Math.floor(minutesOfDay(instant) / 360);

export type Filters = {
  readonly types: readonly string[];
  readonly departs: readonly string[];
  readonly arrives: readonly string[];
  readonly fromIds: readonly string[];
  readonly toIds: readonly string[];
  readonly classes: readonly string[];
  readonly onlySeats: boolean;
  readonly hideStanding: boolean;
  readonly sort: Sort;
};

/** The fields of the address, one a list. */
export const filterFields = {
  types: "type",
  departs: "dep",
  arrives: "arr",
  fromIds: "fs",
  toIds: "ts",
  classes: "class",
} as const;
export type ListName = keyof typeof filterFields;
export const noFilters: Readonly<Record<string, null>> = {
  ...Object.fromEntries(Object.values(filterFields).map((field) => [field, null])),
  seats: null,
  standing: null,
};

export function readFilters(query: URLSearchParams): Filters {
  const list = (name: ListName) => query.get(filterFields[name])?.split(",").filter(Boolean) ?? [];
  const sort = query.get("sort");
  return {
    types: list("types"),
    departs: list("departs"),
    arrives: list("arrives"),
    fromIds: list("fromIds"),
    toIds: list("toIds"),
    classes: list("classes"),
    onlySeats: query.get("seats") === "1",
    hideStanding: query.get("standing") === "0",
    sort: sorts.find((each) => each === sort) ?? "departure",
  };
}

export const toggled = (list: readonly string[], value: string): string =>
  (list.includes(value) ? list.filter((each) => each !== value) : [...list, value]).join(",");

export const countFilters = (filters: Filters): number =>
  (Object.keys(filterFields) as ListName[]).filter((name) => filters[name].length > 0).length +
  Number(filters.onlySeats) +
  Number(filters.hideStanding);

type ClassFilters = Pick<Filters, "hideStanding" | "classes" | "onlySeats">;

/** The classes of a train that the filters leave. Standing is shown once it is sold, or to a passenger who looks for it. */
export function shownClasses(train: TrainOffer, filters: ClassFilters): readonly ClassOffer[] {
  return train.classes.filter(
    ({ seatClass, sellable }) =>
      !(seatClass === "standing" && (filters.hideStanding || (!sellable && !filters.classes.includes("standing")))) &&
      !(filters.onlySeats && !sellable) &&
      (filters.classes.length === 0 || filters.classes.includes(seatClass)),
  );
}

/** Standing places wait until the seats they stand beside are gone: the fare of both is the same by the rule of the tariff. */
const seatsBeforeStanding: readonly SeatClass[] = ["hardSeat", "second"];

/** How an offer stands: to be had, gone, kept back by a quota, or not sold as long as there are seats. */
export function stockOf(offer: ClassOffer, train: Pick<TrainOffer, "classes">): "sold" | "gone" | "kept" | "waits" {
  if (offer.sellable) return "sold";
  if (offer.notOnSaleYet) return "kept";
  if (offer.seatClass !== "standing") return "gone";
  const parent = seatsBeforeStanding
    .map((seatClass) => train.classes.find((each) => each.seatClass === seatClass))
    .find((each) => each !== undefined);
  return parent?.sellable ? "waits" : "gone";
}

/** Some trains are on sale, and none of them has anything left. */
export function isSoldOut(trains: readonly Pick<TrainOffer, "sale" | "classes">[]): boolean {
  const open = trains.filter(({ sale }) => sale === "open");
  return open.length > 0 && open.every(({ classes }) => classes.every(({ sellable }) => !sellable));
}

const passes = (list: readonly string[], value: string | number): boolean =>
  list.length === 0 || list.includes(String(value));

export function filterTrains(trains: readonly TrainOffer[], filters: Filters): TrainOffer[] {
  return trains.filter((train) => {
    const classes = shownClasses(train, filters);
    return (
      passes(filters.types, train.trainType) &&
      passes(filters.departs, partOf(train.departAt)) &&
      passes(filters.arrives, partOf(train.arriveAt)) &&
      passes(filters.fromIds, train.from.stationId) &&
      passes(filters.toIds, train.to.stationId) &&
      classes.length > 0
    );
  });
}

/** The lowest fare that can be had; of trains that are sold out, the lowest there was, behind all others. */
export function lowestFare(train: TrainOffer, filters: ClassFilters): number {
  const fares = shownClasses(train, filters).map(({ fareFen, sellable }) => fareFen + (sellable ? 0 : soldOutBehind));
  return Math.min(...fares, 2 * soldOutBehind);
}
const soldOutBehind = 1e9;

export function sortTrains(trains: readonly TrainOffer[], filters: Filters): TrainOffer[] {
  const byDeparture = (a: TrainOffer, b: TrainOffer) => Date.parse(a.departAt) - Date.parse(b.departAt);
  const orders: Record<Sort, (a: TrainOffer, b: TrainOffer) => number> = {
    departure: byDeparture,
    duration: (a, b) => a.durationMinutes - b.durationMinutes || byDeparture(a, b),
    price: (a, b) => lowestFare(a, filters) - lowestFare(b, filters) || byDeparture(a, b),
  };
  return trains.toSorted(orders[filters.sort]);
}
