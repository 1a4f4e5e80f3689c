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
    together: togethernessOf(seats),
    granted: preferences.map((wish, n) => wish === null || seats[n]?.kind === wish || seats[n]?.mark === wish),
  });
}

function togethernessOf(seats: readonly Seat[]): Togetherness {
  const [first] = seats;
  if (seats.some(({ coachNo }) => coachNo !== first!.coachNo)) return "split";
  if (seats.some(({ row }) => row !== first!.row)) return "coach";
  const indexes = seats.map(({ index }) => index);
  return Math.max(...indexes) - Math.min(...indexes) === seats.length - 1 ? "adjacent" : "row";
}
