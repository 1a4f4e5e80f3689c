/** On which days the feed's services run, and how that calendar is moved to other dates. */
import { type ServiceDate, dateOfDayNumber, dayNumber, parseServiceDate } from "@chepiao/kernel";
import { type ServiceDays, serviceDaysOf, weekdayOf } from "@chepiao/ports/timetable-store";

type Service = {
  /** From `calendar.txt`; null where the service is in `calendar_dates.txt` alone. */
  week: { readonly weekdays: number; readonly from: number; readonly until: number } | null;
  readonly added: Set<number>;
  readonly removed: Set<number>;
};

export type FeedCalendar = ReadonlyMap<string, Service>;

export const noService = (): Service => ({ week: null, added: new Set(), removed: new Set() });

/** `20261201` as a day number; null where it is not a day. */
export function parseDay(text: string): number | null {
  const date = /^\d{8}$/.test(text)
    ? parseServiceDate(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`)
    : null;
  return date && dayNumber(date);
}

function runsOn({ week, added, removed }: Service, day: number): boolean {
  if (added.has(day)) return true;
  if (!week || removed.has(day) || day < week.from || day > week.until) return false;
  return (week.weekdays & (1 << weekdayOf(day))) !== 0;
}

export type CalendarWish = {
  readonly rebase: ServiceDate | null;
  readonly days: number | null;
  readonly today: ServiceDate;
};

export type Placed = {
  readonly serviceDays: ReadonlyMap<string, ServiceDays>;
  readonly first: ServiceDate;
  readonly last: ServiceDate;
  /** Days past the feed's end that repeat its last week. */
  readonly repeatedDays: number;
  /** Days at the end that were left out because the calendar is longer than we keep. */
  readonly cutDays: number;
};

/** Some feeds run "until 2099". More than this many days ahead nobody sells. */
const daysMax = 730;
/** Trains that left before today may still be under way. */
const daysBefore = 7;

/**
 * Without wishes the feed keeps its own dates. `rebase` moves it by whole weeks, so that weekdays stay what they are, to where the
 * first seven days of service take in that date. `days` counts from there, else from today (or the feed's first day, if later): a longer feed
 * ends sooner, a shorter one goes on by repeating its last week. Null where no service has a day.
 */
export function placeCalendar(calendar: FeedCalendar, used: ReadonlySet<string>, wish: CalendarWish): Placed | null {
  const services = [...calendar].filter(([id]) => used.has(id));
  let feedFirst = Number.POSITIVE_INFINITY;
  let feedLast = Number.NEGATIVE_INFINITY;
  for (const [, service] of services) {
    const span = spanOf(service);
    if (!span) continue;
    feedFirst = Math.min(feedFirst, span.first);
    feedLast = Math.max(feedLast, span.last);
  }
  if (feedFirst > feedLast) return null;

  const rebase = wish.rebase && dayNumber(wish.rebase);
  const shift = rebase === null ? 0 : Math.floor((rebase - feedFirst) / 7) * 7;
  const today = dayNumber(wish.today);
  const underWay = rebase === null && feedLast >= today;
  const first = underWay ? Math.max(feedFirst, today - daysBefore) : feedFirst + shift;
  const countedFrom = rebase ?? (underWay ? Math.max(feedFirst, today) : feedFirst);
  const wanted = wish.days === null ? feedLast + shift : countedFrom + wish.days - 1;
  const last = Math.min(wanted, first + daysMax - 1);

  const serviceDays = new Map<string, ServiceDays>();
  for (const [id, service] of services) {
    const days: number[] = [];
    for (let day = first; day <= last; day++) {
      const past = Math.max(0, day - shift - feedLast);
      if (runsOn(service, day - shift - Math.ceil(past / 7) * 7)) days.push(day);
    }
    const form = serviceDaysOf(days);
    if (form) serviceDays.set(id, form);
  }
  return {
    serviceDays,
    first: dateOfDayNumber(first),
    last: dateOfDayNumber(last),
    repeatedDays: Math.max(0, last - feedLast - shift),
    cutDays: wanted - last,
  };
}

/** First and last day of service; null where there is none. */
function spanOf(service: Service): { readonly first: number; readonly last: number } | null {
  const { week, added } = service;
  let first = Math.min(...added);
  let last = Math.max(...added);
  if (week && week.weekdays !== 0) {
    let from = week.from;
    while (from <= week.until && !runsOn(service, from)) from++;
    let until = week.until;
    while (until >= from && !runsOn(service, until)) until--;
    if (from <= until) {
      first = Math.min(first, from);
      last = Math.max(last, until);
    }
  }
  return first <= last ? { first, last } : null;
}
