/** Settings of the reconciliation room. */
import { minuteOfClock, secondMs } from "@chepiao/kernel";
import { BadSetting, setting, wholeNumber } from "@chepiao/room";

export const reconcileAtMinute = setting(
  "RECONCILE_AT",
  "03:00",
  "From that time of the railway's day on the day before is reconciled.",
  (value) => {
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(value)) throw new BadSetting("a time of day, such as 03:00");
    return minuteOfClock(value);
  },
);

export const watermarkMs = setting(
  "RECONCILE_WATERMARK_SECONDS",
  "600",
  "Money and orders that changed in the last so many seconds are not reconciled yet: they may be on their way between rooms.",
  (value) => wholeNumber(1, 86_400)(value) * secondMs,
);

export const confirmAfterMs = setting(
  "RECONCILE_CONFIRM_SECONDS",
  "30",
  "A difference is a case once a second reading, so many seconds later, finds the same; one of orders after the watermark.",
  (value) => wholeNumber(1, 3_600)(value) * secondMs,
);
