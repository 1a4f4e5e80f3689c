/**
 * How often a run was changed, for the display that shows its seats. The count lies in the run's block, beside the seats, so that a thread
 * that shares the seats sees it without being told. It means something only by being another than before.
 */
import { chunkBits, inChunk } from "./slab.ts";
import type { Stock } from "./stock.ts";

const notOpen = new Int32Array([0]);
const gone = new Int32Array([-1]);

export class ChangeCount {
  #words: Int32Array = notOpen;
  #at = 0;
  #seenMore = 0;

  get count(): number {
    return Atomics.load(this.#words, this.#at) + this.#seenMore;
  }
  /** From now on the count of this run of the stock, which is never 0. */
  watch(stock: Stock, run: number): void {
    const address = stock.addressOf[run]!;
    this.#words = stock.slab.chunks[address >>> chunkBits]!.words;
    this.#at = address & inChunk;
  }
  /** Memory came into sight in which something about the run may lie. */
  seeMore(): void {
    if (this.#words !== gone) this.#seenMore++;
  }
  /** Its block is another run's now. */
  end(): void {
    this.#words = gone;
    this.#at = 0;
    this.#seenMore = 0;
  }
}
