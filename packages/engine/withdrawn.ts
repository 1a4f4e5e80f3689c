/**
 * Seats that an operator has withdrawn from sale. To whoever chooses, counts or displays they are taken all the way, so that a search and a
 * hold cost what they always do; which segments of them somebody holds is kept here, beside the stock. What is given back of such a seat is
 * so free for nobody, in the same step, and once the seat is for sale again it is free wherever nobody holds it.
 */
import { assert } from "@chepiao/kernel";
import { aim, type Cursor, type Stock, type WithdrawnSeats } from "./stock.ts";
import { giveSeat, isFree, takeSeat } from "./tables.ts";

const keyOf = (cls: number, seat: number): number => cls * 0x10000 + seat;

/** Of a seat that is withdrawn, where it is held; undefined for any other. */
export const heldOfWithdrawn = (stock: Stock, run: number, cls: number, seat: number): Uint8Array | undefined =>
  stock.withdrawn.get(run)?.get(keyOf(cls, seat));

/** Withdraws these seats of a class, and puts any others that were withdrawn on sale again. False where it is so already. */
export function setWithdrawn(stock: Stock, run: number, cls: number, seats: readonly number[]): boolean {
  const all: WithdrawnSeats = stock.withdrawn.get(run) ?? new Map();
  const at = aim(stock, run, cls);
  const wanted = new Set(seats);
  let isChange = false;
  for (let seat = 0; seat < at.layout.seatCount; seat++) {
    const held = all.get(keyOf(cls, seat));
    if ((held !== undefined) === wanted.has(seat)) continue;
    isChange = true;
    if (held) {
      eachFreeStretch(
        at.segments,
        (segment) => held[segment] === 1,
        (from, to) => giveSeat(at, seat, from, to),
      );
      all.delete(keyOf(cls, seat));
    } else {
      all.set(keyOf(cls, seat), withdraw(at, seat));
    }
  }
  if (all.size > 0) stock.withdrawn.set(run, all);
  else stock.withdrawn.delete(run);
  return isChange;
}

/** Withdraws the seats from that one on, and leaves the others as they are. */
export function withdrawFrom(stock: Stock, run: number, cls: number, first: number): void {
  const at = aim(stock, run, cls);
  if (first >= at.layout.seatCount) return;
  const all: WithdrawnSeats = stock.withdrawn.get(run) ?? new Map();
  stock.withdrawn.set(run, all);
  for (let seat = first; seat < at.layout.seatCount; seat++) all.set(keyOf(cls, seat), withdraw(at, seat));
}

/** Takes what is free of the seat. Answers what was held before. */
function withdraw(at: Cursor, seat: number): Uint8Array {
  const held = Uint8Array.from({ length: at.segments }, (_, segment) =>
    isFree(at, seat, segment, segment + 1) ? 0 : 1,
  );
  eachFreeStretch(
    at.segments,
    (segment) => held[segment] === 1,
    (from, to) => takeSeat(at, seat, from, to),
  );
  return held;
}

/** The seat must be free of other holders over the way; false where it is not. */
export function takeWithdrawn(held: Uint8Array, from: number, to: number): boolean {
  if (held.subarray(from, to).includes(1)) return false;
  held.fill(1, from, to);
  return true;
}

/** The seat must be held over the whole way. */
export function giveWithdrawn(held: Uint8Array, from: number, to: number): void {
  assert(!held.subarray(from, to).includes(0), "a seat is given back only where it is taken");
  held.fill(0, from, to);
}

function eachFreeStretch(
  segments: number,
  isHeld: (segment: number) => boolean,
  call: (from: number, to: number) => void,
): void {
  for (let from = 0; from < segments; from++) {
    if (isHeld(from)) continue;
    let to = from + 1;
    while (to < segments && !isHeld(to)) to++;
    call(from, to);
    from = to;
  }
}
