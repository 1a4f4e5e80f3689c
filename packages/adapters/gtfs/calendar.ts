/** On which days the feed's services run, and how that calendar is moved to other dates. */
import { type ServiceDate, dateOfDayNumber, dayNumber, parseServiceDate, weekdayOf } from "@chepiao/kernel";
import type { Problems } from "./problems.ts";
import { createRepeats } from "./repeats.ts";
import type { Read } from "./table.ts";
import { type ServiceDays, serviceDaysOf } from "@chepiao/ports/timetable-store";

type Service = {
  /** From `calendar.txt`; null where the service is in `calendar_dates.txt` alone. */
  week: { readonly weekdays: number; readonly from: number; readonly until: number } | null;
  readonly added: Set<number>;
  readonly removed: Set<number>;
};

export type FeedCalendar = ReadonlyMap<string, Service>;

const noService = (): Service => ({ week: null, added: new Set(), removed: new Set() });

/** `20261201` as a day number; null where it is not a day. */
function parseDay(text: string): number | null {
  const date = /^\d{8}$/.test(text)
    ? parseServiceDate(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`)
    : null;
  return date && dayNumber(date);
}

const weekdayColumns = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

export async function readCalendar(read: Read, problems: Problems): Promise<FeedCalendar> {
  const calendar = new Map<string, Service>();
  const repeats = createRepeats("calendar.txt", problems);
  const weekly = { required: ["service_id", ...weekdayColumns, "start_date", "end_date"], optional: [] } as const;
  await read("calendar.txt", weekly, (row, line) => {
    const wrong = (message: string) => problems.error("calendar.txt", line, `service ${row.service_id}: ${message}`);
    const from = parseDay(row.start_date);
    const until = parseDay(row.end_date);
    const known = repeats.see(row.service_id, row, line);
    if (known === "same") return;
    if (known === "other")
      return wrong("comes twice, and not alike: leave one row, or give the other an id of its own");
    if (from === null) return wrong(`start_date "${row.start_date}" is not a day (YYYYMMDD)`);
    if (until === null) return wrong(`end_date "${row.end_date}" is not a day (YYYYMMDD)`);
    if (until < from) return wrong("ends before it starts");
    let weekdays = 0;
    for (const [bit, column] of weekdayColumns.entries()) {
      if (row[column] !== "0" && row[column] !== "1") return wrong(`${column} is "${row[column]}", neither 0 nor 1`);
      if (row[column] === "1") weekdays |= 1 << bit;
    }
    calendar.set(row.service_id, { ...noService(), week: { weekdays, from, until } });
  });
  const exceptions = { required: ["service_id", "date", "exception_type"], optional: [] } as const;
  await read("calendar_dates.txt", exceptions, (row, line) => {
    const wrong = (message: string) =>
      problems.error("calendar_dates.txt", line, `service ${row.service_id}: ${message}`);
    const day = parseDay(row.date);
    if (day === null) return wrong(`date "${row.date}" is not a day (YYYYMMDD)`);
    const service = calendar.get(row.service_id) ?? noService();
    calendar.set(row.service_id, service);
    if (row.exception_type !== "1" && row.exception_type !== "2")
      return wrong(`exception_type "${row.exception_type}" is neither 1 nor 2`);
    const [alike, opposite] =
      row.exception_type === "1" ? [service.added, service.removed] : [service.removed, service.added];
    if (opposite.has(day)) return wrong(`${dateOfDayNumber(day)} is both added and removed: leave one of the two rows`);
    if (alike.has(day))
      problems.warn("rows that come twice, letter for letter, count once", `calendar_dates.txt:${line}`);
    alike.add(day);
  });
  return calendar;
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
