/** The days that can be searched, as months of weeks from Monday to Sunday. Pure. */
import { addDays, weekdayOf } from "../../lib/format.ts";

const daysPerWeek = 7;
/** Of a week that begins on Monday. */
export const placeInWeek = (date: string): number => (weekdayOf(date) + daysPerWeek - 1) % daysPerWeek;

export type Month<Day> = {
  /** `2026-12` */
  readonly month: string;
  /** Null where a week has days of another month, or such as cannot be searched. */
  readonly weeks: readonly (readonly (Day | null)[])[];
};

/** @param days in order of time */
export function monthsOf<Day extends { readonly date: string }>(days: readonly Day[]): readonly Month<Day>[] {
  const months = [...new Set(days.map(({ date }) => date.slice(0, "2026-12".length)))];
  return months.map((month) => {
    const weeks = new Map<string, (Day | null)[]>();
    for (const day of days.filter(({ date }) => date.startsWith(month))) {
      const place = placeInWeek(day.date);
      const monday = addDays(day.date, -place);
      const week = weeks.get(monday) ?? Array.from({ length: daysPerWeek }, () => null);
      week[place] = day;
      weeks.set(monday, week);
    }
    return { month, weeks: [...weeks.values()] };
  });
}

const steps: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -daysPerWeek,
  ArrowDown: daysPerWeek,
};

/** Where a key leads from a day; null where it leads nowhere. */
export function dayAfterKey(key: string, date: string, days: readonly { readonly date: string }[]): string | null {
  if (key === "Home") return days[0]?.date ?? null;
  if (key === "End") return days.at(-1)?.date ?? null;
  const step = steps[key];
  const next = step === undefined ? null : addDays(date, step);
  return days.some((day) => day.date === next) ? next : null;
}
