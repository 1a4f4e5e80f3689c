/** Measures that more than one report needs. */

/** Spearman's rank correlation between place and time, without ties: 1 where they are in one order, -1 in opposite ones. Of two pairs at least. */
export function rankCorrelation(pairs: readonly { readonly place: number; readonly at: number }[]): number {
  const n = pairs.length;
  const byPlace = pairs.toSorted((a, b) => a.place - b.place).map(({ at }, rank) => ({ rank, at }));
  const squares = byPlace.toSorted((a, b) => a.at - b.at).reduce((sum, { rank }, turn) => sum + (rank - turn) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}

export type Evenness = {
  readonly chiSquare: number;
  readonly degrees: number;
  /** How often chance alone makes a table at least as uneven as this one. */
  readonly p: number;
};

/** Pearson's test that rows and columns of a table of counts have nothing to do with each other. No row or column is empty. */
export function independence(table: readonly (readonly number[])[]): Evenness {
  const rows = table.map((row) => row.reduce((sum, each) => sum + each, 0));
  const columns = table[0]!.map((_, n) => table.reduce((sum, row) => sum + row[n]!, 0));
  const all = rows.reduce((sum, each) => sum + each, 0);
  let chiSquare = 0;
  for (const [m, row] of table.entries())
    for (const [n, count] of row.entries()) {
      const expected = (rows[m]! * columns[n]!) / all;
      chiSquare += (count - expected) ** 2 / expected;
    }
  const degrees = (rows.length - 1) * (columns.length - 1);
  return { chiSquare, degrees, p: chiSquareTail(chiSquare, degrees) };
}

/** The chance that a chi-square of so many degrees of freedom is at least so large: the upper incomplete gamma function, regularised (Abramowitz and Stegun 6.5.29 and 6.5.31). */
export function chiSquareTail(chiSquare: number, degrees: number): number {
  const [a, x] = [degrees / 2, chiSquare / 2];
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - front * lowerSeries(a, x) : front * upperFraction(a, x);
}

const termsMax = 10_000;
const smallest = 1e-15;

function lowerSeries(a: number, x: number): number {
  let [term, sum] = [1 / a, 1 / a];
  for (let n = 1; n < termsMax && term > sum * smallest; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** By Lentz. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let sum = d;
  for (let n = 1; n < termsMax; n++) {
    const part = -n * (n - a);
    b += 2;
    d = 1 / (part * d + b);
    c = b + part / c;
    const step = c * d;
    sum *= step;
    if (Math.abs(step - 1) < smallest) break;
  }
  return sum;
}

/** By Lanczos, with the coefficients for g = 7, good to 15 digits. */
function logGamma(z: number): number {
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const base = z + 6.5;
  const sum = coefficients.reduce((total, each, n) => total + (n === 0 ? each : each / (z - 1 + n)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z - 0.5) * Math.log(base) - base + Math.log(sum);
}
