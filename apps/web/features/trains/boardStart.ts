/** From when a board is shown. Pure. */
import { earlierBy } from "../../lib/format.ts";

/** Trains may be late, and who meets one comes after its time. */
const lookBackMs = 3_600_000;
/** So that a board is not another question every minute. */
const stepMinutes = 10;

/** `HH:MM` on a day that is today by the railway's clock; the empty text where the board begins with the day. */
export function boardStart(date: string, { today, now }: { readonly today: string; readonly now: string }): string {
  if (date !== today) return "";
  const start = earlierBy(now, lookBackMs);
  if (!start.startsWith(today)) return "";
  const minutes = Math.floor(Number(start.slice(14, 16)) / stepMinutes) * stepMinutes;
  return `${start.slice(11, 14)}${String(minutes).padStart(2, "0")}`;
}
