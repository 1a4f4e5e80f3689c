/**
 * How often a run was changed, for whoever shows its seats. The count lies in the run's block, beside the seats, so that a thread
 * that shares the seats sees it without being told. It means something only by being another than before.
 */
import { chunkBits, inChunk } from "./slab.ts";
import type { Stock } from "./stock.ts";

const notOpen = new Int32Array([0]);
const gone = new Int32Array([-1]);

export class ChangeCount {
  #words: Int32Array = notOpen;
  #at = 0;

  get count(): number {
    return Atomics.load(this.#words, this.#at);
  }
  /** From now on the count of this run of the stock, which is never 0. */
  watch(stock: Stock, run: number): void {
    const address = stock.addressOf[run]!;
    this.#words = stock.slab.chunks[address >>> chunkBits]!.words;
    this.#at = address & inChunk;
  }
  /** Its block is another run's now. */
  end(): void {
    this.#words = gone;
    this.#at = 0;
  }
}
