/** How often somebody may try: so many times in a window, counted per name and per address in bounded memory. */
import type { EpochMs } from "@chepiao/kernel";
import { LRUCache } from "lru-cache";

export type Allowance = { readonly triesMax: number; readonly windowMs: number };
export type Window = { readonly startedAt: EpochMs; readonly count: number };

/** One more try: the window after it, and how long to wait where that was one too many (then nothing is counted). */
export function countTry(
  window: Window | undefined,
  now: EpochMs,
  { triesMax, windowMs }: Allowance,
): { readonly window: Window; readonly waitMs: number } {
  const open = window !== undefined && now - window.startedAt < windowMs ? window : { startedAt: now, count: 0 };
  if (open.count >= triesMax) return { window: open, waitMs: open.startedAt + windowMs - now };
  return { window: { startedAt: open.startedAt, count: open.count + 1 }, waitMs: 0 };
}

export type Throttle = {
  /** Counts a try before it is made, so that many at once are not all the first. Milliseconds to wait, 0 to go ahead. */
  take(key: string, now: EpochMs): number;
  /** The try turned out to be no failure. */
  giveBack(key: string): void;
  forget(key: string): void;
};

export function createThrottle(allowance: Allowance, keysMax: number): Throttle {
  const windows = new LRUCache<string, Window>({ max: keysMax });
  return {
    take(key, now) {
      const { window, waitMs } = countTry(windows.get(key), now, allowance);
      windows.set(key, window);
      return waitMs;
    },
    giveBack(key) {
      const window = windows.get(key);
      if (window && window.count > 0) windows.set(key, { ...window, count: window.count - 1 });
    },
    forget: (key) => void windows.delete(key),
  };
}
