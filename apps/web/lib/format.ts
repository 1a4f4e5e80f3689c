/**
 * Numbers and times as people read them. Instants arrive with the railway's own offset, so the local time is read off the
 * text: a passenger in another zone still sees the clock of the platform he will stand on.
 */
import type { Words } from "../words/zh.ts";

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

/** The parts of a printed place: coach, then the seat, the berth or nothing. Written with escapes: it is a form, not a text. */
const printedSeat = /^(\d+)\u8f66(?:(\d+)\u53f7([\u4e0b\u4e2d\u4e0a])\u94fa|(\d+)\u53f7|(\d+[A-F])|\u65e0\u5ea7)$/;
const levels: Readonly<Record<string, "lower" | "middleBerth" | "upper">> = {
  "\u4e0b": "lower",
  "\u4e2d": "middleBerth",
  "\u4e0a": "upper",
};

export type PrintedSeat = {
  readonly coach: number;
  readonly seat: string | null;
  readonly level: "lower" | "middleBerth" | "upper" | null;
};

export function readSeat(label: string): PrintedSeat | null {
  const match = printedSeat.exec(label);
  if (!match) return null;
  const [, coach, berth, level, number, letter] = match;
  const seat = letter ?? berth ?? number ?? null;
  return { coach: Number(coach), seat: seat && seat.replace(/^0+(?=\d)/, ""), level: levels[level ?? ""] ?? null };
}

/** As printed on the ticket in Chinese; taken apart and said again in other languages. */
export function seatText(label: string, words: Words): string {
  const printed = readSeat(label);
  return printed ? words.seatAt(printed) : label;
}
