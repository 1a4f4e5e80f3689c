/** How long before a departure, in words. */
import type { Messages } from "../../messages/zh.ts";
import type { WaitlistMessages } from "../../messages/waitlist.zh.ts";

const hourMinutes = 60;
const dayMinutes = 24 * hourMinutes;

export function beforeText(minutes: number, messages: Messages, texts: WaitlistMessages): string {
  const time =
    minutes < hourMinutes
      ? texts.minutes(minutes)
      : minutes < dayMinutes
        ? messages.help.hours(minutes / hourMinutes)
        : messages.help.days(minutes / dayMinutes);
  return texts.beforeDeparture(time);
}
