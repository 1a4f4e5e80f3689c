/**
 * On which dates a train runs: a span, the weekdays within it, and the exceptions. One set of dates has exactly one such form
 * (`serviceDaysOf`), so two trains run on the same dates when the forms are equal.
 */
import { addDays, dateOfDayNumber, dayNumber, daysBetween, type ServiceDate, weekdayOf } from "@chepiao/kernel";

export type ServiceDays = {
  /** First and last date on which it runs. */
  readonly validFrom: ServiceDate;
  readonly validUntil: ServiceDate;
  /** Bit 0 Monday … bit 6 Sunday. */
  readonly weekdays: number;
  readonly added: readonly ServiceDate[];
  readonly removed: readonly ServiceDate[];
};

export const everyDay = 0b1111111;

/** Runs every day of the span, or on those weekdays of it; null when that is no day at all. */
export function serviceSpan(from: ServiceDate, dayCount: number, weekdays = everyDay): ServiceDays | null {
  const first = dayNumber(from);
  const days: number[] = [];
  for (let day = first; day < first + dayCount; day++) if (weekdays & (1 << weekdayOf(day))) days.push(day);
  return serviceDaysOf(days);
}

/** From day numbers in any order; null when there are none. A weekday is regular when it runs on most of its dates. */
export function serviceDaysOf(dayNumbers: Iterable<number>): ServiceDays | null {
  const days = new Set(dayNumbers);
  if (days.size === 0) return null;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const day of days) {
    first = Math.min(first, day);
    last = Math.max(last, day);
  }
  const runs = Array.from({ length: 7 }, () => 0);
  const dates = Array.from({ length: 7 }, () => 0);
  for (let day = first; day <= last; day++) {
    dates[weekdayOf(day)]!++;
    if (days.has(day)) runs[weekdayOf(day)]!++;
  }
  let weekdays = 0;
  for (let weekday = 0; weekday < 7; weekday++) if (runs[weekday]! * 2 > dates[weekday]!) weekdays |= 1 << weekday;
  const added: ServiceDate[] = [];
  const removed: ServiceDate[] = [];
  for (let day = first; day <= last; day++) {
    const regular = (weekdays & (1 << weekdayOf(day))) !== 0;
    if (regular && !days.has(day)) removed.push(dateOfDayNumber(day));
    if (!regular && days.has(day)) added.push(dateOfDayNumber(day));
  }
  return { validFrom: dateOfDayNumber(first), validUntil: dateOfDayNumber(last), weekdays, added, removed };
}

export function runsOnDate(service: ServiceDays, date: ServiceDate): boolean {
  if (date < service.validFrom || date > service.validUntil) return false;
  if (service.weekdays & (1 << weekdayOf(dayNumber(date)))) return !service.removed.includes(date);
  return service.added.includes(date);
}

/** Day numbers, rising. */
export function daysOf(service: ServiceDays): number[] {
  const first = dayNumber(service.validFrom);
  const added = new Set(service.added);
  const removed = new Set(service.removed);
  const days: number[] = [];
  const count = daysBetween(service.validFrom, service.validUntil) + 1;
  for (let n = 0; n < count; n++) {
    const regular = (service.weekdays & (1 << weekdayOf(first + n))) !== 0;
    if (regular && removed.size === 0) days.push(first + n);
    else if (regular ? !removed.has(addDays(service.validFrom, n)) : added.has(addDays(service.validFrom, n)))
      days.push(first + n);
  }
  return days;
}
