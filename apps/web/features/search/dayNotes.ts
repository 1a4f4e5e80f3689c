/** What is said of a day that can be searched, in the strip and in the calendar. Pure. */
import type { Answer } from "../../lib/api.ts";
import { dateOf, dayText, daysFrom, timeOf } from "../../lib/format.ts";
import type { Messages } from "../../messages/zh.ts";
import type { Calendar } from "./calendar.ts";

export type DayOffers = Answer<"GET /api/search/days">["days"];
type Day = Calendar["days"][number];

export function nearName({ date }: Day, today: string, messages: Messages): string | null {
  const days = daysFrom(today, date);
  return days === 0 ? messages.search.today : days === 1 ? messages.search.tomorrow : null;
}

export const offerOn = ({ date }: Day, offers: DayOffers | undefined): DayOffers[number] | undefined =>
  offers?.find((each) => each.date === date);

/** A day in words, for the ear. */
export const dayLabel = (day: Day, today: string, offers: DayOffers | undefined, messages: Messages): string =>
  [
    nearName(day, today, messages),
    dayText(day.date, messages),
    day.sale === "open" ? noteOf(offerOn(day, offers), messages)?.long : opensNote(day, today, messages),
  ]
    .filter(Boolean)
    .join(" ");

/** Of a day that is not on sale yet: the hour at which it is, where that is today or tomorrow. */
export function opensNote({ opensAt }: Day, today: string, messages: Messages): string {
  const days = opensAt === null ? Infinity : daysFrom(today, dateOf(opensAt));
  return days > 1 ? messages.search.notYet : messages.search.opensShort(days === 0, timeOf(opensAt!));
}

/** What a day on sale has, for the eye and for the ear; null where there is nothing to say, which the list of trains then does. */
export function noteOf(
  offer: DayOffers[number] | undefined,
  messages: Messages,
): { readonly short: string; readonly long: string } | null {
  if (offer === undefined || offer.trains === 0) return null;
  if (offer.lowestFen === null) return { short: messages.search.soldOut, long: messages.search.soldOut };
  const price = messages.money(offer.lowestFen);
  return { short: price, long: messages.search.lowest(price) };
}
