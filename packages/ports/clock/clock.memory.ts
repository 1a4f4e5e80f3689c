/** A clock that stands still until told to move: tests decide what time it is and which timers have come. */
import { type EpochMs, epochMs } from "@chepiao/kernel";
import type { Clock } from "./clock.ts";

export type ManualClock = Clock & {
  /** Moves on, calling every timer that comes due on the way, in order of time. */
  advance(byMs: number): Promise<void>;
};

export function createManualClock(start: EpochMs): ManualClock {
  let now: number = start;
  let timers: { at: number; call: () => void }[] = [];
  return {
    now: () => epochMs(now),
    after(delayMs, call) {
      const timer = { at: now + Math.max(0, delayMs), call };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    soon: (call) => queueMicrotask(call),
    async advance(byMs) {
      const end = now + byMs;
      // What is under way may be about to ask for a timer.
      await settle();
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.at);
        next.call();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}

/** Lets everything that was waiting on a promise run. */
async function settle() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
