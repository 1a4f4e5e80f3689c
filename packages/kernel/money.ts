import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";

/** An amount of money in fen (1/100 yuan), always a whole number. Fractions and floats never enter. */
export type Fen = Brand<number, "Fen">;

export function fen(amount: number): Fen {
  assert(Number.isSafeInteger(amount), `money is whole fen, got ${amount}`);
  return amount as Fen;
}

export const sumFen = (amounts: Iterable<Fen>): Fen => {
  let total = 0;
  for (const amount of amounts) total += amount;
  return fen(total);
};

/**
 * A share of an amount in basis points (1/100 of a percent), rounded half up to `toFen`.
 * Fares round to 50 fen (half a yuan) and refund fees likewise, as the railway's fare rules do.
 */
export function shareOf(amount: Fen, basisPoints: number, toFen = 1): Fen {
  assert(Number.isInteger(basisPoints) && basisPoints >= 0, `a share is whole basis points, got ${basisPoints}`);
  return fen(Math.floor((amount * basisPoints) / 10_000 / toFen + 0.5) * toFen);
}

/** `12345` → `"123.45"`. */
export const formatYuan = (amount: Fen): string => {
  const sign = amount < 0 ? "-" : "";
  const abs = Math.abs(amount);
  return `${sign}${Math.floor(abs / 100)}.${String(abs % 100).padStart(2, "0")}`;
};
