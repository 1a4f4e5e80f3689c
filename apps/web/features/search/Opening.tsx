/** When the sale opens, by the railway's clock. Far from it, it says the day; on the last day it counts the seconds. */
import { clockText, leftUntil, serverNow, useServerNow } from "../../lib/clock.ts";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import type { Messages } from "../../messages/zh.ts";

const dayMs = 86_400_000;

/** With the day that goes on sale it is said once for all its trains, and can be put into the calendar. */
export function Opening({ at, date }: { readonly at: string; readonly date?: string }) {
  const messages = useMessages();
  const now = useServerNow();
  const opens = messages.search.opensAt(`${dayText(dateOf(at), messages)} ${timeOf(at)}`);
  const isNear = Date.parse(at) - now < dayMs;
  return (
    <div className="train-sale">
      <p>
        {date !== undefined && `${messages.search.ticketsOf(dayText(date, messages))} `}
        {opens}
        {isNear && ` · ${messages.search.opensIn(clockText(leftUntil(at, now)))}`}
      </p>
      {date !== undefined && (
        <button type="button" className="button small" onClick={() => void remind(at, date, messages)}>
          {messages.search.remind}
        </button>
      )}
    </div>
  );
}

const openFor = 15 * 60_000;

/** Ten minutes before, so that who travels can be chosen by then. The address leads back to what was looked at. */
async function remind(at: string, date: string, messages: Messages): Promise<void> {
  const { saveCalendar } = await import("../orders/calendar.ts");
  const entry = {
    id: `sale-${date}-${new URLSearchParams(location.search).toString()}`.replaceAll(/[^\w-]/g, "-"),
    departAt: at,
    arriveAt: new Date(Date.parse(at) + openFor).toISOString(),
    title: messages.search.saleOpensOf(dayText(date, messages)),
    place: "",
    notes: [messages.book.prepare],
    url: location.href,
    now: new Date(serverNow()).toISOString(),
    remindBefore: "PT10M",
  };
  saveCalendar([entry], `sale-${date}`);
}
