/**
 * Which seats a party gets. This text is the policy; every implementation of it picks the same seats, seat for seat.
 *
 * A request is a class, a way [from, to) and 1…9 passengers, each with one wish or none. A seat is free if it is taken over
 * no segment of the way and not withdrawn. Its gap is the length of the longest free stretch of that seat around the way. Of two seats the
 * better has the smaller (gap, index): short gaps are used up first, long ones kept for long journeys (best fit).
 *
 * 0. How many of the free seats may be sold, through this channel and now (offer.ts):
 *    a. None of a class while its parent, the class that is sold before it, has a seat free over the whole way: nobody stands
 *       while there are seats. Free is enough, whether or not that seat may be sold.
 *    b. None on a way of the waitlist's gate, but to the waitlist.
 *    c. Of each quota that the way belongs to, as many as its limit is above what is held over all its ways. The limit is the
 *       last that has begun; before the first it is 0. Quotas hold only for what is sold from now on: one that is lowered
 *       takes nobody's seat.
 *    d. To who has a seat that the train has lost neither gate nor quota says anything: what he is given replaces what he had.
 *       It counts in quotas as any hold.
 * 1. Fewer than passengers: refused, nothing changes. Said is the first that is so: the parent's seats come first; fewer are free
 *    than passengers (sold out); the waitlist's come first; not on sale over this way yet.
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
import type { Scratch } from "./scratch.ts";
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
  scratch: Scratch,
  at: Cursor,
  from: number,
  to: number,
  count: number,
  wishes: Uint8Array,
): number {
  scratch.from = from;
  scratch.to = to;
  scratch.count = count;
  scratch.wishes = wishes;
  const anyWish = orderService(scratch, at.layout);
  openSeats(scratch, at);
  scratch.least = leastGap(scratch, at);
  const kind = anyWish ? chooseWithWishes(scratch, at) : chooseWithout(scratch, at);
  handOut(scratch, at.layout);
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

function chooseWithWishes(scratch: Scratch, at: Cursor): number {
  const grantable = canGrantAll(scratch, at.layout);
  if (grantable && fromBlocks(scratch, at, true)) return adjacent;
  if (grantable && fromRows(scratch, at, true)) return row;
  if (fromBlocks(scratch, at, false)) return adjacent;
  if (fromRows(scratch, at, false)) return row;
  if (grantable && fromCoaches(scratch, at, true)) return coach;
  if (fromCoaches(scratch, at, false)) return coach;
  if (grantable && fromClass(scratch, at, true)) return split;
  fromClass(scratch, at, false);
  return split;
}

function chooseWithout(scratch: Scratch, at: Cursor): number {
  if (fromBlocks(scratch, at, false)) return adjacent;
  if (fromRows(scratch, at, false)) return row;
  if (fromCoaches(scratch, at, false)) return coach;
  fromClass(scratch, at, false);
  return split;
}

/** Passengers by rank of wish, then as they came. True if a passenger has a wish. */
function orderService(scratch: Scratch, layout: Layout): boolean {
  const { count, wishes } = scratch;
  let served = 0;
  for (let rank = 0; rank <= 2; rank++) {
    for (let p = 0; p < count; p++) if (layout.ranks[wishes[p]!] === rank) scratch.order[served++] = p;
  }
  return wishes[scratch.order[0]!] !== 0;
}

/** Rule 5. Turns `best` into `seats`. */
function handOut(scratch: Scratch, layout: Layout): void {
  const { count, wishes } = scratch;
  sortSeats(scratch.best, count);
  let left = (1 << count) - 1;
  let waiting = left;
  for (let served = 0; served < count; served++) {
    const passenger = scratch.order[served]!;
    const wish = wishes[passenger]!;
    if (wish === 0) break;
    const mask = layout.masks[wish]!;
    for (let i = 0; i < count; i++) {
      const seat = scratch.best[i]!;
      if ((left & (1 << i)) === 0 || (mask[seat >>> 5]! & (1 << (seat & 31))) === 0) continue;
      scratch.seats[passenger] = seat;
      left ^= 1 << i;
      waiting ^= 1 << passenger;
      break;
    }
  }
  for (; waiting !== 0; waiting &= waiting - 1, left &= left - 1) {
    scratch.seats[lowestBit(waiting)] = scratch.best[lowestBit(left)]!;
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
