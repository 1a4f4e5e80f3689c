/**
 * The scopes that compete within a tier (blocks, rows, coaches, the class), and picking seats within one: rules 2 to 4 of the
 * policy in choose.ts. In a granting tier every wish must be answered. The winner is left in `desk.best`.
 */
import { lowestBit, popCount } from "@chepiao/kernel";
import type { Desk } from "./desk.ts";
import type { Layout } from "./layout.ts";
import { type Cursor, pairRow } from "./stock.ts";
import { gapEnd, gapStart } from "./tables.ts";

export function fromBlocks(desk: Desk, at: Cursor, granting: boolean): boolean {
  const { count } = desk;
  const { rowStart } = at.layout;
  desk.bestTotal = 0;
  for (let r = 0; r + 1 < rowStart.length; r++) {
    const start = rowStart[r]!;
    let blocks = bitsOf(desk.open, start, rowStart[r + 1]! - start);
    for (let more = 1; more < count; more++) blocks &= blocks >>> 1;
    for (; blocks !== 0; blocks &= blocks - 1) {
      const first = start + lowestBit(blocks);
      if (pick(desk, at, first, first + count, granting)) return true;
    }
  }
  return desk.bestTotal > 0;
}

export function fromRows(desk: Desk, at: Cursor, granting: boolean): boolean {
  const { count } = desk;
  const { rowStart } = at.layout;
  desk.bestTotal = 0;
  for (let r = 0; r + 1 < rowStart.length; r++) {
    const start = rowStart[r]!;
    const end = rowStart[r + 1]!;
    if (end - start < count || popCount(bitsOf(desk.open, start, end - start)) < count) continue;
    if (pick(desk, at, start, end, granting)) return true;
  }
  return desk.bestTotal > 0;
}

export function fromCoaches(desk: Desk, at: Cursor, granting: boolean): boolean {
  const { coachStart } = at.layout;
  desk.bestTotal = 0;
  for (let c = 0; c + 1 < coachStart.length; c++) {
    if (pick(desk, at, coachStart[c]!, coachStart[c + 1]!, granting)) return true;
  }
  return desk.bestTotal > 0;
}

export function fromClass(desk: Desk, at: Cursor, granting: boolean): boolean {
  desk.bestTotal = 0;
  return pick(desk, at, 0, at.layout.seatCount, granting) || desk.bestTotal > 0;
}

/**
 * Serves the party from the seats [low, high) and keeps the choice if it is the best yet. True if none can be better, so that
 * the search may stop: scopes come in order, and of equals the first wins.
 */
function pick(desk: Desk, at: Cursor, low: number, high: number, granting: boolean): boolean {
  const { count, wishes } = desk;
  const { masks } = at.layout;
  let total = 0;
  let served = 0;
  for (; served < count; served++) {
    const mask = masks[granting ? wishes[desk.order[served]!]! : 0]!;
    const seat = bestOpen(desk, at, low, high, mask);
    if (seat < 0) break;
    total += desk.gapOf[seat]!;
    desk.picked[served] = seat;
    desk.open[seat >>> 5]! ^= 1 << (seat & 31);
  }
  putBack(desk, served);
  if (served < count || (desk.bestTotal > 0 && total >= desk.bestTotal)) return false;
  desk.bestTotal = total;
  desk.best.set(desk.picked);
  return total === desk.least * count;
}

function putBack(desk: Desk, served: number): void {
  for (let i = 0; i < served; i++) desk.open[desk.picked[i]! >>> 5]! ^= 1 << (desk.picked[i]! & 31);
}

/** The best open seat of [low, high) in the mask, or -1; its gap is in `gapOf`. */
function bestOpen(desk: Desk, at: Cursor, low: number, high: number, mask: Int32Array): number {
  let best = -1;
  let bestGap = 256;
  const lastWord = (high - 1) >>> 5;
  for (let word = low >>> 5; word <= lastWord; word++) {
    let seats = desk.open[word]! & mask[word]!;
    if (word === low >>> 5) seats &= -1 << (low & 31);
    if (word === lastWord) seats &= -1 >>> (31 - ((high - 1) & 31));
    for (; seats !== 0; seats &= seats - 1) {
      const seat = (word << 5) + lowestBit(seats);
      const gap = desk.gapOf[seat]! || measureGap(desk, at, seat);
      if (gap >= bestGap) continue;
      best = seat;
      bestGap = gap;
      if (gap === desk.least) return best;
    }
  }
  return best;
}

function measureGap(desk: Desk, at: Cursor, seat: number): number {
  const base = at.occupied + (seat >>> 5) * at.segments;
  const bit = 1 << (seat & 31);
  const gap = gapEnd(at.words, base, bit, desk.to, at.segments) - gapStart(at.words, base, bit, desk.from);
  desk.gapOf[seat] = gap;
  return gap;
}

/** `length` bits (1…32) beginning at bit `start`. */
function bitsOf(words: Int32Array, start: number, length: number): number {
  const shift = start & 31;
  let bits = words[start >>> 5]! >>> shift;
  if (shift + length > 32) bits |= words[(start >>> 5) + 1]! << (32 - shift);
  return bits & (-1 >>> (32 - length));
}

/** Fills `open` for the way. */
export function openSeats(desk: Desk, at: Cursor): void {
  const { from, to } = desk;
  const { words, segments, layout } = at;
  let base = at.occupied;
  for (let word = 0; word < layout.wordCount; word++) {
    let taken = 0;
    for (let segment = from; segment < to; segment++) taken |= words[base + segment]!;
    desk.open[word] = ~taken;
    base += segments;
  }
  desk.gapOf.fill(0, 0, layout.seatCount);
}

/** The smallest gap around the way that any seat has. */
export function leastGap(desk: Desk, at: Cursor): number {
  const { from, to } = desk;
  const { halves, segments } = at;
  for (let length = to - from; length < segments; length++) {
    const last = from < segments - length ? from : segments - length;
    for (let start = to > length ? to - length : 0; start <= last; start++) {
      if (halves[at.gaps + pairRow(segments, start) + start + length]! > 0) return length;
    }
  }
  return segments;
}

/**
 * Whether the free seats of the whole class could answer all wishes; where they cannot, no scope can. As wishes are nested and
 * narrow ones come first, taking any seat for each finds a way if there is one.
 */
export function canGrantAll(desk: Desk, layout: Layout): boolean {
  const { count, wishes } = desk;
  let granted = 0;
  for (; granted < count; granted++) {
    const seat = firstOpen(desk, layout.wordCount, layout.masks[wishes[desk.order[granted]!]!]!);
    if (seat < 0) break;
    desk.picked[granted] = seat;
    desk.open[seat >>> 5]! ^= 1 << (seat & 31);
  }
  putBack(desk, granted);
  return granted === count;
}

function firstOpen(desk: Desk, wordCount: number, mask: Int32Array): number {
  for (let word = 0; word < wordCount; word++) {
    const seats = desk.open[word]! & mask[word]!;
    if (seats !== 0) return (word << 5) + lowestBit(seats);
  }
  return -1;
}
