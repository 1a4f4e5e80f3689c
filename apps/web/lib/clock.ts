/**
 * What time it is at the railway. The machine in front of the person may be wrong by hours, so its wall clock is never asked:
 * every answer of the platform says when it was sent, and between answers the browser's monotonic clock counts on.
 */
import { useEffect, useState } from "react";

export type ServerClock = {
  /** `Date` headers and `now` fields name the whole second, so the truth is at most a second later. */
  note(serverMs: number): void;
  now(): number;
  readonly known: boolean;
};

/** Beyond this a sample that is behind us does not come from a slow road: the server's clock was set, or ours slept. */
const jumpMs = 3_000;

export function createServerClock(monotonicMs: () => number, guessMs: number): ServerClock {
  let offsetMs = guessMs - monotonicMs();
  let known = false;
  return {
    note(serverMs) {
      // Each sample is a lower bound: sent earlier than read, and cut to the second. The latest bound is the closest.
      const sampleMs = serverMs - monotonicMs();
      if (!known || sampleMs > offsetMs || offsetMs - sampleMs > jumpMs) offsetMs = sampleMs;
      known = true;
    },
    now: () => monotonicMs() + offsetMs,
    get known() {
      return known;
    },
  };
}

const serverClock = createServerClock(() => performance.now(), Date.now());

export function noteServerDate(text: string | null): void {
  const ms = text === null ? Number.NaN : Date.parse(text);
  if (!Number.isNaN(ms)) serverClock.note(ms);
}
export const serverNow = (): number => serverClock.now();

/** The server's time, again each second while the page is looked at. */
export function useServerNow(everyMs = 1_000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    const tick = () => setNow(serverNow());
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [everyMs]);
  return now;
}

export type Left = {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly over: boolean;
};

/** Counts the second that has begun, so that it says 0 only when nothing is left. */
export function leftUntil(instant: string, nowMs: number): Left {
  const leftS = Math.max(0, Math.ceil((Date.parse(instant) - nowMs) / 1_000));
  return {
    days: Math.floor(leftS / 86_400),
    hours: Math.floor((leftS % 86_400) / 3_600),
    minutes: Math.floor((leftS % 3_600) / 60),
    seconds: leftS % 60,
    over: leftS === 0,
  };
}

const two = (n: number): string => String(n).padStart(2, "0");

/** `14:59`, `3:07:20`: days are said in words elsewhere. */
export const clockText = ({ days, hours, minutes, seconds }: Left): string => {
  const all = days * 24 + hours;
  return all > 0 ? `${all}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
};

/** Many pages wait for the same second: each asks within so long after it. */
const spreadMs = 800;
const timerMsMax = 2_147_483_647;

/** Calls `strike` when the railway's clock reaches the instant, also in a page that lies behind another. */
export function useStrike(at: string | null, strike: () => void): void {
  useEffect(() => {
    if (at === null || Date.parse(at) <= serverNow()) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    // What the clock says is looked at again at the end of each wait: it may have been set, or the machine slept.
    function wait() {
      clearTimeout(timer);
      const leftMs = Date.parse(at!) - serverNow();
      timer =
        leftMs > 0 ? setTimeout(wait, Math.min(leftMs, timerMsMax)) : setTimeout(strike, Math.random() * spreadMs);
    }
    wait();
    document.addEventListener("visibilitychange", wait);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", wait);
    };
  }, [at, strike]);
}

/** The first of these instants that is still to come. */
export function nextOf(instants: readonly (string | null)[], nowMs: number): string | null {
  const ahead = instants.filter((at) => at !== null && Date.parse(at) > nowMs);
  return ahead.toSorted((a, b) => Date.parse(a!) - Date.parse(b!))[0] ?? null;
}
