/** Chance that nobody can guess: tokens, nonces, salts. Seeded in tests and simulation. */
import { createPrng } from "@chepiao/kernel";

export type Random = {
  /** URL-safe text of that many random bytes. */
  token(byteCount: number): string;
  /** That many decimal digits, each as likely as any other: for codes that people type. */
  digits(count: number): string;
};

/** The smallest true implementation: repeatable, and therefore never for a running platform. */
export function createSeededRandom(seed: number): Random {
  const prng = createPrng(seed);
  return {
    token: (byteCount) =>
      Array.from({ length: byteCount }, () => prng.below(256).toString(16).padStart(2, "0")).join(""),
    digits: (count) => Array.from({ length: count }, () => prng.below(10)).join(""),
  };
}
