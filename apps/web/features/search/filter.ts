/** Which trains are shown, and in what order. Pure; the filters live in the address, so that Back and a copied link keep them. */
import type { ClassOffer, SeatClass, TrainOffer, TrainType } from "@chepiao/contracts";
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

/** The classes of a train that the filters leave. */
export function shownClasses(train: TrainOffer, filters: ClassFilters): readonly ClassOffer[] {
  return train.classes.filter(
    ({ seatClass, sellable }) =>
      !(filters.hideStanding && seatClass === "standing") &&
      !(filters.onlySeats && !sellable) &&
      (filters.classes.length === 0 || filters.classes.includes(seatClass)),
  );
}

/** Standing places wait until the seats they stand beside are gone: the fare of both is the same by the rule of the tariff. */
const seatsBeforeStanding: readonly SeatClass[] = ["hardSeat", "second"];

/** How an offer stands: to be had, gone, or not sold as long as there are seats. */
export function stockOf(offer: ClassOffer, train: Pick<TrainOffer, "classes">): "sold" | "gone" | "waits" {
  if (offer.sellable) return "sold";
  if (offer.seatClass !== "standing") return "gone";
  const parent = seatsBeforeStanding
    .map((seatClass) => train.classes.find((each) => each.seatClass === seatClass))
    .find((each) => each !== undefined);
  return parent?.sellable ? "waits" : "gone";
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
  const classOrder: readonly SeatClass[] = [
    "business",
    "first",
    "second",
    "softSleeper",
    "hardSleeper",
    "hardSeat",
    "standing",
  ];
  const classes = new Set(trains.flatMap((train) => train.classes.map(({ seatClass }) => seatClass)));
  return {
    types: unique(
      trains.map(({ trainType }) => trainType),
      String,
    ),
    classes: classOrder.filter((each) => classes.has(each)),
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

// Alternatives, when the one that was wanted is gone

export type Alternative = { readonly train: TrainOffer; readonly offer: ClassOffer };

const hasRoom = (offer: ClassOffer, seats: number): boolean => offer.sellable && offer.free >= seats;

/** Who wanted business class would rather wait two hours for it than sit on a hard seat. */
const otherClassMs = 2 * 3_600_000;

/** Other classes of the train first; then other trains, nearest in time of departure, in the wanted class or the next best. */
export function alternativesTo(
  wanted: {
    readonly trainNumber: string;
    readonly originDate: string;
    readonly departAt: string;
    readonly seatClass: SeatClass;
  },
  trains: readonly TrainOffer[],
  seats: number,
  max = 4,
): { readonly classes: readonly Alternative[]; readonly trains: readonly Alternative[] } {
  const isSame = (train: TrainOffer) =>
    train.trainNumber === wanted.trainNumber && train.originDate === wanted.originDate;
  const open = trains.filter(({ sale }) => sale === "open");
  const classes = open
    .filter(isSame)
    .flatMap((train) => train.classes.map((offer) => ({ train, offer })))
    .filter(({ offer }) => offer.seatClass !== wanted.seatClass && hasRoom(offer, seats));
  const distance = ({ train, offer }: Alternative) =>
    Math.abs(Date.parse(train.departAt) - Date.parse(wanted.departAt)) +
    (offer.seatClass === wanted.seatClass ? 0 : otherClassMs);
  const others = open
    .filter((train) => !isSame(train))
    .flatMap((train) => {
      const withRoom = train.classes.filter((offer) => hasRoom(offer, seats) && offer.seatClass !== "standing");
      const offer =
        withRoom.find(({ seatClass }) => seatClass === wanted.seatClass) ??
        withRoom.toSorted((a, b) => a.fareFen - b.fareFen)[0];
      return offer ? [{ train, offer }] : [];
    })
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, max);
  return { classes, trains: others };
}
