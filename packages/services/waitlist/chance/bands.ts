/** A chance as it is told: in a word, and for an entry of several trains. Pure. */
import type { ChanceBand } from "@chepiao/contracts";

export const highFrom = 0.7;
export const mediumFrom = 0.3;

export function bandOf(chance: number | null): ChanceBand | null {
  if (chance === null) return null;
  return chance >= highFrom ? "high" : chance >= mediumFrom ? "medium" : "low";
}

/** Two thirds of the way: as generated seasons have it (calibration.test.ts). */
const apartWeight = 2 / 3;

/**
 * That one of several trains serves it. They share holidays and weather, so it is between the best of them and what it would be if each went
 * its own way. Of a train that nothing is known about it may only be better: that is told where it is high without it.
 */
export function chanceOfAny(chances: readonly (number | null)[]): number | null {
  const known = chances.filter((chance) => chance !== null);
  if (known.length === 0) return null;
  const best = Math.max(...known);
  const apart = 1 - known.reduce((missed, chance) => missed * (1 - chance), 1);
  const chance = best + apartWeight * (apart - best);
  return known.length === chances.length || chance >= highFrom ? chance : null;
}
