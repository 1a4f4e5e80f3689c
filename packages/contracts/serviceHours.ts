/** At which hours tickets are bought (4.15 of 12306's rules), by the clock on the railway's wall. */
import {
  addDays,
  dateIn,
  dayNumber,
  type EpochMs,
  instantOfClock,
  minuteOfClock,
  type ServiceDate,
  weekdayOf,
  type ZoneName,
} from "@chepiao/kernel";
import { type ServiceHours, weekdays } from "./policy.ts";

/** Hours that begin on one day. */
type Span = { readonly opensAt: EpochMs; readonly closesAt: EpochMs };
/** A time without sale: from `closesAt` until just before `opensAt`. */
export type ServicePause = { readonly closesAt: EpochMs; readonly opensAt: EpochMs };

/** When tickets are bought again; null where they are now. */
export function serviceOpensAt(hours: ServiceHours | undefined, zone: ZoneName, at: EpochMs): EpochMs | null {
  if (!hours) return null;
  for (const { opensAt, closesAt } of spansAround(at, 1, hours, zone)) {
    if (at < opensAt) return opensAt;
    if (at < closesAt) return null;
  }
  return null;
}

/** The pause that is now, or else the next within a week; null where tickets are bought all the time. */
export function servicePause(hours: ServiceHours | undefined, zone: ZoneName, at: EpochMs): ServicePause | null {
  if (!hours) return null;
  let closesAt: EpochMs | null = null;
  for (const span of spansAround(at, longestPauseDays, hours, zone)) {
    if (closesAt !== null && span.opensAt > closesAt && span.opensAt > at) return { closesAt, opensAt: span.opensAt };
    closesAt = Math.max(closesAt ?? 0, span.closesAt) as EpochMs;
  }
  return null;
}

/** Hours begin on one day of a week at least, and a clock may skip them once. */
const longestPauseDays = 14;

/** What began yesterday may last past midnight; what lies further back matters to who asks since when there is a pause. */
function* spansAround(at: EpochMs, daysBehind: number, hours: ServiceHours, zone: ZoneName): Iterable<Span> {
  const today = dateIn(zone, at);
  for (let day = -daysBehind; day <= longestPauseDays; day++) {
    const span = hoursOf(addDays(today, day), hours, zone);
    if (span) yield span;
  }
}

/** Those that begin on that day. */
function hoursOf(date: ServiceDate, hours: ServiceHours, zone: ZoneName): Span | null {
  const own = hours.weekdays?.[weekdays[weekdayOf(dayNumber(date))]!];
  if (own === "closed") return null;
  const from = minuteOfClock(own?.from ?? hours.from);
  const to = minuteOfClock(own?.to ?? hours.to);
  const [lastDay, lastMinute] = to > from && to < minutesOfDay ? [date, to] : [addDays(date, 1), to % minutesOfDay];
  const opensAt = instantOfClock(date, from, zone);
  const closesAt = instantOfClock(lastDay, lastMinute, zone);
  // In the hour that a clock skips nothing opens.
  return closesAt > opensAt ? { opensAt, closesAt } : null;
}

const minutesOfDay = 24 * 60;
