/**
 * How the places of one class lie in the train: rows, coaches, and which places answer which wish; and which class is sold before
 * it. Built once for each composition and shared by all its runs; nothing here changes afterwards but what `candidates` keeps.
 */
import { assert, seatsPerClassMax, wordsFor } from "@chepiao/kernel";

export type WishSpec = {
  /** Wishes of rank 0 (one letter, one berth level) are served before those of rank 1 (window, aisle). */
  readonly rank: 0 | 1;
  has(seat: number): boolean;
};

export type LayoutSpec = {
  readonly seatCount: number;
  /** Any number that differs between neighbouring rows. Seats of a row, and rows of a coach, are consecutive. */
  rowOf(seat: number): number;
  coachOf(seat: number): number;
  /** A passenger's wish is a place in this list plus 1; 0 is no wish. */
  readonly wishes: readonly WishSpec[];
  /** The class, by its number in the train, whose seats are sold before any of these; left out or -1 for none. */
  readonly parent?: number;
};

/** Which blocks and rows can answer a party's wishes when all their seats are free: see candidates.ts. */
export type Candidates = {
  /** One bit a seat: within a row, as many seats as the party has passengers follow from it, and answer every wish. */
  readonly blockStarts: Int32Array;
  /** By row, 1 where its seats answer every wish. */
  readonly rows: Uint8Array;
};

export type Layout = {
  readonly seatCount: number;
  readonly wordCount: number;
  /** Ordinals from 0 in seat order; `rowStart[r]` is the first seat of row r, with one entry more as the end. */
  readonly rowOf: Uint16Array;
  readonly coachOf: Uint16Array;
  readonly rowStart: Uint16Array;
  readonly coachStart: Uint16Array;
  /** By wish: one bit a seat that answers it. Wish 0 is answered by every seat. */
  readonly masks: readonly Int32Array[];
  readonly ranks: Uint8Array;
  /** -1 where no class is sold before this one. */
  readonly parent: number;
  /** By a party's wishes; see `candidatesFor`. */
  readonly candidates: Map<number, Candidates>;
};

/** Rows are read as one 32-bit word. */
const rowLengthMax = 32;
const rankOfNoWish = 2;

export function createLayout(spec: LayoutSpec): Layout {
  const { seatCount } = spec;
  assert(seatCount > 0 && seatCount <= seatsPerClassMax, `a class has 1…${seatsPerClassMax} seats, got ${seatCount}`);
  const coaches = ordinals(seatCount, (seat) => spec.coachOf(seat));
  const rows = ordinals(seatCount, (seat) => spec.rowOf(seat), coaches.of);
  const masks = [maskOf(seatCount, () => true), ...spec.wishes.map((wish) => maskOf(seatCount, wish.has))];
  const ranks = Uint8Array.from([rankOfNoWish, ...spec.wishes.map((wish) => wish.rank)]);
  for (let row = 1; row < rows.start.length; row++) {
    assert(rows.start[row]! - rows.start[row - 1]! <= rowLengthMax, `a row has at most ${rowLengthMax} seats`);
  }
  assertNested(masks, ranks);
  return {
    seatCount,
    wordCount: wordsFor(seatCount),
    rowOf: rows.of,
    coachOf: coaches.of,
    rowStart: rows.start,
    coachStart: coaches.start,
    masks,
    ranks,
    parent: spec.parent ?? -1,
    candidates: new Map(),
  };
}

export const answers = (layout: Layout, wish: number, seat: number): boolean =>
  (layout.masks[wish]![seat >>> 5]! & (1 << (seat & 31))) !== 0;

/** Whether any seat of the class can answer the wish at all. */
export const isPossible = (layout: Layout, wish: number): boolean =>
  layout.masks[wish]?.some((word) => word !== 0) ?? false;

/** Numbers groups of neighbours with equal keys from 0. A change of `outer` also begins a new group. */
function ordinals(seatCount: number, keyOf: (seat: number) => number, outer?: Uint16Array) {
  const of = new Uint16Array(seatCount);
  const start = [0];
  for (let seat = 1; seat < seatCount; seat++) {
    const same = keyOf(seat) === keyOf(seat - 1) && outer?.[seat] === outer?.[seat - 1];
    if (!same) start.push(seat);
    of[seat] = start.length - 1;
  }
  return { of, start: Uint16Array.from([...start, seatCount]) };
}

function maskOf(seatCount: number, has: (seat: number) => boolean): Int32Array {
  const mask = new Int32Array(wordsFor(seatCount));
  for (let seat = 0; seat < seatCount; seat++) if (has(seat)) mask[seat >>> 5]! |= 1 << (seat & 31);
  return mask;
}

/**
 * Serving narrow wishes before wide ones finds a seat for everybody whenever one exists only if any two wishes are either
 * strangers or one lies within the other, the narrow one first. Letters and window/aisle are so; a new wish must be too.
 */
function assertNested(masks: readonly Int32Array[], ranks: Uint8Array) {
  for (let a = 1; a < masks.length; a++) {
    for (let b = 1; b < masks.length; b++) {
      const within = masks[a]!.every((word, i) => (word & ~masks[b]![i]!) === 0);
      const around = masks[b]!.every((word, i) => (word & ~masks[a]![i]!) === 0);
      const apart = masks[a]!.every((word, i) => (word & masks[b]![i]!) === 0);
      const nested = (within && around) || (within && ranks[a]! < ranks[b]!) || (around && ranks[b]! < ranks[a]!);
      assert(apart || nested, `wishes ${a} and ${b} cross each other`);
    }
  }
}
