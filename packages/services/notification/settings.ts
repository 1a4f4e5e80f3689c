/** Settings of the notification room. */
import { dayMs, notificationsKeptDaysDefault, notificationsKeptDaysMin } from "@chepiao/kernel";
import { setting, wholeNumber } from "@chepiao/room";

export const notificationsKeptMs = setting(
  "NOTIFICATIONS_KEPT_DAYS",
  String(notificationsKeptDaysDefault),
  "Notifications are deleted so many days after what they tell of.",
  (value) => wholeNumber(notificationsKeptDaysMin, 36_500)(value) * dayMs,
);
