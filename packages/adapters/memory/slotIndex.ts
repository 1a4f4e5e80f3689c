/**
 * Finds rows of a table of typed arrays by what they say: open addressing over row numbers, at most half full. A row that leaves
 * lets those behind it move up, so no tombstones are left.
 */
export class SlotIndex {
  #places = new Int32Array(1_024);
  #count = 0;
  readonly #hashOf: (row: number) => number;

  /** @param hashOf the hash of a row that is entered, the same for as long as it is */
  constructor(hashOf: (row: number) => number) {
    this.#hashOf = hashOf;
  }

  get byteLength(): number {
    return this.#places.byteLength;
  }

  /** The row of that hash for which `isIt`, or -1. */
  find(hash: number, isIt: (row: number) => boolean): number {
    const places = this.#places;
    const mask = places.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const row = places[at]! - 1;
      if (row < 0 || isIt(row)) return row;
    }
  }

  enter(row: number): void {
    if (++this.#count * 2 > this.#places.length) this.#grow();
    this.#put(row);
  }

  leave(row: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let gap = this.#hashOf(row) & mask;
    while (places[gap] !== row + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; places[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashOf(places[at]! - 1) & mask;
      // It may move up only as far as its own place.
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      places[gap] = places[at]!;
      gap = at;
    }
    places[gap] = 0;
    this.#count--;
  }

  #put(row: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let at = this.#hashOf(row) & mask;
    while (places[at] !== 0) at = (at + 1) & mask;
    places[at] = row + 1;
  }

  #grow(): void {
    const old = this.#places;
    this.#places = new Int32Array(old.length * 2);
    for (const place of old) if (place !== 0) this.#put(place - 1);
  }
}

/** Row numbers: those given back are handed out again first. */
export class Rows {
  #end = 0;
  readonly #free: number[] = [];

  /** @param grow called before a row that has no room yet is handed out, with the number of rows to make room for */
  take(capacity: number, grow: (capacity: number) => void): number {
    const again = this.#free.pop();
    if (again !== undefined) return again;
    if (this.#end === capacity) grow(capacity * 2);
    return this.#end++;
  }

  free(row: number): void {
    this.#free.push(row);
  }

  /** All rows that were ever handed out lie before this one. */
  get end(): number {
    return this.#end;
  }
}

/** The same numbers, with room for more. */
export function grown<A extends Float64Array | Uint32Array | Int32Array | Uint16Array | Uint8Array>(
  array: A,
  length: number,
): A {
  const longer = new (array.constructor as new (length: number) => A)(length);
  longer.set(array);
  return longer;
}
