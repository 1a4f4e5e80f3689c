/**
 * How often something may be tried, counted under a key by all processes together: so many times at once, and once these are
 * used up one more each time that a share of the window has passed (the generic cell rate algorithm of ITU-T I.371). A caller who
 * tries too often is slowed down, and never shut out for a whole window.
 */
import { assert, type EpochMs } from "@chepiao/kernel";

/** So many tries at once; all of them come back evenly over the window. */
export type Allowance = { readonly triesMax: number; readonly windowMs: number };

export type RateLimiter = {
  /**
   * Counts a try before it is made, so that many at once are not all the first. Answers 0, or for how many milliseconds there
   * is none left; a try that has to wait is not counted.
   */
  take(key: string, allowance: Allowance): Promise<number>;
  /** The try turned out to be one that does not count. */
  withdraw(key: string, allowance: Allowance): Promise<void>;
  /** All tries under the key are forgotten. */
  forget(key: string): Promise<void>;
  /** Notes for so long that the key is one to be spared; the caller that counts asks for it. */
  exempt(key: string, forMs: number): Promise<void>;
  isExempt(key: string): Promise<boolean>;
};

/** Shares of a window do not add up to it to the last bit. */
const roundingMs = 1e-3;

/**
 * One more try, as a time to keep: when all tries will have come back. Null leaves what was kept as it is; then there is a wait,
 * in milliseconds.
 */
export function tryOnce(
  allBackAt: EpochMs | null,
  now: EpochMs,
  { triesMax, windowMs }: Allowance,
): { readonly allBackAt: number | null; readonly waitMs: number } {
  assert(triesMax >= 1 && windowMs >= triesMax, "at least one try, and a millisecond or more until it comes back");
  const next = Math.max(allBackAt ?? now, now) + windowMs / triesMax;
  const waitMs = Math.ceil(next - windowMs - now - roundingMs);
  return waitMs > 0 ? { allBackAt: null, waitMs } : { allBackAt: next, waitMs: 0 };
}
