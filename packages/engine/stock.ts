/**
 * The stock: every run's seats as numbers. A block for each run begins with a count of its changes, per class the addresses of what was
 * set for its sale and when its waitlist is to be served (offer.ts; 0 for nothing); then come, per class, four tables:
 *
 *   occupied[word][segment]  a bit a seat: 1 where it is taken over that segment, and for bits past the last seat. A word's
 *                            segments lie side by side, because choosing a seat reads many segments of few words
 *   free[from][to]           how many seats are free from stop to stop: a query is one read
 *   gaps[from][to]           how many seats have exactly this as a widest stretch of free segments
 *   hints[from][to]          no word before this one has a seat counted in gaps[from][to]
 *
 * The last three are triangles (from < to), kept in step by tables.ts, and can be computed anew from the first.
 *
 * Where the buffers are shared, other threads have stocks over the same buffers and read; one thread alone writes.
 */
import { assert, segmentsPerRunMax } from "@chepiao/kernel";
import type { Layout } from "./layout.ts";
import {
  addChunk,
  type Chunk,
  chunkBits,
  createSlab,
  giveBlock,
  inChunk,
  type Slab,
  slabBytes,
  takeBlock,
} from "./slab.ts";

/** The count of changes, two addresses a class, and an instant: see offer.ts. */
const headWords = (classCount: number): number => serveWord(classCount) + 2;
/** Of the head, where that instant lies. */
export const serveWord = (classCount: number): number => 1 + 2 * classCount;

/** What runs of one composition and one number of segments have in common. */
type Shape = {
  readonly layouts: readonly Layout[];
  readonly segments: number;
  /** Where each class begins within the block: in words, half words, half words, bytes. */
  readonly occupiedAt: Uint32Array;
  readonly freeAt: Uint32Array;
  readonly gapsAt: Uint32Array;
  readonly hintsAt: Uint32Array;
  /** The block of a run of which nothing is sold. */
  readonly empty: Int32Array;
};

/** Seats of a run that are withdrawn from sale, by class and seat: a flag a segment, 1 where somebody holds it; see withdrawn.ts. */
export type WithdrawnSeats = Map<number, Uint8Array>;

type Block = { readonly address: number; readonly wordCount: number };

export type Stock = {
  readonly slab: Slab;
  readonly shapes: Shape[];
  readonly shapesByLayouts: WeakMap<readonly Layout[], Shape[]>;
  /** By run handle. A handle given back is used again. */
  shapeOf: Uint16Array;
  addressOf: Uint32Array;
  runEnd: number;
  readonly freeHandles: number[];
  /** Gates and quotas that were set here. While there are none, a hold need not look for them. */
  offerCount: number;
  /** By run handle, where seats are withdrawn from sale: see withdrawn.ts. */
  readonly withdrawn: Map<number, WithdrawnSeats>;
  /** By run handle, blocks that it lay in before it grew: see grow.ts. */
  readonly outgrown: Map<number, readonly Block[]>;
  readonly at: Cursor;
};

/** One class of one run, unpacked for the functions that work on it. There is one cursor; `aim` moves it. */
export type Cursor = {
  layout: Layout;
  segments: number;
  words: Int32Array;
  halves: Uint16Array;
  bytes: Uint8Array;
  occupied: number;
  free: number;
  gaps: number;
  hints: number;
};

/** Pass an `allocate` that makes SharedArrayBuffers to let several threads see the seats. */
export function createStock(allocate: Slab["allocate"] = (byteCount) => new ArrayBuffer(byteCount)): Stock {
  return {
    slab: createSlab(allocate),
    shapes: [],
    shapesByLayouts: new WeakMap(),
    shapeOf: new Uint16Array(64),
    addressOf: new Uint32Array(64),
    runEnd: 0,
    freeHandles: [],
    offerCount: 0,
    withdrawn: new Map(),
    outgrown: new Map(),
    at: {
      layout: undefined as unknown as Layout,
      segments: 0,
      words: new Int32Array(0),
      halves: new Uint16Array(0),
      bytes: new Uint8Array(0),
      occupied: 0,
      free: 0,
      gaps: 0,
      hints: 0,
    },
  };
}

/** Free seats of a class from stop to stop. */
export function free(stock: Stock, run: number, cls: number, from: number, to: number): number {
  const shape = stock.shapes[stock.shapeOf[run]!]!;
  const address = stock.addressOf[run]!;
  const { halves } = stock.slab.chunks[address >>> chunkBits]!;
  return halves[((address & inChunk) << 1) + shape.freeAt[cls]! + pairRow(shape.segments, from) + to]!;
}

/**
 * A triangle of pairs (from < to) is stored row after row: the place of a pair is pairRow(from) + to. The next row's value
 * is this one's + segments − from − 1.
 */
export const pairRow = (segments: number, from: number): number => ((from * (2 * segments - from - 1)) >>> 1) - 1;
export const pairCount = (segments: number): number => (segments * (segments + 1)) >>> 1;

/** Puts a run on sale, everything free. The list of layouts (one a class) should be one object for all runs of a composition. */
export function addRun(stock: Stock, layouts: readonly Layout[], segments: number): number {
  const { empty } = stock.shapes[shapeFor(stock, layouts, segments)]!;
  const address = takeBlock(stock.slab, empty.length);
  stock.slab.chunks[address >>> chunkBits]!.words.set(empty, address & inChunk);
  const run = seeRun(stock, layouts, segments, address);
  countChange(stock, run);
  return run;
}

/** Forgets a run for whose sale nothing is set any more (`dropOffers`); its handle must not be used again. */
export function dropRun(stock: Stock, run: number): void {
  giveBlock(stock.slab, stock.addressOf[run]!, stock.shapes[stock.shapeOf[run]!]!.empty.length);
  for (const { address, wordCount } of stock.outgrown.get(run) ?? []) giveBlock(stock.slab, address, wordCount);
  stock.outgrown.delete(run);
  unseeRun(stock, run);
}

/**
 * To be called after every change of a run's seats. Who sees the count on another thread sees all that was changed before. It moves where the run lay
 * before, too, for who has not heard that it has grown.
 */
export function countChange(stock: Stock, run: number): void {
  countChangeAt(stock, stock.addressOf[run]!);
  if (stock.outgrown.size === 0) return;
  for (const { address } of stock.outgrown.get(run) ?? []) countChangeAt(stock, address);
}

function countChangeAt(stock: Stock, address: number): void {
  const { words } = chunkAt(stock, address);
  Atomics.store(words, address & inChunk, words[address & inChunk]! + 1);
}

export const chunkAt = (stock: Stock, address: number): Chunk => stock.slab.chunks[address >>> chunkBits]!;

// What another thread shares. It adds the same chunks in the same order, and sees runs where they were put.

export const seeChunk = (stock: Stock, buffer: SharedArrayBuffer): void => addChunk(stock.slab, buffer);
export const placeOf = (stock: Stock, run: number): number => stock.addressOf[run]!;

/** A run that lies there already, with the same layouts and segments. Its handle is this stock's own. */
export function seeRun(stock: Stock, layouts: readonly Layout[], segments: number, address: number): number {
  const run = stock.freeHandles.pop() ?? nextHandle(stock);
  stock.shapeOf[run] = shapeFor(stock, layouts, segments);
  stock.addressOf[run] = address;
  return run;
}

export const unseeRun = (stock: Stock, run: number): void => void stock.freeHandles.push(run);

export function aim(stock: Stock, run: number, cls: number): Cursor {
  const shape = stock.shapes[stock.shapeOf[run]!]!;
  const address = stock.addressOf[run]!;
  const chunk = stock.slab.chunks[address >>> chunkBits]!;
  const start = address & inChunk;
  const { at } = stock;
  at.layout = shape.layouts[cls]!;
  at.segments = shape.segments;
  at.words = chunk.words;
  at.halves = chunk.halves;
  at.bytes = chunk.bytes;
  at.occupied = start + shape.occupiedAt[cls]!;
  at.free = (start << 1) + shape.freeAt[cls]!;
  at.gaps = (start << 1) + shape.gapsAt[cls]!;
  at.hints = (start << 2) + shape.hintsAt[cls]!;
  return at;
}

/** What one run of this kind costs, all its tables and its place in the list of runs. */
export const bytesPerRun = (stock: Stock, layouts: readonly Layout[], segments: number): number =>
  stock.shapes[shapeFor(stock, layouts, segments)]!.empty.byteLength + 6;

export const stockBytes = (stock: Stock): number =>
  slabBytes(stock.slab) + stock.shapeOf.byteLength + stock.addressOf.byteLength;

function nextHandle(stock: Stock): number {
  const run = stock.runEnd++;
  if (run === stock.shapeOf.length) {
    const shapeOf = new Uint16Array(run * 2);
    const addressOf = new Uint32Array(run * 2);
    shapeOf.set(stock.shapeOf);
    addressOf.set(stock.addressOf);
    stock.shapeOf = shapeOf;
    stock.addressOf = addressOf;
  }
  return run;
}

export function shapeFor(stock: Stock, layouts: readonly Layout[], segments: number): number {
  const ofLayouts = stock.shapesByLayouts.get(layouts) ?? [];
  const known = ofLayouts.find((shape) => shape.segments === segments);
  if (known) return stock.shapes.indexOf(known);
  const shape = createShape(layouts, segments);
  stock.shapesByLayouts.set(layouts, [...ofLayouts, shape]);
  assert(stock.shapes.length < 0xffff, "shapes are counted in 16 bits");
  return stock.shapes.push(shape) - 1;
}

function createShape(layouts: readonly Layout[], segments: number): Shape {
  assert(segments > 0 && segments <= segmentsPerRunMax, `a run has 1…${segmentsPerRunMax} segments, got ${segments}`);
  const pairs = pairCount(segments);
  const occupiedAt = new Uint32Array(layouts.length);
  const freeAt = new Uint32Array(layouts.length);
  const gapsAt = new Uint32Array(layouts.length);
  const hintsAt = new Uint32Array(layouts.length);
  let end = headWords(layouts.length);
  const cut = (wordCount: number) => (end += wordCount) - wordCount;
  layouts.forEach((layout, cls) => {
    freeAt[cls] = cut((pairs + 1) >>> 1) * 2;
    gapsAt[cls] = cut((pairs + 1) >>> 1) * 2;
    hintsAt[cls] = cut((pairs + 3) >>> 2) * 4;
    occupiedAt[cls] = cut(layout.wordCount * segments);
  });
  const empty = new Int32Array(end);
  const halves = new Uint16Array(empty.buffer);
  const bytes = new Uint8Array(empty.buffer);
  layouts.forEach(({ seatCount, wordCount }, cls) => {
    halves.fill(seatCount, freeAt[cls], freeAt[cls]! + pairs);
    halves[gapsAt[cls]! + pairRow(segments, 0) + segments] = seatCount;
    // 255 is no promise for a gap nobody has: the next to come lowers it to its own word.
    bytes.fill(255, hintsAt[cls], hintsAt[cls]! + pairs);
    bytes[hintsAt[cls]! + pairRow(segments, 0) + segments] = 0;
    const past = seatCount % 32 === 0 ? 0 : -1 << (seatCount & 31);
    const lastWord = occupiedAt[cls]! + (wordCount - 1) * segments;
    empty.fill(past, lastWord, lastWord + segments);
  });
  return { layouts, segments, occupiedAt, freeAt, gapsAt, hintsAt, empty };
}
