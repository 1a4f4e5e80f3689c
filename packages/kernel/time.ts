import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";
import { inOnePiece } from "./json.ts";

/** An instant: milliseconds since 1970-01-01T00:00Z. The only form in which time is stored or compared. */
export type EpochMs = Brand<number, "EpochMs">;
/** A calendar day at the railway, `"2026-12-01"`. Compares correctly as text. */
export type ServiceDate = Brand<string, "ServiceDate">;
/** An IANA zone name such as `"Asia/Shanghai"`. */
export type ZoneName = Brand<string, "ZoneName">;

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export const epochMs = (value: number): EpochMs => value as EpochMs;

/** Accepts `YYYY-MM-DD` of a day that exists; anything else is null. */
export function parseServiceDate(text: string): ServiceDate | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return null;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? (text as ServiceDate) : null;
}

export function serviceDate(text: string): ServiceDate {
  const date = parseServiceDate(text);
  assert(date !== null, `not a service date: ${text}`);
  return date;
}

/** Days since 1970-01-01: lets dates be added, subtracted and used as array indexes. */
export function dayNumber(date: ServiceDate): number {
  const known = dayNumbers.get(date);
  if (known !== undefined) return known;
  const day = Date.parse(`${date}T00:00:00Z`) / dayMs;
  if (dayNumbers.size >= daysKeptMax) dayNumbers.clear();
  dayNumbers.set(date, day);
  return day;
}
/** Everything asks about the same few weeks. */
const dayNumbers = new Map<ServiceDate, number>();
const daysKeptMax = 1_000;
export function dateOfDayNumber(day: number): ServiceDate {
  const known = datesByNumber.get(day);
  if (known !== undefined) return known;
  const date = new Date(day * dayMs).toISOString().slice(0, 10) as ServiceDate;
  if (datesByNumber.size >= daysKeptMax) datesByNumber.clear();
  datesByNumber.set(day, date);
  return date;
}
const datesByNumber = new Map<number, ServiceDate>();
/** Of a day number: 0 Monday … 6 Sunday; day 0 of the epoch was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;
export const addDays = (date: ServiceDate, days: number): ServiceDate => dateOfDayNumber(dayNumber(date) + days);
export const daysBetween = (from: ServiceDate, to: ServiceDate): number => dayNumber(to) - dayNumber(from);

export function parseZone(name: string): ZoneName | null {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name as ZoneName;
  } catch {
    return null;
  }
}

const serviceDayStarts = new Map<string, EpochMs>();

/**
 * The instant from which a timetable counts its seconds: noon minus twelve hours of that day in that zone (GTFS reference,
 * `stop_times.txt`). It is midnight except on days on which the clock changes.
 */
export function serviceDayStart(date: ServiceDate, zone: ZoneName): EpochMs {
  const key = `${zone} ${date}`;
  const known = serviceDayStarts.get(key);
  if (known !== undefined) return known;
  const noon = Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: zone, plainTime: "12:00" });
  const start = epochMs(noon.epochMilliseconds - 12 * hourMs);
  if (serviceDayStarts.size > 4_000) serviceDayStarts.clear();
  serviceDayStarts.set(key, start);
  return start;
}

/** `"08:05"` as the minute of a day, for `instantOfClock`. */
export function minuteOfClock(time: string): number {
  const [hours, minutes] = time.split(":").map(Number);
  return hours! * 60 + minutes!;
}

/**
 * When a clock on the wall shows that minute of that day: the first time where it does so twice; where it leaps over it, as long after
 * the leap as the minute lies in the gap. A service day's seconds tell another time on such days.
 */
export const instantOfClock = (date: ServiceDate, minuteOfDay: number, zone: ZoneName): EpochMs => {
  const plainTime = { hour: Math.floor(minuteOfDay / 60), minute: minuteOfDay % 60 };
  return epochMs(Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds);
};

/** How far `zone` is ahead of UTC, by quarter hours: no zone changes its clock but at the start of one. */
const offsets = new Map<ZoneName, Map<number, number>>();
const offsetStepMs = 15 * minuteMs;
const offsetsKeptMax = 10_000;

function offsetMs(zone: ZoneName, at: EpochMs): number {
  let ofZone = offsets.get(zone);
  if (!ofZone) offsets.set(zone, (ofZone = new Map()));
  const step = Math.floor(at / offsetStepMs);
  const known = ofZone.get(step);
  if (known !== undefined) return known;
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const offset = local.offsetNanoseconds / 1e6;
  if (ofZone.size >= offsetsKeptMax) ofZone.clear();
  ofZone.set(step, offset);
  return offset;
}

const localIso = (zone: ZoneName, at: EpochMs): string => new Date(at + offsetMs(zone, at)).toISOString();

/** The calendar day it is in `zone` at that instant. */
export const dateIn = (zone: ZoneName, at: EpochMs): ServiceDate =>
  dateOfDayNumber(Math.floor((at + offsetMs(zone, at)) / dayMs));

/** `2026-12-01T08:05:00+08:00`: local time with its offset, whole seconds, as every answer carries it. */
export function formatInZone(at: EpochMs, zone: ZoneName): string {
  const offsetMinutes = Math.round(offsetMs(zone, at) / minuteMs);
  const ahead = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? "-" : "+";
  const local = localIso(zone, at).slice(0, 19);
  return inOnePiece(local, sign, twoDigits(Math.floor(ahead / 60)), ":", twoDigits(ahead % 60));
}

const twoDigits = (number: number): string => (number < 10 ? `0${number}` : String(number));

/** `83100` → `"23:05"`; past midnight counts on (`"25:10"`) unless `wrap`. */
export function formatClock(secondsOfDay: number, wrap = true): string {
  const hours = Math.floor(secondsOfDay / 3600);
  const minutes = Math.floor((secondsOfDay % 3600) / 60);
  return `${twoDigits(wrap ? hours % 24 : hours)}:${twoDigits(minutes)}`;
}
