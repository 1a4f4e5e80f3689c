/** How many seats the books say are taken and a search says are free, once the two can be held against each other. */

export type SeatsAtRest = { readonly taken: number; readonly free: number | null };

type Asked = {
  readonly stock: number;
  /** By the books. */
  readonly taken: () => Promise<number>;
  /** By a search; null where it does not say. */
  readonly free: () => Promise<number | null>;
  /** Until a search knows of what is in the books. */
  readonly wait: () => Promise<void>;
  readonly isLate: () => boolean;
};

/**
 * A seat that is held may be let go between the two questions, and is then in both answers or in none: the books are asked before and after, and
 * answers count where nothing changed in between. Where the books never were at rest, nobody knows how many are free: null.
 */
export async function seatsAtRest({ stock, taken, free, wait, isLate }: Asked): Promise<SeatsAtRest> {
  let before = await taken();
  for (;;) {
    await wait();
    const found = await free();
    const after = await taken();
    const isAtRest = before === after;
    if (isAtRest && found !== null && after + found === stock) return { taken: after, free: found };
    if (isLate()) return { taken: after, free: isAtRest ? found : null };
    before = after;
  }
}
