/** Chance that nobody can guess: tokens, nonces, salts. Seeded in tests and simulation. */
import { createPrng } from "@chepiao/kernel";

export type Random = {
  /** URL-safe text of that many random bytes. */
  token(byteCount: number): string;
};

/** The smallest true implementation: repeatable, and therefore never for a running platform. */
export function createSeededRandom(seed: number): Random {
  const prng = createPrng(seed);
  return {
    token: (byteCount) =>
      Array.from({ length: byteCount }, () => prng.below(256).toString(16).padStart(2, "0")).join(""),
  };
}
