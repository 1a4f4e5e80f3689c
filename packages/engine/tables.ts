/** Taking a seat over some segments and giving it back, with the count tables kept in step. The only writers of the stock. */
import { assert } from "@chepiao/kernel";
import { type Cursor, pairRow } from "./stock.ts";

/** The seat must be free from stop to stop. */
export function takeSeat(at: Cursor, seat: number, from: number, to: number): void {
  const { words, segments } = at;
  const base = at.occupied + (seat >>> 5) * segments;
  const bit = 1 << (seat & 31);
  assert(isFree(at, seat, from, to), "a seat is taken only where it is free");
  for (let segment = from; segment < to; segment++) words[base + segment]! |= bit;
  const start = gapStart(words, base, bit, from);
  const end = gapEnd(words, base, bit, to, segments);
  loseGap(at, start, end);
  if (start < from) gainGap(at, start, from, seat >>> 5);
  if (to < end) gainGap(at, to, end, seat >>> 5);
  countFree(at, start, end, from, to, -1);
}

/** The seat must be taken from stop to stop: giving back what nobody has would sell it twice. */
export function giveSeat(at: Cursor, seat: number, from: number, to: number): void {
  const { words, segments } = at;
  const base = at.occupied + (seat >>> 5) * segments;
  const bit = 1 << (seat & 31);
  assert(isTaken(at, seat, from, to), "a seat is given back only where it is taken");
  for (let segment = from; segment < to; segment++) words[base + segment]! &= ~bit;
  const start = gapStart(words, base, bit, from);
  const end = gapEnd(words, base, bit, to, segments);
  if (start < from) loseGap(at, start, from);
  if (to < end) loseGap(at, to, end);
  gainGap(at, start, end, seat >>> 5);
  countFree(at, start, end, from, to, 1);
}

export function isFree(at: Cursor, seat: number, from: number, to: number): boolean {
  const base = at.occupied + (seat >>> 5) * at.segments;
  let taken = 0;
  for (let segment = from; segment < to; segment++) taken |= at.words[base + segment]!;
  return (taken & (1 << (seat & 31))) === 0;
}

/** Taken over the whole way, not just part of it. */
function isTaken(at: Cursor, seat: number, from: number, to: number): boolean {
  const base = at.occupied + (seat >>> 5) * at.segments;
  let taken = -1;
  for (let segment = from; segment < to; segment++) taken &= at.words[base + segment]!;
  return (taken & (1 << (seat & 31))) !== 0;
}

/** Where the free stretch that ends at `from` begins. */
export function gapStart(words: Int32Array, base: number, bit: number, from: number): number {
  let start = from;
  while (start > 0 && (words[base + start - 1]! & bit) === 0) start--;
  return start;
}

/** Where the free stretch that begins at `to` ends. */
export function gapEnd(words: Int32Array, base: number, bit: number, to: number, segments: number): number {
  let end = to;
  while (end < segments && (words[base + end]! & bit) === 0) end++;
  return end;
}

function loseGap(at: Cursor, start: number, end: number): void {
  at.halves[at.gaps + pairRow(at.segments, start) + end]! -= 1;
}

function gainGap(at: Cursor, start: number, end: number, word: number): void {
  const pair = pairRow(at.segments, start) + end;
  at.halves[at.gaps + pair]! += 1;
  if (word < at.bytes[at.hints + pair]!) at.bytes[at.hints + pair] = word;
}

/** One seat more or less for every pair of stops inside the gap that shares a segment with [from, to). */
function countFree(at: Cursor, start: number, end: number, from: number, to: number, by: number): void {
  const { halves, segments } = at;
  let row = at.free + pairRow(segments, start);
  for (let x = start; x < to; x++) {
    const last = row + end;
    for (let pair = row + (x < from ? from : x) + 1; pair <= last; pair++) halves[pair]! += by;
    row += segments - x - 1;
  }
}
