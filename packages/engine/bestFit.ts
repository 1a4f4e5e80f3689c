/**
 * The best seat for one passenger, without looking at seats one by one: gaps[] says which gap is the smallest that anybody
 * has around the way, hints[] in which word to begin to look for a seat with exactly that gap.
 */
import { lowestBit, popCount } from "@chepiao/kernel";
import { type Cursor, pairRow } from "./stock.ts";

/** The best seat for one passenger, or -1. `wish` 0 is none. Does not fall back. */
export function chooseOne(at: Cursor, from: number, to: number, wish: number): number {
  const { halves, segments, layout } = at;
  const mask = layout.masks[wish]!;
  for (let length = to - from; length <= segments; length++) {
    const last = from < segments - length ? from : segments - length;
    let start = to > length ? to - length : 0;
    let pair = pairRow(segments, start) + start + length;
    let best = -1;
    for (; start <= last; start++) {
      const count = halves[at.gaps + pair]!;
      if (count > 0) {
        const seat =
          wish === 0
            ? firstWithGap(at, start, start + length, pair, best)
            : firstWithGapAnd(at, start, start + length, pair, count, mask, best);
        if (seat >= 0) best = seat;
      }
      pair += segments - start;
    }
    if (best >= 0) return best;
  }
  return -1;
}

/** Seats of a word whose widest free stretch is exactly [start, end). */
function seatsWithGap(words: Int32Array, base: number, segments: number, start: number, end: number): number {
  let taken = 0;
  for (let segment = start; segment < end; segment++) taken |= words[base + segment]!;
  let seats = ~taken;
  if (start > 0) seats &= words[base + start - 1]!;
  if (end < segments) seats &= words[base + end]!;
  return seats;
}

/** The lowest seat with that gap, which there is; -1 if it is not below `limit`. Moves the hint up to where it looked. */
function firstWithGap(at: Cursor, start: number, end: number, pair: number, limit: number): number {
  const { words, segments } = at;
  let word = at.bytes[at.hints + pair]!;
  const wordEnd = limit < 0 ? at.layout.wordCount : (limit >>> 5) + 1;
  for (; word < wordEnd; word++) {
    const seats = seatsWithGap(words, at.occupied + word * segments, segments, start, end);
    if (seats === 0) continue;
    at.bytes[at.hints + pair] = word;
    const seat = (word << 5) + lowestBit(seats);
    return limit < 0 || seat < limit ? seat : -1;
  }
  return -1;
}

/** The same among the seats of a mask: `count` seats have the gap, so after as many there is nothing more to see. */
function firstWithGapAnd(
  at: Cursor,
  start: number,
  end: number,
  pair: number,
  count: number,
  mask: Int32Array,
  limit: number,
): number {
  const { words, segments } = at;
  const wordEnd = limit < 0 ? at.layout.wordCount : (limit >>> 5) + 1;
  let unseen = count;
  for (let word = at.bytes[at.hints + pair]!; word < wordEnd && unseen > 0; word++) {
    const seats = seatsWithGap(words, at.occupied + word * segments, segments, start, end);
    if (seats === 0) continue;
    const wished = seats & mask[word]!;
    if (wished !== 0) {
      const seat = (word << 5) + lowestBit(wished);
      return limit < 0 || seat < limit ? seat : -1;
    }
    unseen -= popCount(seats);
  }
  return -1;
}
