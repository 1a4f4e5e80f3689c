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
import { lowestBit } from "@chepiao/kernel";
import type { Desk } from "./desk.ts";
import type { Layout } from "./layout.ts";
import { canGrantAll, fromBlocks, fromClass, fromCoaches, fromRows, leastGap, openSeats } from "./scopes.ts";
import type { Cursor } from "./stock.ts";

export const soldOut = -1;
export const adjacent = 0;
export const row = 1;
export const coach = 2;
export const split = 3;

/** Seats for a party into `desk.seats`; answers how they sit. At least `count` seats must be free over the way. */
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
