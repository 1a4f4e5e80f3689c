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

/** Of each class, as its number goes, what has to be known to see how its seats are sold: how many there are, and before which class. */
export type ClassCounts = readonly {
  readonly seatClass: SeatClass;
  readonly seatCount: number;
  readonly parent: number;
}[];

const countsByLayout = new WeakMap<RunLayout, ClassCounts>();

/** One object for all runs of a composition, so that it is sent once. */
export function classCountsOf(runLayout: RunLayout): ClassCounts {
  const known = countsByLayout.get(runLayout);
  if (known) return known;
  const counts = runLayout.layouts.map(({ seatCount, parent }, cls) => ({
    seatClass: runLayout.classes[cls]!,
    seatCount,
    parent,
  }));
  countsByLayout.set(runLayout, counts);
  return counts;
}

/** Enough to see how seats are sold, and not to choose any: they lie in no rows and answer no wishes. */
export const layoutToSee = (counts: ClassCounts): RunLayout => ({
  classes: counts.map(({ seatClass }) => seatClass),
  layouts: counts.map(({ seatCount, parent }) =>
    createLayout({ seatCount, rowOf: (seat) => seat, coachOf: () => 0, parent, wishes: [] }),
  ),
});

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
