/** How long before a departure, in words: in the longest unit that it is a whole number of. */
import type { Messages } from "../../messages/zh.ts";
import type { WaitlistMessages } from "../../messages/waitlist.zh.ts";

const hourMinutes = 60;
const dayMinutes = 24 * hourMinutes;

export function beforeText(minutes: number, messages: Messages, texts: WaitlistMessages): string {
  const time =
    minutes === 0 || minutes % hourMinutes !== 0
      ? texts.minutes(minutes)
      : minutes % dayMinutes !== 0
        ? messages.help.hours(minutes / hourMinutes)
        : messages.help.days(minutes / dayMinutes);
  return texts.beforeDeparture(time);
}
