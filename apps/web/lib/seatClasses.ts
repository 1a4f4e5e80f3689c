/** Seat classes in the order in which they are offered. */
import type { SeatClass } from "@chepiao/contracts";

export const seatClassesOffered: readonly SeatClass[] = [
  "business",
  "first",
  "second",
  "softSleeper",
  "hardSleeper",
  "hardSeat",
  "standing",
];
