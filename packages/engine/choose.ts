/**
 * Which seats a party gets. This text is the policy; every implementation of it picks the same seats, seat for seat.
 *
 * A request is a class, a way [from, to) and 1…5 passengers, each with one wish or none. A seat is free if it is taken over
 * no segment of the way. Its gap is the length of the longest free stretch of that seat around the way. Of two seats the
 * better has the smaller (gap, index): short gaps are used up first, long ones kept for long journeys (best fit).
 *
 * 1. Fewer free seats than passengers: sold out, nothing changes.
 * 2. Tiers are tried in order; the first that yields a choice decides.
 *    With any wish:  adjacent+w, row+w, adjacent, row, coach+w, coach, split+w, split.
 *    With none:      adjacent, row, coach, split.
 *    The kind says which scopes compete: `adjacent` every n seats of consecutive index within one row (or compartment), all
 *    of them free; `row` every row; `coach` every coach; `split` the class as a whole.
 * 3. Within a scope seats are picked: passengers are served by rank of wish (one letter or berth level 0, window or aisle 1,
 *    none 2), then in the order of the request. In a +w tier each takes the best free seat of the scope not yet picked that
 *    answers his wish; in the others the best not yet picked. A passenger who finds none rules the scope out.
 * 4. Among the scopes of a tier the least sum of gaps wins; of equals the one that begins first.
 * 5. The picked seats are handed out: passengers with a wish, served as in 3, each take the lowest picked seat that answers it,
 *    if one is left; then the others, in order of the request, take what is left from the lowest up. A wish is granted if the
 *    passenger's seat answers it, and where there was none. After a +w tier all are granted (see `assertNested`).
 *
 * A party of one meets the same rules: the best seat that answers the wish, else the best seat. It counts as adjacent.
 */
import { lowestBit, passengersPerOrderMax, popCount, seatsPerClassMax, wordsFor } from "@chepiao/kernel";
import type { Layout } from "./layout.ts";
import { type Cursor, pairRow } from "./stock.ts";
import { gapEnd, gapStart } from "./tables.ts";

export const soldOut = -1;
export const adjacent = 0;
export const row = 1;
export const coach = 2;
export const split = 3;

/** Reused by every choice: what a request works with. Choices never overlap in time. */
export type Desk = {
  from: number;
  to: number;
  count: number;
  wishes: Uint8Array;
  /** The answer: one seat a passenger, in order of the request. */
  readonly seats: Uint16Array;
  /** Free seats over the way, less those picked at the moment. */
  readonly open: Int32Array;
  /** Gap of each seat once it was needed, 0 before. */
  readonly gapOf: Uint8Array;
  /** Passengers in order of service. */
  readonly order: Uint8Array;
  readonly picked: Uint16Array;
  readonly best: Uint16Array;
  bestTotal: number;
  /** No seat has a smaller gap than this. */
  least: number;
};

export const createDesk = (): Desk => ({
  from: 0,
  to: 0,
  count: 0,
  wishes: new Uint8Array(passengersPerOrderMax),
  seats: new Uint16Array(passengersPerOrderMax),
  open: new Int32Array(wordsFor(seatsPerClassMax)),
  gapOf: new Uint8Array(seatsPerClassMax),
  order: new Uint8Array(passengersPerOrderMax),
  picked: new Uint16Array(passengersPerOrderMax),
  best: new Uint16Array(passengersPerOrderMax),
  bestTotal: 0,
  least: 0,
});

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
        const seat = wish === 0
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

/** Seats for a party into `desk.seats`; answers how they sit, or sold out. There must be `count` seats free over the way. */
export function chooseParty(
  desk: Desk,
  at: Cursor,
  from: number,
  to: number,
  count: number,
  wishes: Uint8Array,
): number {
  desk.from = from;
  desk.to = to;
  desk.count = count;
  desk.wishes = wishes;
  const anyWish = orderService(desk, at.layout);
  openSeats(desk, at);
  desk.least = leastGap(desk, at);
  const kind = anyWish ? chooseWithWishes(desk, at) : chooseWithout(desk, at);
  handOut(desk, at.layout);
  return kind;
}

/** How close these seats of one class are to each other: the tier they would have come from. */
export function closeness(layout: Layout, seats: ArrayLike<number>, count: number): number {
  let low = seats[0]!;
  let high = seats[0]!;
  for (let i = 1; i < count; i++) {
    if (seats[i]! < low) low = seats[i]!;
    if (seats[i]! > high) high = seats[i]!;
  }
  if (layout.coachOf[low] !== layout.coachOf[high]) return split;
  if (layout.rowOf[low] !== layout.rowOf[high]) return coach;
  return high - low === count - 1 ? adjacent : row;
}

// One passenger -----------------------------------------------------------------------------------------------------------

/** Seats of a word whose widest free stretch is exactly [start, end). */
function seatsWithGap(words: Int32Array, base: number, segments: number, start: number, end: number): number {
  let taken = 0;
  for (let segment = start; segment < end; segment++) taken |= words[base + segment]!;
  let seats = ~taken;
  if (start > 0) seats &= words[base + start - 1]!;
  if (end < segments) seats &= words[base + end]!;
  return seats;
}

/** The lowest seat with that gap, which somebody has; -1 if it is not below `limit`. Moves the hint up to where it looked. */
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

// A party -----------------------------------------------------------------------------------------------------------------

function chooseWithWishes(desk: Desk, at: Cursor): number {
  const grantable = canGrantAll(desk, at.layout);
  if (grantable && fromBlocks(desk, at, true)) return adjacent;
  if (grantable && fromRows(desk, at, true)) return row;
  if (fromBlocks(desk, at, false)) return adjacent;
  if (fromRows(desk, at, false)) return row;
  if (grantable && fromCoaches(desk, at, true)) return coach;
  if (fromCoaches(desk, at, false)) return coach;
  if (grantable && fromClass(desk, at, true)) return split;
  fromClass(desk, at, false);
  return split;
}

function chooseWithout(desk: Desk, at: Cursor): number {
  if (fromBlocks(desk, at, false)) return adjacent;
  if (fromRows(desk, at, false)) return row;
  if (fromCoaches(desk, at, false)) return coach;
  fromClass(desk, at, false);
  return split;
}

/** Passengers by rank of wish, then as they came. True if anybody has a wish. */
function orderService(desk: Desk, layout: Layout): boolean {
  const { count, wishes } = desk;
  let served = 0;
  for (let rank = 0; rank <= 2; rank++) {
    for (let p = 0; p < count; p++) if (layout.ranks[wishes[p]!] === rank) desk.order[served++] = p;
  }
  return wishes[desk.order[0]!] !== 0;
}

function openSeats(desk: Desk, at: Cursor): void {
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
function leastGap(desk: Desk, at: Cursor): number {
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
 * Whether the free seats of the whole class could answer all wishes; where they cannot, no scope can. As wishes are nested,
 * it is enough that each has seats for all who ask for it or for something within it.
 */
function canGrantAll(desk: Desk, layout: Layout): boolean {
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

function fromBlocks(desk: Desk, at: Cursor, granting: boolean): boolean {
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

function fromRows(desk: Desk, at: Cursor, granting: boolean): boolean {
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

function fromCoaches(desk: Desk, at: Cursor, granting: boolean): boolean {
  const { coachStart } = at.layout;
  desk.bestTotal = 0;
  for (let c = 0; c + 1 < coachStart.length; c++) {
    if (pick(desk, at, coachStart[c]!, coachStart[c + 1]!, granting)) return true;
  }
  return desk.bestTotal > 0;
}

function fromClass(desk: Desk, at: Cursor, granting: boolean): boolean {
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

/** Rule 5. Turns `best` into `seats`. */
function handOut(desk: Desk, layout: Layout): void {
  const { count, wishes } = desk;
  sortSeats(desk.best, count);
  let left = (1 << count) - 1;
  let waiting = left;
  for (let served = 0; served < count; served++) {
    const passenger = desk.order[served]!;
    const wish = wishes[passenger]!;
    if (wish === 0) break;
    const mask = layout.masks[wish]!;
    for (let i = 0; i < count; i++) {
      const seat = desk.best[i]!;
      if ((left & (1 << i)) === 0 || (mask[seat >>> 5]! & (1 << (seat & 31))) === 0) continue;
      desk.seats[passenger] = seat;
      left ^= 1 << i;
      waiting ^= 1 << passenger;
      break;
    }
  }
  for (; waiting !== 0; waiting &= waiting - 1, left &= left - 1) {
    desk.seats[lowestBit(waiting)] = desk.best[lowestBit(left)]!;
  }
}

function sortSeats(seats: Uint16Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const seat = seats[i]!;
    let to = i;
    for (; to > 0 && seats[to - 1]! > seat; to--) seats[to] = seats[to - 1]!;
    seats[to] = seat;
  }
}
