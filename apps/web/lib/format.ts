/**
 * Numbers and times as people read them. Instants arrive with the railway's own offset, so the local time is read off the
 * text: a passenger in another zone still sees the clock of the platform he will stand on.
 */
import type { Words } from "../words/zh.ts";
import { readSeat } from "./seat.ts";

/** `55250` → `552.5`, `100000` → `1,000`. */
export function yuan(fen: number): string {
  const whole = Math.floor(Math.abs(fen) / 100).toLocaleString("en-US");
  const rest = Math.abs(fen) % 100;
  const cents = rest === 0 ? "" : `.${String(rest).padStart(2, "0").replace(/0$/, "")}`;
  return `${fen < 0 ? "-" : ""}¥${whole}${cents}`;
}

export const timeOf = (instant: string): string => instant.slice(11, 16);
export const dateOf = (instant: string): string => instant.slice(0, 10);
export const minutesOfDay = (instant: string): number =>
  Number(instant.slice(11, 13)) * 60 + Number(instant.slice(14, 16));

const dayMs = 86_400_000;
const utcOf = (date: string): number => Date.parse(`${date}T00:00:00Z`);
export const addDays = (date: string, days: number): string =>
  new Date(utcOf(date) + days * dayMs).toISOString().slice(0, 10);
export const daysFrom = (first: string, second: string): number => Math.round((utcOf(second) - utcOf(first)) / dayMs);
export const weekdayOf = (date: string): number => new Date(utcOf(date)).getUTCDay();

/** `Mon 23 Nov`, or as the words of the language have it. */
export const dayText = (date: string, words: Words): string =>
  words.day(Number(date.slice(5, 7)), Number(date.slice(8, 10)), words.weekdays[weekdayOf(date)]!);

export const durationText = (minutes: number, words: Words): string =>
  words.duration(Math.floor(minutes / 60), minutes % 60);

/** As printed on the ticket in Chinese; taken apart and said again in other languages. */
export function seatText(label: string, words: Words): string {
  const printed = readSeat(label);
  return printed ? words.seatAt(printed) : label;
}
