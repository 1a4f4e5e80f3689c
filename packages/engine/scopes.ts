/**
 * The scopes that compete within a tier (blocks, rows, coaches, the class), and picking seats within one: rules 2 to 4 of the
 * policy in choose.ts. In a granting tier every wish must be answered. The winner is left in `desk.best`.
 */
import { bitsOf, lowestBit, passengersPerOrderMax, popCount } from "@chepiao/kernel";
import { candidatesFor } from "./candidates.ts";
import type { Scratch } from "./scratch.ts";
import type { Candidates, Layout } from "./layout.ts";
import { type Cursor, pairRow } from "./stock.ts";
import { gapEnd, gapStart } from "./tables.ts";

/** A block is free as a whole, so its party sits on all of it, whoever is served first: what it can grant its layout says. */
export function fromBlocks(scratch: Scratch, at: Cursor, granting: boolean): boolean {
  const { count, open } = scratch;
  const { blockStarts } = candidatesOf(scratch, at, granting);
  const { wordCount } = at.layout;
  scratch.bestTotal = 0;
  for (let word = 0; word < wordCount; word++) {
    let starts = open[word]! & blockStarts[word]!;
    if (starts === 0) continue;
    const next = word + 1 < wordCount ? open[word + 1]! : 0;
    for (let more = 1; more < count; more++) starts &= (open[word]! >>> more) | (next << (32 - more));
    for (; starts !== 0; starts &= starts - 1) {
      if (takeBlock(scratch, at, (word << 5) + lowestBit(starts))) return true;
    }
  }
  return scratch.bestTotal > 0;
}

/** As `pick`, of a block that is free and answers what it has to. */
function takeBlock(scratch: Scratch, at: Cursor, first: number): boolean {
  const { count } = scratch;
  let total = 0;
  for (let seat = first; seat < first + count; seat++) total += scratch.gapOf[seat]! || measureGap(scratch, at, seat);
  if (scratch.bestTotal > 0 && total >= scratch.bestTotal) return false;
  scratch.bestTotal = total;
  for (let i = 0; i < count; i++) scratch.best[i] = first + i;
  return total === scratch.least * count;
}

export function fromRows(scratch: Scratch, at: Cursor, granting: boolean): boolean {
  const { count, open } = scratch;
  const { rowStart, rowOf, wordCount, masks } = at.layout;
  const { rows } = candidatesOf(scratch, at, granting);
  scratch.bestTotal = 0;
  let next = 0;
  for (let word = 0; word < wordCount; word++) {
    let seats = open[word]! & masks[0]![word]!;
    while (seats !== 0) {
      const r = rowOf[(word << 5) + lowestBit(seats)]!;
      const start = rowStart[r]!;
      const end = rowStart[r + 1]!;
      seats = end >= (word + 1) << 5 ? 0 : seats & (-1 << (end & 31));
      if (r < next) continue;
      next = r + 1;
      if (rows[r] === 0 || popCount(bitsOf(open, start, end - start)) < count) continue;
      if (pick(scratch, at, start, end, granting)) return true;
    }
  }
  return scratch.bestTotal > 0;
}

const noWishes = new Uint8Array(passengersPerOrderMax);
const wishesServed = new Uint8Array(passengersPerOrderMax);
function candidatesOf(scratch: Scratch, { layout }: Cursor, granting: boolean): Candidates {
  const { count, wishes, order } = scratch;
  if (!granting) return candidatesFor(layout, noWishes, count);
  for (let p = 0; p < count; p++) wishesServed[p] = wishes[order[p]!]!;
  sortInRanks(layout, wishesServed, count);
  return candidatesFor(layout, wishesServed, count);
}

/** Who asks first of a rank changes no answer, and would only be kept as another combination. */
function sortInRanks({ ranks }: Layout, served: Uint8Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const wish = served[i]!;
    let to = i;
    for (; to > 0 && ranks[served[to - 1]!] === ranks[wish] && served[to - 1]! > wish; to--)
      served[to] = served[to - 1]!;
    served[to] = wish;
  }
}

export function fromCoaches(scratch: Scratch, at: Cursor, granting: boolean): boolean {
  const { coachStart } = at.layout;
  scratch.bestTotal = 0;
  for (let c = 0; c + 1 < coachStart.length; c++) {
    if (pick(scratch, at, coachStart[c]!, coachStart[c + 1]!, granting)) return true;
  }
  return scratch.bestTotal > 0;
}

export function fromClass(scratch: Scratch, at: Cursor, granting: boolean): boolean {
  scratch.bestTotal = 0;
  return pick(scratch, at, 0, at.layout.seatCount, granting) || scratch.bestTotal > 0;
}

/**
 * Serves the party from the seats [low, high) and keeps the choice if it is the best yet. True if none can be better, so that
 * the search may stop: scopes come in order, and of equals the first wins.
 */
function pick(scratch: Scratch, at: Cursor, low: number, high: number, granting: boolean): boolean {
  const { count, wishes } = scratch;
  const { masks } = at.layout;
  let total = 0;
  let served = 0;
  for (; served < count; served++) {
    const mask = masks[granting ? wishes[scratch.order[served]!]! : 0]!;
    const seat = bestOpen(scratch, at, low, high, mask);
    if (seat < 0) break;
    total += scratch.gapOf[seat]!;
    scratch.picked[served] = seat;
    scratch.open[seat >>> 5]! ^= 1 << (seat & 31);
  }
  reopenPicked(scratch, served);
  if (served < count || (scratch.bestTotal > 0 && total >= scratch.bestTotal)) return false;
  scratch.bestTotal = total;
  scratch.best.set(scratch.picked);
  return total === scratch.least * count;
}

function reopenPicked(scratch: Scratch, served: number): void {
  for (let i = 0; i < served; i++) scratch.open[scratch.picked[i]! >>> 5]! ^= 1 << (scratch.picked[i]! & 31);
}

/** The best open seat of [low, high) in the mask, or -1; its gap is in `gapOf`. */
function bestOpen(scratch: Scratch, at: Cursor, low: number, high: number, mask: Int32Array): number {
  let best = -1;
  let bestGap = 256;
  const lastWord = (high - 1) >>> 5;
  for (let word = low >>> 5; word <= lastWord; word++) {
    let seats = scratch.open[word]! & mask[word]!;
    if (word === low >>> 5) seats &= -1 << (low & 31);
    if (word === lastWord) seats &= -1 >>> (31 - ((high - 1) & 31));
    for (; seats !== 0; seats &= seats - 1) {
      const seat = (word << 5) + lowestBit(seats);
      const gap = scratch.gapOf[seat]! || measureGap(scratch, at, seat);
      if (gap >= bestGap) continue;
      best = seat;
      bestGap = gap;
      if (gap === scratch.least) return best;
    }
  }
  return best;
}

function measureGap(scratch: Scratch, at: Cursor, seat: number): number {
  const base = at.occupied + (seat >>> 5) * at.segments;
  const bit = 1 << (seat & 31);
  const gap = gapEnd(at.words, base, bit, scratch.to, at.segments) - gapStart(at.words, base, bit, scratch.from);
  scratch.gapOf[seat] = gap;
  return gap;
}

/** Fills `open` for the way. */
export function openSeats(scratch: Scratch, at: Cursor): void {
  const { from, to } = scratch;
  const { words, segments, layout } = at;
  let base = at.occupied;
  for (let word = 0; word < layout.wordCount; word++) {
    let taken = 0;
    for (let segment = from; segment < to; segment++) taken |= words[base + segment]!;
    scratch.open[word] = ~taken;
    base += segments;
  }
  scratch.gapOf.fill(0, 0, layout.seatCount);
}

/** The smallest gap around the way that any seat has. */
export function leastGap(scratch: Scratch, at: Cursor): number {
  const { from, to } = scratch;
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
export function canGrantAll(scratch: Scratch, layout: Layout): boolean {
  const { count, wishes } = scratch;
  let granted = 0;
  for (; granted < count; granted++) {
    const seat = firstOpen(scratch, layout.wordCount, layout.masks[wishes[scratch.order[granted]!]!]!);
    if (seat < 0) break;
    scratch.picked[granted] = seat;
    scratch.open[seat >>> 5]! ^= 1 << (seat & 31);
  }
  reopenPicked(scratch, granted);
  return granted === count;
}

function firstOpen(scratch: Scratch, wordCount: number, mask: Int32Array): number {
  for (let word = 0; word < wordCount; word++) {
    const seats = scratch.open[word]! & mask[word]!;
    if (seats !== 0) return (word << 5) + lowestBit(seats);
  }
  return -1;
}
