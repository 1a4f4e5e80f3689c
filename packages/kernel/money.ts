import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";

/** An amount of money in minor units of the railway's currency: of the yuan a fen, of the euro a cent. Always a whole number. */
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

/** As ISO 4217 names it, and how many digits it has behind the point. */
export type CurrencyForm = { readonly code: string; readonly minorUnits: number };
const yuan: CurrencyForm = { code: "CNY", minorUnits: 2 };

export type MoneyForm = {
  readonly language: "zh" | "en";
  readonly currency?: CurrencyForm;
  /** Always with all digits behind the point, for amounts that stand under one another and are added up. */
  readonly inSum?: boolean;
};

/** As people read it, the same wherever it stands: `¥1,381.50`, and `¥553` where nothing follows the point. */
export function formatMoney(amount: Fen, { language, currency = yuan, inSum = false }: MoneyForm): string {
  const whole = 10 ** currency.minorUnits;
  const digits = inSum || amount % whole !== 0 ? currency.minorUnits : 0;
  return moneyFormat(language, currency.code, digits).format(amount / whole);
}

const moneyFormats = new Map<string, Intl.NumberFormat>();
function moneyFormat(language: string, currency: string, digits: number): Intl.NumberFormat {
  const key = `${language} ${currency} ${digits}`;
  let format = moneyFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    moneyFormats.set(key, format);
  }
  return format;
}

/** `12345` → `"123.45"`, for machines: providers of payments take it so. */
export const formatYuan = (amount: Fen): string => {
  const sign = amount < 0 ? "-" : "";
  const abs = Math.abs(amount);
  return `${sign}${Math.floor(abs / 100)}.${String(abs % 100).padStart(2, "0")}`;
};
