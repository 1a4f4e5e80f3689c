/** What an account wants mailed, and when: whether a notification that is due now is mailed, waits, or is not wanted. Pure. */
import { isMandatory, type NotificationKind, type NotificationPreferences } from "@chepiao/contracts";
import { type EpochMs, epochMs, formatInZone, minuteMs, type ZoneName } from "@chepiao/kernel";

export type Wanted =
  { readonly kind: "now" } | { readonly kind: "never" } | { readonly kind: "later"; readonly at: EpochMs };

export function decideWanted(kind: NotificationKind, preferences: NotificationPreferences, now: EpochMs): Wanted {
  if (isMandatory(kind)) return { kind: "now" };
  if ((preferences.notMailed as readonly string[]).includes(kind)) return { kind: "never" };
  const until = quietUntil(preferences.quiet, now);
  return until === null ? { kind: "now" } : { kind: "later", at: until };
}

const dayMinutes = 24 * 60;
const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/** When the quiet hours end in which this is; null outside of them. Where clocks are changed meanwhile it is asked about again then. */
export function quietUntil(quiet: NotificationPreferences["quiet"], now: EpochMs): EpochMs | null {
  if (quiet === null) return null;
  const [from, until] = [minutesOf(quiet.from), minutesOf(quiet.until)];
  const minute = minutesOf(formatInZone(now, quiet.zone as ZoneName).slice(11, 16));
  const isQuiet = from <= until ? minute >= from && minute < until : minute >= from || minute < until;
  if (!isQuiet) return null;
  const left = (until - minute + dayMinutes) % dayMinutes;
  return epochMs(now - (now % minuteMs) + left * minuteMs);
}
