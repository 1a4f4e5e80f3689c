/** When the sale opens, by the railway's clock. Far from it, it says the day; on the last day it counts the seconds. */
import { clockText, leftUntil, useServerNow } from "../../lib/clock.ts";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";

const dayMs = 86_400_000;

export function Opening({ at, date }: { readonly at: string; readonly date?: string }) {
  const messages = useMessages();
  const now = useServerNow();
  const opens = messages.search.opensAt(`${dayText(dateOf(at), messages)} ${timeOf(at)}`);
  const isNear = Date.parse(at) - now < dayMs;
  return (
    <p className="train-sale">
      {date !== undefined && `${messages.search.ticketsOf(dayText(date, messages))} `}
      {opens}
      {isNear && ` · ${messages.search.opensIn(clockText(leftUntil(at, now)))}`}
    </p>
  );
}
