/** A composition as the engine knows it: its classes by number, each with the layout of its seats. */
import {
  type Composition,
  type Seat,
  type SeatClass,
  seatPreferences,
  seatsOf,
  type SeatPreference,
  standingParent,
} from "@chepiao/contracts";
import { createLayout, type Layout } from "@chepiao/engine";
import { assert } from "@chepiao/kernel";

/** The classes of a composition, by number in order of `classes`. */
export type RunLayout = {
  readonly classes: readonly SeatClass[];
  readonly layouts: readonly Layout[];
};

const plansByComposition = new WeakMap<Composition, RunLayout>();

export function runLayoutOf(composition: Composition): RunLayout {
  const known = plansByComposition.get(composition);
  if (known) return known;
  const seats = seatsOf(composition);
  const classes = [...seats.keys()];
  const parent = standingParent(composition);
  const layouts = classes.map((seatClass) =>
    layoutOf(seats.get(seatClass)!, seatClass === "standing" && parent !== null ? classes.indexOf(parent) : -1),
  );
  const runLayout = { classes, layouts };
  plansByComposition.set(composition, runLayout);
  return runLayout;
}

/** As layouts number wishes; 0 is none. */
export const wishOf = (wish: SeatPreference | null): number => (wish === null ? 0 : seatPreferences.indexOf(wish) + 1);

function layoutOf(seats: readonly Seat[], parent: number): Layout {
  assert(seats.length > 0, "a class that is offered has seats");
  return createLayout({
    seatCount: seats.length,
    rowOf: (seat) => seats[seat]!.row,
    coachOf: (seat) => seats[seat]!.coachNo,
    parent,
    wishes: seatPreferences.map((wish) => ({
      rank: wish === "window" || wish === "aisle" ? 1 : 0,
      has: (seat) => seats[seat]!.mark === wish || seats[seat]!.kind === wish,
    })),
  });
}
