/**
 * Numbers and times as people read them. Instants arrive with the railway's own offset, so the local time is read off the
 * text: a passenger in another zone still sees the clock of the platform he will stand on.
 */
import type { Messages } from "../messages/zh.ts";
import { readSeat } from "./seat.ts";

export const timeOf = (instant: string): string => instant.slice(11, 16);
export const dateOf = (instant: string): string => instant.slice(0, 10);
export const minutesOfDay = (instant: string): number =>
  Number(instant.slice(11, 13)) * 60 + Number(instant.slice(14, 16));

const dayMs = 86_400_000;
const utcOf = (date: string): number => Date.parse(`${date}T00:00:00Z`);
export const addDays = (date: string, days: number): string =>
  new Date(utcOf(date) + days * dayMs).toISOString().slice(0, 10);
export const daysFrom = (first: string, second: string): number => Math.round((utcOf(second) - utcOf(first)) / dayMs);
/** How many days later than it left a train arrives, by the clocks of its stations. */
export const daysLater = (trip: { readonly departAt: string; readonly arriveAt: string }): number =>
  daysFrom(dateOf(trip.departAt), dateOf(trip.arriveAt));
export const minutesOf = (trip: { readonly departAt: string; readonly arriveAt: string }): number =>
  Math.round((Date.parse(trip.arriveAt) - Date.parse(trip.departAt)) / 60_000);
/** An instant before another, told by the same clock. */
export function earlierBy(instant: string, ms: number): string {
  const offset = /(?:[+-]\d\d:\d\d|Z)$/.exec(instant)![0];
  const local = Date.parse(`${instant.slice(0, 19)}Z`) - ms;
  return new Date(local).toISOString().slice(0, 19) + offset;
}
export const weekdayOf = (date: string): number => new Date(utcOf(date)).getUTCDay();

/** `Mon 23 Nov`, or as the words of the language have it. */
export const dayText = (date: string, messages: Messages): string =>
  messages.day(Number(date.slice(5, 7)), Number(date.slice(8, 10)), messages.weekdays[weekdayOf(date)]!);

/** For a day that may be a year away. */
export const dayOfYearText = (date: string, messages: Messages): string =>
  messages.dayOfYear(Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10)));

export const durationText = (minutes: number, messages: Messages): string =>
  messages.duration(Math.floor(minutes / 60), minutes % 60);

/** As printed on the ticket in Chinese; taken apart and said again in other languages. */
export function seatText(label: string, messages: Messages): string {
  const printed = readSeat(label);
  return printed ? messages.seatAt(printed) : label;
}
