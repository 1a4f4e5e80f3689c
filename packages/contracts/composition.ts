/**
 * What a train is made of, and how its places are numbered and printed. A composition is data (imported or overridden by
 * CSV); this file turns it into the list of seats that inventory sells, tickets print and seat maps draw, so that all three
 * can only agree.
 */
import { assert, inOnePiece } from "@chepiao/kernel";
import type { SeatClass, SeatKind } from "./vocabulary.ts";

/** `rows` counts rows of seats, compartments of a sleeper, or single places for standing. */
export type Section = { readonly seatClass: SeatClass; readonly rows: number };
export type Coach = { readonly no: number; readonly sections: readonly Section[] };
export type Composition = {
  readonly code: string;
  readonly coaches: readonly Coach[];
  /**
   * What a sold run was made of before. Its seats go on to be known, each by the index that it had, also those that the train does not have any
   * more: somebody may still have to be moved from there. A place that both have is one seat; what is new comes behind.
   */
  readonly replaces?: Composition;
};

export type Seat = {
  /** From 0 within its class and run: the engine's name for it. */
  readonly index: number;
  readonly coachNo: number;
  /** Row, compartment, or place number, from 1 within the coach. */
  readonly row: number;
  /** Seat letter, or the berth's number in its coach for sleepers and hard seats; empty for standing. */
  readonly mark: string;
  readonly kind: SeatKind;
};

type Place = { readonly mark: string; readonly kind: SeatKind };
const at = (mark: string, kind: SeatKind): Place => ({ mark, kind });

/**
 * Places of one row, left to right, by class. Letters skip E, as on the trains: A and F are windows, C and D the aisle.
 * Sleepers and hard seats are numbered through the coach instead; their marks are made below.
 */
const rowPlans: Record<SeatClass, readonly Place[]> = {
  business: [at("A", "window"), at("C", "aisle"), at("F", "window")],
  first: [at("A", "window"), at("C", "aisle"), at("D", "aisle"), at("F", "window")],
  second: [at("A", "window"), at("B", "middle"), at("C", "aisle"), at("D", "aisle"), at("F", "window")],
  softSleeper: [at("", "lower"), at("", "upper"), at("", "lower"), at("", "upper")],
  hardSleeper: [
    at("", "lower"),
    at("", "middleBerth"),
    at("", "upper"),
    at("", "lower"),
    at("", "middleBerth"),
    at("", "upper"),
  ],
  hardSeat: [at("", "window"), at("", "middle"), at("", "aisle"), at("", "aisle"), at("", "window")],
  standing: [at("", "none")],
};

export const placesPerRow = (seatClass: SeatClass): number => rowPlans[seatClass].length;

const expanded = new WeakMap<Composition, ReadonlyMap<SeatClass, readonly Seat[]>>();

/**
 * Every seat of the train by class, in coach and row order; where the composition replaces another, behind those of that one. Computed once for
 * each composition.
 */
export function seatsOf(composition: Composition): ReadonlyMap<SeatClass, readonly Seat[]> {
  const known = expanded.get(composition);
  if (known) return known;
  const { coaches, replaces } = composition;
  const own = seatsOfCoaches(coaches);
  const all = replaces ? seatsOfBoth(seatsOf(replaces), own) : own;
  expanded.set(composition, all);
  return all;
}

/** Of the second only those that the first does not have. */
function seatsOfBoth(
  before: ReadonlyMap<SeatClass, readonly Seat[]>,
  now: ReadonlyMap<SeatClass, readonly Seat[]>,
): ReadonlyMap<SeatClass, readonly Seat[]> {
  const all = new Map([...before].map(([seatClass, seats]) => [seatClass, [...seats]]));
  for (const [seatClass, seats] of now) {
    const known = new Set(before.get(seatClass)?.map(placeName));
    const ofClass = all.get(seatClass) ?? [];
    for (const seat of seats) if (!known.has(placeName(seat))) ofClass.push({ ...seat, index: ofClass.length });
    all.set(seatClass, ofClass);
  }
  return all;
}

const presentSeats = new WeakMap<Composition, ReadonlyMap<SeatClass, readonly Seat[]>>();

/** Of those seats what the train has: without the ones that only a composition before had. */
export function presentSeatsOf(composition: Composition): ReadonlyMap<SeatClass, readonly Seat[]> {
  const all = seatsOf(composition);
  if (!composition.replaces) return all;
  const known = presentSeats.get(composition);
  if (known) return known;
  const own = seatsOfCoaches(composition.coaches);
  const present = new Map(
    [...all].map(([seatClass, seats]) => {
      const names = new Set(own.get(seatClass)?.map(placeName));
      return [seatClass, seats.filter((seat) => names.has(placeName(seat)))];
    }),
  );
  presentSeats.set(composition, present);
  return present;
}

/** Whether the train has a seat of the class, and not only one before it. */
export const isOffered = (composition: Composition, seatClass: SeatClass): boolean =>
  (presentSeatsOf(composition).get(seatClass)?.length ?? 0) > 0;

/** Plain ones, each of which replaces the one before it. */
export const replacedInTurn = ([first, ...others]: readonly [Composition, ...Composition[]]): Composition =>
  others.reduce((before, { code, coaches }): Composition => ({ code, coaches, replaces: before }), first);

/** The code is part of it: it is what passengers are told that the train is. */
export const areSameCoaches = (a: Composition, b: Composition): boolean =>
  a.code === b.code && JSON.stringify(a.coaches) === JSON.stringify(b.coaches);

/** As it says itself, whatever it replaces. */
export const withoutReplaced = ({ code, coaches }: Composition): Composition => ({ code, coaches });

/** As it is printed, but for places without a number: those are told apart, too. Of two seats of a class. */
export const placeName = ({ coachNo, row, mark, kind }: Seat): string => [coachNo, row, mark, kind].join(" ");

/** How many seats of each class are not new, by index the first: those of the composition that was replaced first, or all where none was. */
export function seatCountsBefore(composition: Composition): ReadonlyMap<SeatClass, number> {
  let first = composition;
  while (first.replaces) first = first.replaces;
  const before = seatsOf(first);
  return new Map([...seatsOf(composition).keys()].map((seatClass) => [seatClass, before.get(seatClass)?.length ?? 0]));
}

export const seatCountOf = (composition: Composition): number =>
  seatsOf(composition)
    .values()
    .reduce((sum, { length }) => sum + length, 0);

/** Whether it has more seats than the other, which it replaces, or which that has replaced: each seat of that is then one of this, by its index. */
export function isGrownFrom(composition: Composition, before: Composition): boolean {
  if (!composition.replaces || seatCountOf(composition) <= seatCountOf(before)) return false;
  for (let each: Composition | undefined = composition.replaces; each; each = each.replaces)
    if (haveSameSeats(each, before)) return true;
  return false;
}

/** How the seats of a composition lie to those of a run that is sold by another one. */
export type SeatsAgainst = "same" | "more" | "fewer" | "others";

const compared = new WeakMap<Composition, WeakMap<Composition, SeatsAgainst>>();

/**
 * `more` and `fewer`: one has grown from the other, so that an index that both have is one seat. `others`: what one index says is another seat here than
 * there. Worked out once for every two.
 */
export function seatsAgainst(composition: Composition, sold: Composition): SeatsAgainst {
  if (composition === sold) return "same";
  const ofSold = compared.get(sold) ?? new WeakMap<Composition, SeatsAgainst>();
  compared.set(sold, ofSold);
  const known = ofSold.get(composition);
  if (known) return known;
  const found = compareSeats(composition, sold);
  ofSold.set(composition, found);
  return found;
}

function compareSeats(composition: Composition, sold: Composition): SeatsAgainst {
  if (isGrownFrom(composition, sold)) return "more";
  if (isGrownFrom(sold, composition)) return "fewer";
  return haveSameSeats(composition, sold) ? "same" : "others";
}

function haveSameSeats(a: Composition, b: Composition): boolean {
  if (a === b) return true;
  const [ofA, ofB] = [[...seatsOf(a)], [...seatsOf(b)]];
  const isSame = (seats: readonly Seat[], others: readonly Seat[]) =>
    seats.length === others.length && seats.every((seat, index) => placeName(seat) === placeName(others[index]!));
  return (
    ofA.length === ofB.length &&
    ofA.every(([seatClass, seats], n) => ofB[n]![0] === seatClass && isSame(seats, ofB[n]![1]))
  );
}

function seatsOfCoaches(coaches: readonly Coach[]): ReadonlyMap<SeatClass, readonly Seat[]> {
  const byClass = new Map<SeatClass, Seat[]>();
  for (const coach of coaches) {
    let row = 0;
    let berth = 0;
    for (const section of coach.sections) {
      const seats = byClass.get(section.seatClass) ?? [];
      byClass.set(section.seatClass, seats);
      for (let n = 0; n < section.rows; n++) {
        row++;
        rowPlans[section.seatClass].forEach((place, position) => {
          const mark = place.mark || markOf(section.seatClass, position, ++berth, row);
          seats.push({ index: seats.length, coachNo: coach.no, row, mark, kind: place.kind });
        });
      }
    }
  }
  return byClass;
}

/** Sleepers number their berth columns two to a compartment; hard seats count every place; standing has no mark. */
function markOf(seatClass: SeatClass, position: number, berth: number, row: number): string {
  if (seatClass === "standing") return "";
  if (seatClass === "hardSeat") return String(berth);
  const side = position < rowPlans[seatClass].length / 2 ? 1 : 2;
  return String((row - 1) * 2 + side);
}

const berthNames: Partial<Record<SeatKind, string>> = { lower: "下铺", middleBerth: "中铺", upper: "上铺" };
const two = (n: number | string) => String(n).padStart(2, "0");

const labels = new WeakMap<Seat, string>();

/** As printed on the ticket: `05车12A`, `05车03号下铺`, `05车045号`, `05车无座`. */
export function seatLabel(seatClass: SeatClass, seat: Seat): string {
  const known = labels.get(seat);
  if (known !== undefined) return known;
  const label = inOnePiece(two(seat.coachNo), "车", placeLabel(seatClass, seat));
  labels.set(seat, label);
  return label;
}

function placeLabel(seatClass: SeatClass, { row, mark, kind }: Seat): string {
  if (seatClass === "standing") return "无座";
  if (seatClass === "hardSeat") return `${mark.padStart(3, "0")}号`;
  const berth = berthNames[kind];
  return berth ? `${two(mark)}号${berth}` : `${two(row)}${mark}`;
}

/**
 * The class whose passengers may also stand: standing tickets are sold at its fare, once its seats are gone. Another composition does not change it,
 * or places to stand would be on sale again beside free seats.
 */
export function standingParent(composition: Composition): SeatClass | null {
  const before = composition.replaces ? standingParent(composition.replaces) : null;
  if (before !== null) return before;
  const classes = seatsOf(composition);
  if (!classes.has("standing")) return null;
  const parent = (["hardSeat", "second"] as const).find((seatClass) => classes.has(seatClass));
  assert(parent !== undefined, `composition ${composition.code} has standing places but no class to stand in`);
  return parent;
}
