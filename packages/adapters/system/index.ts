/** The machine itself: its clock and its source of chance. */
import { randomInt } from "node:crypto";
import { epochMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Random } from "@chepiao/ports/random";

export const createSystemClock = (): Clock => ({
  now: () => epochMs(Date.now()),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
  // Behind every socket that was ready to be read in this turn.
  soon: (call) => void setImmediate(call),
});

export const createSystemRandom = (): Random => ({
  digits: (count) => Array.from({ length: count }, () => randomInt(10)).join(""),
  token: (byteCount) => Buffer.from(crypto.getRandomValues(new Uint8Array(byteCount))).toString("base64url"),
});
