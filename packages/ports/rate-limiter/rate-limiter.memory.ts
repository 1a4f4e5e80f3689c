/** Tries in one process, in bounded memory: what was not asked for longest is forgotten first. */
import { type EpochMs, epochMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { type RateLimiter, tryOnce } from "./rate-limiter.ts";

/** About 20 MB each of tries and of exemptions. */
const keysMaxDefault = 100_000;

export function createMemoryRateLimiter(clock: Pick<Clock, "now">, keysMax = keysMaxDefault): RateLimiter {
  const tries = createBoundedTimes(keysMax);
  const exemptions = createBoundedTimes(keysMax);
  return {
    async take(key, allowance) {
      const now = clock.now();
      const { allBackAt, waitMs } = tryOnce(tries.get(key), now, allowance);
      if (allBackAt !== null) tries.set(key, allBackAt);
      return waitMs;
    },
    async withdraw(key, { triesMax, windowMs }) {
      const allBackAt = tries.get(key);
      if (allBackAt !== null) tries.set(key, allBackAt - windowMs / triesMax);
    },
    forget: async (key) => tries.delete(key),
    exempt: async (key, forMs) => exemptions.set(key, clock.now() + forMs),
    async isExempt(key) {
      const until = exemptions.get(key);
      return until !== null && until > clock.now();
    },
  };
}

/** A map keeps its keys in the order in which they came; one that is used again is put at its end. */
function createBoundedTimes(keysMax: number) {
  const times = new Map<string, number>();
  return {
    get(key: string): EpochMs | null {
      const time = times.get(key);
      if (time === undefined) return null;
      times.delete(key);
      times.set(key, time);
      return epochMs(time);
    },
    set(key: string, time: number): void {
      times.delete(key);
      times.set(key, time);
      if (times.size > keysMax) times.delete(times.keys().next().value!);
    },
    delete: (key: string): void => void times.delete(key),
  };
}
