/** A place as the platform prints it, taken apart so that it can be said in any language. */

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
