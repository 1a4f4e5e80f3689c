/**
 * Chance in streams: each actor draws from one of its own, so that a person or a fault which is left out of a world changes no
 * more of it than it must. That is what makes a failure shrink.
 */
import { createPrng, type Prng } from "@chepiao/kernel";

export type Chance = Prng & {
  /** Whole numbers from `least` up to, and not, `most`. */
  between(least: number, most: number): number;
};

export function chanceOf(seed: number, name: string): Chance {
  const prng = createPrng(Bun.hash.xxHash32(name, seed >>> 0) ^ Math.floor(seed / 4_294_967_296));
  return { ...prng, between: (least, most) => least + prng.below(most - least) };
}

/** One of these, each as often as its weight says. */
export function weighed<T>(chance: Prng, choices: readonly (readonly [weight: number, choice: T])[]): T {
  let left = chance.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, choice] of choices) if ((left -= weight) < 0) return choice;
  return choices.at(-1)![1];
}
