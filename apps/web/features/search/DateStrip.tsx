/**
 * The days that can be searched, as one row of radio buttons: arrows walk, a swipe scrolls, a day not on sale yet says so, and one on
 * sale says what it costs at least, or that nothing is left.
 */
import { useEffect, useRef } from "react";
import type { Answer } from "../../lib/api.ts";
import { dateOf, dayText, timeOf, weekdayOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import type { Messages } from "../../messages/zh.ts";
import type { Calendar } from "./calendar.ts";

type Days = Calendar["days"];
export type DayOffers = Answer<"GET /api/search/days">["days"];

/** As many empty places as there will be days, so that nothing moves when they come. */
const daysUsual = 16;

export function DateStrip(props: {
  readonly days: Days | undefined;
  readonly offers: DayOffers | undefined;
  readonly date: string;
  readonly onChoose: (date: string) => void;
}) {
  const messages = useMessages();
  const list = useRef<HTMLDivElement>(null);
  const { date, days } = props;
  const place = days?.findIndex((day) => day.date === date) ?? -1;
  useEffect(() => {
    const strip = list.current;
    const chosen = strip?.children[place];
    if (!strip || !(chosen instanceof HTMLElement)) return;
    strip.scrollTo({ left: chosen.offsetLeft - strip.clientWidth / 2 + chosen.clientWidth / 2, behavior: "instant" });
  }, [place]);

  if (!days) {
    return (
      <div className="dates" aria-hidden="true">
        {Array.from({ length: daysUsual }, (_, n) => (
          <span key={n} className="date skeleton" />
        ))}
      </div>
    );
  }
  return (
    <div className="dates" role="radiogroup" aria-label={messages.search.date} ref={list}>
      {days.map((day, n) => {
        const near = n === 0 ? messages.search.today : n === 1 ? messages.search.tomorrow : null;
        const isChosen = day.date === date;
        const offer = props.offers?.find((each) => each.date === day.date);
        const note = noteOf(offer, messages);
        return (
          <label
            key={day.date}
            className={day.sale === "open" ? "date" : "date closed"}
            {...(isChosen ? { "data-chosen": "" } : {})}
          >
            <input
              type="radio"
              name="date"
              value={day.date}
              checked={isChosen}
              onChange={() => props.onChoose(day.date)}
              aria-label={[near, dayText(day.date, messages), day.sale === "open" ? note?.long : messages.search.notYet]
                .filter(Boolean)
                .join(" ")}
            />
            <span className="date-week">
              {near ?? messages.weekdays[weekdayOf(day.date)]}
              {day.date.endsWith("-01") && note !== null && ` ${messages.month(Number(day.date.slice(5, 7)))}`}
            </span>
            <span className="date-day">{Number(day.date.slice(8))}</span>
            <span className="date-note">
              {day.sale === "open"
                ? (note?.short ?? messages.month(Number(day.date.slice(5, 7))))
                : day.opensAt !== null && dateOf(day.opensAt) <= (days[1]?.date ?? "")
                  ? messages.search.opensShort(dateOf(day.opensAt) === days[0]?.date, timeOf(day.opensAt))
                  : messages.search.notYet}
            </span>
          </label>
        );
      })}
    </div>
  );
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
