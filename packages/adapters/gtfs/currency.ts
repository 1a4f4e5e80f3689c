/** Amounts of a feed: in what currency, and exactly. */
import type { Currency } from "@chepiao/contracts";
import { type Fen, fen } from "@chepiao/kernel";

/** Of a platform whose policy names no other. */
export const currencyDefault: Currency = { code: "CNY", minorUnits: 2 };

/** Why fares in that currency cannot be sold, and what to do; null where they can. */
export const currencyRefusal = (currency: string, { code } = currencyDefault): string | null =>
  currency === code
    ? null
    : `fares are in ${currency || "no currency"}, and this platform sells in ${code}: name a policy with that currency (CHEPIAO_POLICY), or import with --without-fares and give fares in ${code} with --fares`;

/** What is in another currency is refused when a train is sold at it: until then any number of decimals is one. */
const minorUnitsMax = 4;

/** The smallest coins of `12.50`, or null where it is no such amount: none below nothing, none finer than the coin. */
export function amountOf(text: string, currency: string, { code, minorUnits } = currencyDefault): Fen | null {
  const digits = currency === code ? minorUnits : minorUnitsMax;
  const [, whole, part = ""] = /^(\d{1,9})(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === undefined || /[1-9]/.test(part.slice(digits))) return null;
  return fen(Number(whole + part.slice(0, digits).padEnd(digits, "0")));
}
