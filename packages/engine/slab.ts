/**
 * Memory for runs: a few big buffers cut into blocks, so that 66,000 runs are not millions of small objects. A freed block
 * is kept for the next run of the same size; trains run daily, so sizes come back. The buffers may be shared between threads.
 */
import { assert } from "@chepiao/kernel";

/** One buffer, seen as words, half words and bytes. */
export type Chunk = { readonly words: Int32Array; readonly halves: Uint16Array; readonly bytes: Uint8Array };

export type Slab = {
  readonly chunks: Chunk[];
  /** Addresses of freed blocks, by size in words. */
  readonly freed: Map<number, number[]>;
  readonly allocate: (byteCount: number) => ArrayBufferLike;
  used: number;
};

/** 2 MiB a chunk; an address is the chunk's number and a word within it, so 8 GiB fit 32 bits. */
export const chunkBits = 19;
const chunkWords = 1 << chunkBits;
export const inChunk = chunkWords - 1;
const chunkCountMax = 2 ** 32 / chunkWords;

export const createSlab = (allocate: Slab["allocate"]): Slab => ({
  chunks: [],
  freed: new Map(),
  allocate,
  used: chunkWords,
});

/** The address of `wordCount` words in one chunk. What lies there is left over from before. */
export function takeBlock(slab: Slab, wordCount: number): number {
  assert(wordCount > 0 && wordCount <= chunkWords, `a run fits one chunk, got ${wordCount} words`);
  const again = slab.freed.get(wordCount)?.pop();
  if (again !== undefined) return again;
  if (slab.used + wordCount > chunkWords) {
    addChunk(slab, slab.allocate(chunkWords * 4));
    slab.used = 0;
  }
  const address = (slab.chunks.length - 1) * chunkWords + slab.used;
  slab.used += wordCount;
  return address;
}

export function giveBlock(slab: Slab, address: number, wordCount: number): void {
  const blocks = slab.freed.get(wordCount);
  if (blocks) blocks.push(address);
  else slab.freed.set(wordCount, [address]);
}

export const slabBytes = (slab: Slab): number => slab.chunks.length * chunkWords * 4;

/** Buffers come in the order in which they were allocated: an address names them by their number. */
export function addChunk(slab: Slab, buffer: ArrayBufferLike): void {
  assert(slab.chunks.length < chunkCountMax, "the seats of one process fit 8 GiB");
  slab.chunks.push({ words: new Int32Array(buffer), halves: new Uint16Array(buffer), bytes: new Uint8Array(buffer) });
}
