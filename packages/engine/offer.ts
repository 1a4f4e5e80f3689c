/**
 * What may be sold of a class: rule 0 of the policy in choose.ts, asked by every hold and by every display.
 *
 * Which class sells first is in the layout. What was set for a class of a run lies in two blocks of words beside the run's own,
 * whose head names them, so that a thread that shares the seats sees it too. setOffer.ts writes them:
 *
 *   gate     size; by stop, groups where ways may begin there; by stop, where they may end
 *   quotas   size; the same of quotas; of each quota: seats held, where its limits begin in the block, how many; of each limit:
 *            since (high, low), seats or -1 for any number
 *
 * Groups and quotas are bits of a word: those of a way are the ones that it may begin and end in.
 */
import { lowestBit, quotaLimitsMax } from "@chepiao/kernel";
import { soldOut } from "./choose.ts";
import { chunkBits, inChunk } from "./slab.ts";
import { aim, type Cursor, free, pairRow, serveWord, type Stock } from "./stock.ts";

export const publicSale = 0;
export const waitlistSale = 1;
export const changeSale = 2;
export const reseatSale = 3;

/** Why seats are not sold, beside `soldOut`. */
export const parentFirst = -2;
export const waitlistFirst = -3;
export const beyondQuota = -4;

/** What the last `sellable` found out. */
export const sale = {
  free: 0,
  /** Why no more than it answered. */
  why: soldOut,
  /** When by time alone it may be more; Infinity for never. */
  changesAt: Infinity,
};

/** Rule 0: how many seats of a class may be sold over the way, through that channel and at that moment. */
export const sellable = (
  stock: Stock,
  run: number,
  cls: number,
  from: number,
  to: number,
  channel: number,
  now: number,
): number => sellableAt(stock, run, cls, aim(stock, run, cls), from, to, channel, now);

/** Rules 0 and 1 for a party of the class under the cursor: 0, or why it is refused. */
export function refusalOf(
  stock: Stock,
  run: number,
  cls: number,
  at: Cursor,
  from: number,
  to: number,
  count: number,
  channel: number,
  now: number,
): number {
  if (sellableAt(stock, run, cls, at, from, to, channel, now) >= count) return 0;
  return sale.why !== parentFirst && sale.free < count ? soldOut : sale.why;
}

/**
 * So many seats more of the class under the cursor are held over the way, or fewer. To be called with every change of its seats once
 * anything is set (`offerCount`).
 */
export function countHeld(
  stock: Stock,
  run: number,
  cls: number,
  at: Cursor,
  from: number,
  to: number,
  seats: number,
): void {
  const address = addressIn(stock, run, at, quotasWord(cls));
  if (address === 0) return;
  const words = wordsAt(stock, address);
  const block = address & inChunk;
  const stops = at.segments + 1;
  for (let left = groupsOf(words, block, stops, from, to); left !== 0; left &= left - 1) {
    words[block + 1 + 2 * stops + 3 * lowestBit(left)]! += seats;
  }
}

function sellableAt(
  stock: Stock,
  run: number,
  cls: number,
  at: Cursor,
  from: number,
  to: number,
  channel: number,
  now: number,
): number {
  const { parent } = at.layout;
  sale.free = freeAt(at, from, to);
  sale.changesAt = Infinity;
  sale.why = parentFirst;
  if (parent >= 0 && free(stock, run, parent, from, to) > 0) return 0;
  sale.why = soldOut;
  if (sale.free === 0) return 0;
  if (channel === reseatSale) return sale.free;
  const gate = channel === waitlistSale ? 0 : addressIn(stock, run, at, gateWord(cls));
  if (gate !== 0 && groupsOf(wordsAt(stock, gate), gate & inChunk, at.segments + 1, from, to) !== 0) {
    sale.why = waitlistFirst;
    return 0;
  }
  const quotas = addressIn(stock, run, at, quotasWord(cls));
  return quotas === 0 ? sale.free : withinQuotas(stock, quotas, at.segments + 1, from, to, now);
}

/** Nested: of every quota that the way belongs to something must be left. */
function withinQuotas(stock: Stock, address: number, stops: number, from: number, to: number, now: number): number {
  const words = wordsAt(stock, address);
  const block = address & inChunk;
  let count = sale.free;
  for (let left = groupsOf(words, block, stops, from, to); left !== 0; left &= left - 1) {
    const quota = block + 1 + 2 * stops + 3 * lowestBit(left);
    let limit = block + words[quota + 1]!;
    let seats = 0;
    for (let more = Math.min(words[quota + 2]!, quotaLimitsMax); more > 0; more--, limit += 3) {
      const since = words[limit]! * 2 ** 32 + (words[limit + 1]! >>> 0);
      if (since > now) {
        if (since < sale.changesAt) sale.changesAt = since;
        break;
      }
      seats = words[limit + 2]!;
    }
    if (seats >= 0 && seats - words[quota]! < count) {
      count = Math.max(0, seats - words[quota]!);
      sale.why = beyondQuota;
    }
  }
  return count;
}

/** Whether quotas are set for one of these classes, given as bits. */
export function quotasAreSet(stock: Stock, run: number, classBits: number): boolean {
  for (let cls = 0; cls < classCountOf(stock, run); cls++) {
    if ((classBits & (1 << cls)) !== 0 && addressIn(stock, run, aim(stock, run, cls), quotasWord(cls)) !== 0)
      return true;
  }
  return false;
}

export const freeAt = (at: Cursor, from: number, to: number): number =>
  at.halves[at.free + pairRow(at.segments, from) + to]!;

/** Of a block, the groups that the way belongs to. */
const groupsOf = (words: Int32Array, block: number, stops: number, from: number, to: number): number =>
  words[block + 1 + from]! & words[block + 1 + stops + to]!;

// Words of a run's head, after the count of changes.
export const gateWord = (cls: number): number => 1 + 2 * cls;
export const quotasWord = (cls: number): number => 2 + 2 * cls;

/** Says when by time alone somebody who waits may be served; Infinity for never. Kept beside the seats, for threads that only look. */
export function announceServing(stock: Stock, run: number, at: number): void {
  const address = stock.addressOf[run]!;
  const { words } = stock.slab.chunks[address >>> chunkBits]!;
  const place = (address & inChunk) + serveWord(classCountOf(stock, run));
  words[place] = at === Infinity ? 0 : Math.floor(at / 2 ** 32);
  words[place + 1] = at === Infinity ? 0 : at % 2 ** 32;
}

/** The moment as of which the public may buy: what limits set free since somebody was to be served is not for sale before that is done. */
export function publicMoment(stock: Stock, run: number, now: number): number {
  const address = stock.addressOf[run]!;
  const { words } = stock.slab.chunks[address >>> chunkBits]!;
  const place = (address & inChunk) + serveWord(classCountOf(stock, run));
  const at = words[place]! * 2 ** 32 + (words[place + 1]! >>> 0);
  return at > 0 && at <= now ? at - 1 : now;
}

export const classCountOf = (stock: Stock, run: number): number => stock.shapes[stock.shapeOf[run]!]!.layouts.length;

/** Of a block that the head of the run under the cursor names, or 0. */
export const addressIn = (stock: Stock, run: number, at: Cursor, headWord: number): number =>
  at.words[(stock.addressOf[run]! & inChunk) + headWord]! >>> 0;

const nothing = new Int32Array(0);

/**
 * Nothing on a thread that has not heard of the chunk yet. Such a thread may also read a block that was given away this moment, and
 * finds nonsense in it; the run's count of changes moves after that, so it looks again. It only has to come to an end.
 */
export const wordsAt = (stock: Stock, address: number): Int32Array =>
  stock.slab.chunks[address >>> chunkBits]?.words ?? nothing;
