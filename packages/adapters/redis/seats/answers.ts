/** What functions.lua decides of a hold, as the port says it. */
import {
  type Held,
  type HoldCommand,
  type Refusal,
  refusal,
  type Seat,
  seatsOf,
  type Togetherness,
} from "@chepiao/contracts";
import { ok, refuse, type Result } from "@chepiao/kernel";

export const numbersIn = (text: string): number[] => text.split(",").map(Number);

/** Seats, or the code of a refusal. How the party sits follows from its seats, so that a repeated answer is the first one. */
export function answerOf({ run, seatClass, preferences }: HoldCommand, decided: string): Result<Held, Refusal> {
  const isRefusal = decided.charCodeAt(0) > "9".charCodeAt(0);
  if (isRefusal) return refuse(refusal(decided as Refusal["code"]));
  const seatIndexes = numbersIn(decided);
  const all = seatsOf(run.train.composition).get(seatClass)!;
  const seats = seatIndexes.map((seat) => all[seat]!);
  return ok({
    seatIndexes,
    together: togethernessOf(seats, all),
    granted: preferences.map((wish, n) => wish === null || seats[n]?.kind === wish || seats[n]?.mark === wish),
  });
}

/** What another composition has added to a coach or a row lies behind others, and is as far away as another coach or row is. */
function togethernessOf(seats: readonly Seat[], all: readonly Seat[]): Togetherness {
  const indexes = seats.map(({ index }) => index);
  const [first, last] = [Math.min(...indexes), Math.max(...indexes)];
  const { coachNo, row } = all[first]!;
  const between = all.slice(first, last + 1);
  if (between.some((seat) => seat.coachNo !== coachNo)) return "split";
  if (between.some((seat) => seat.row !== row)) return "coach";
  return between.length === seats.length ? "adjacent" : "row";
}
