/** A place as it is printed, in the words of who reads a terminal. */
import { readSeat } from "../../web/lib/seat.ts";

const levels = { lower: "lower berth", middleBerth: "middle berth", upper: "upper berth" } as const;

/** As on the ticket where the railway's first language is Chinese; elsewhere in English. */
export function seatWords(label: string, languages: readonly string[]): string {
  const printed = languages[0] === "zh" ? null : readSeat(label);
  if (!printed) return label;
  const { coach, seat, level } = printed;
  const place = seat === null ? "standing" : level === null ? `seat ${seat}` : `${levels[level]} ${seat}`;
  return `coach ${coach}, ${place}`;
}
