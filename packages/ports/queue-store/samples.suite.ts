/** A queue for tests of who asks for one. */
import type { AnnouncedQueue } from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs } from "@chepiao/kernel";

/** Takes lots from `now` on, opens a minute later, and is on for an hour. */
export const sampleQueue = (
  now: EpochMs,
  queueId: string,
  scope: AnnouncedQueue["scope"],
  more: Partial<AnnouncedQueue> = {},
): AnnouncedQueue => ({
  kind: "announced",
  queueId,
  scope,
  collectsFrom: now,
  opensAt: epochMs(now + minuteMs),
  endsAt: epochMs(now + 60 * minuteMs),
  endedAt: null,
  perMinute: 1,
  activeMax: 1,
  keepMs: minuteMs,
  stayMs: minuteMs,
  seedHash: "",
  chanceFrom: null,
  ...more,
});
