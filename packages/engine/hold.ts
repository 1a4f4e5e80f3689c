/** Holding and giving back, in the words of callers: a run, a class, a way, a party. */
import { assert, passengersPerOrderMax } from "@chepiao/kernel";
import { chooseOne } from "./bestFit.ts";
import { adjacent, chooseParty, soldOut } from "./choose.ts";
import { createDesk, type Desk } from "./desk.ts";
import { aim, type Cursor, free, type Stock } from "./stock.ts";
import { giveSeat, isFree, takeSeat } from "./tables.ts";

const desk: Desk = createDesk();

/**
 * Chooses seats for the whole party and takes them, or changes nothing: answers `soldOut`, or how the party sits. The seats
 * are in `heldSeats`, one a passenger, until the next call. `wishes[p]` is 0 or a wish of the class's layout.
 */
export function hold(
  stock: Stock,
  run: number,
  cls: number,
  from: number,
  to: number,
  count: number,
  wishes: Uint8Array,
): number {
  assert(count > 0 && count <= passengersPerOrderMax, "a party has 1…5 passengers");
  const at = aimAtWay(stock, run, cls, from, to);
  if (free(stock, run, cls, from, to) < count) return soldOut;
  if (count === 1) {
    const wish = wishes[0]!;
    let seat = chooseOne(at, from, to, wish);
    if (seat < 0 && wish !== 0) seat = chooseOne(at, from, to, 0);
    desk.seats[0] = seat;
    takeSeat(at, seat, from, to);
    return adjacent;
  }
  const closeness = chooseParty(desk, at, from, to, count, wishes);
  for (let p = 0; p < count; p++) takeSeat(at, desk.seats[p]!, from, to);
  return closeness;
}

/** The seats of the last successful `hold`. */
export const heldSeats: Readonly<Uint16Array> = desk.seats;

export function release(stock: Stock, run: number, cls: number, seat: number, from: number, to: number): void {
  giveSeat(aimAtWay(stock, run, cls, from, to), seat, from, to);
}

/** Takes one named seat, as when restoring. False, and nothing changed, where any part of the way is taken already. */
export function occupy(stock: Stock, run: number, cls: number, seat: number, from: number, to: number): boolean {
  const at = aimAtWay(stock, run, cls, from, to);
  assert(seat >= 0 && seat < at.layout.seatCount, "the class has this seat");
  if (!isFree(at, seat, from, to)) return false;
  takeSeat(at, seat, from, to);
  return true;
}

export const seatIsFree = (stock: Stock, run: number, cls: number, seat: number, from: number, to: number): boolean =>
  isFree(aimAtWay(stock, run, cls, from, to), seat, from, to);

function aimAtWay(stock: Stock, run: number, cls: number, from: number, to: number): Cursor {
  const at = aim(stock, run, cls);
  assert(from >= 0 && from < to && to <= at.segments, "a way leads forward between two stops of the run");
  return at;
}
