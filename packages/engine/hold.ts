/** Holding and giving back, in the words of callers: a run, a class, a way, a party. */
import { assert, passengersPerOrderMax } from "@chepiao/kernel";
import { chooseOne } from "./bestFit.ts";
import { adjacent, chooseParty, soldOut } from "./choose.ts";
import { createScratch, type Scratch } from "./scratch.ts";
import { countHeld, freeAt, refusalOf } from "./offer.ts";
import { aim, type Cursor, type Stock } from "./stock.ts";
import { giveSeat, isFree, takeSeat } from "./tables.ts";
import { giveWithdrawn, heldOfWithdrawn, takeWithdrawn } from "./withdrawn.ts";

const scratch: Scratch = createScratch();

/**
 * Chooses seats for the whole party and takes them, or changes nothing: answers why not (`soldOut` and the others below 0), or how
 * the party sits. The seats are in `heldSeats`, one a passenger, until the next call. `wishes[p]` is 0 or a wish of the class's
 * layout; `channel` is one of offer.ts, and quotas are as they are at `now`.
 */
export function hold(
  stock: Stock,
  run: number,
  cls: number,
  from: number,
  to: number,
  count: number,
  wishes: Uint8Array,
  channel: number,
  now: number,
): number {
  assert(count > 0 && count <= passengersPerOrderMax, `a party has 1…${passengersPerOrderMax} passengers`);
  const at = aimAtWay(stock, run, cls, from, to);
  if (stock.offerCount === 0 && at.layout.parent < 0) {
    // Nothing but free seats is asked of most classes of most trains.
    if (freeAt(at, from, to) < count) return soldOut;
  } else {
    const refused = refusalOf(stock, run, cls, at, from, to, count, channel, now);
    if (refused !== 0) return refused;
    countHeld(stock, run, cls, at, from, to, count);
  }
  if (count === 1) {
    const wish = wishes[0]!;
    let seat = chooseOne(at, from, to, wish);
    if (seat < 0 && wish !== 0) seat = chooseOne(at, from, to, 0);
    scratch.seats[0] = seat;
    takeSeat(at, seat, from, to);
    return adjacent;
  }
  const closeness = chooseParty(scratch, at, from, to, count, wishes);
  for (let p = 0; p < count; p++) takeSeat(at, scratch.seats[p]!, from, to);
  return closeness;
}

/** The seats of the last successful `hold`. */
export const heldSeats: Readonly<Uint16Array> = scratch.seats;

export function release(stock: Stock, run: number, cls: number, seat: number, from: number, to: number): void {
  const at = aimAtWay(stock, run, cls, from, to);
  const held = stock.withdrawn.size === 0 ? undefined : heldOfWithdrawn(stock, run, cls, seat);
  if (held) giveWithdrawn(held, from, to);
  else giveSeat(at, seat, from, to);
  if (stock.offerCount !== 0) countHeld(stock, run, cls, at, from, to, -1);
}

/** Takes one named seat, as when reloading: what was sold is sold, whatever may be sold now and whichever seats are withdrawn. False, and nothing changed, where any part of the way is taken already. */
export function occupy(stock: Stock, run: number, cls: number, seat: number, from: number, to: number): boolean {
  const at = aimAtWay(stock, run, cls, from, to);
  assert(seat >= 0 && seat < at.layout.seatCount, "the class has this seat");
  const held = stock.withdrawn.size === 0 ? undefined : heldOfWithdrawn(stock, run, cls, seat);
  if (held ? !takeWithdrawn(held, from, to) : !isFree(at, seat, from, to)) return false;
  if (!held) takeSeat(at, seat, from, to);
  if (stock.offerCount !== 0) countHeld(stock, run, cls, at, from, to, 1);
  return true;
}

export const seatIsFree = (stock: Stock, run: number, cls: number, seat: number, from: number, to: number): boolean =>
  isFree(aimAtWay(stock, run, cls, from, to), seat, from, to);

function aimAtWay(stock: Stock, run: number, cls: number, from: number, to: number): Cursor {
  const at = aim(stock, run, cls);
  assert(from >= 0 && from < to && to <= at.segments, "a way leads forward between two stops of the run");
  return at;
}
