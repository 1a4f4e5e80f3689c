/** At which hours tickets are bought (4.15 of 12306's rules), by the clock on the railway's wall. */
import { type ServiceHours, weekdays } from "@chepiao/contracts";
import {
  addDays,
  dateIn,
  dayNumber,
  type EpochMs,
  instantOfClock,
  minuteOfClock,
  type ServiceDate,
  type ZoneName,
} from "@chepiao/kernel";
import { weekdayOf } from "@chepiao/ports/timetable-store";

/** When tickets are bought again; null where they are now. */
export function serviceOpensAt(hours: ServiceHours | undefined, zone: ZoneName, at: EpochMs): EpochMs | null {
  if (!hours) return null;
  const today = dateIn(zone, at);
  // What began yesterday may last past midnight.
  for (const date of [addDays(today, -1), today]) {
    const { opensAt, closesAt } = hoursOf(date, hours, zone);
    // In the hour that a clock skips nothing opens.
    if (closesAt <= opensAt) continue;
    if (at < opensAt) return opensAt;
    if (at < closesAt) return null;
  }
  return hoursOf(addDays(today, 1), hours, zone).opensAt;
}

/** Those that begin on that day. */
function hoursOf(date: ServiceDate, hours: ServiceHours, zone: ZoneName) {
  const own = hours.weekdays?.[weekdays[weekdayOf(dayNumber(date))]!];
  const from = minuteOfClock(own?.from ?? hours.from);
  const to = minuteOfClock(own?.to ?? hours.to);
  const [lastDay, lastMinute] = to > from && to < minutesOfDay ? [date, to] : [addDays(date, 1), to % minutesOfDay];
  return { opensAt: instantOfClock(date, from, zone), closesAt: instantOfClock(lastDay, lastMinute, zone) };
}

const minutesOfDay = 24 * 60;
