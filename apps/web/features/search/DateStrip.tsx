/**
 * The days that can be searched, as one row of radio buttons: arrows walk, a swipe scrolls, a day not on sale yet says so, and one on
 * sale says what it costs at least, or that nothing is left.
 */
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Icon } from "../../lib/components.tsx";
import { weekdayOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import type { Calendar } from "./calendar.ts";
import { dayLabel, type DayOffers, nearName, noteOf, offerOn, opensNote } from "./dayNotes.ts";

type Days = Calendar["days"];

const MonthsDialog = lazy(async () => ({ default: (await import("./MonthsDialog.tsx")).MonthsDialog }));

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
  const [showsMonths, setShowsMonths] = useState(false);
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
      <div className="dates-row" aria-hidden="true">
        <div className="dates">
          {Array.from({ length: daysUsual }, (_, n) => (
            <span key={n} className="date skeleton" />
          ))}
        </div>
        <span className="icon-button" />
      </div>
    );
  }
  return (
    <div className="dates-row">
      <div className="dates" role="radiogroup" aria-label={messages.search.date} ref={list}>
        {days.map((day) => {
          const near = nearName(day, days[0]!.date, messages);
          const isChosen = day.date === date;
          const note = noteOf(offerOn(day, props.offers), messages);
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
                aria-label={dayLabel(day, days[0]!.date, props.offers, messages)}
              />
              <span className="date-week">
                {near ?? messages.weekdays[weekdayOf(day.date)]}
                {day.date.endsWith("-01") && note !== null && ` ${messages.month(Number(day.date.slice(5, 7)))}`}
              </span>
              <span className="date-day">{Number(day.date.slice(8))}</span>
              <span className="date-note">
                {day.sale === "open"
                  ? (note?.short ?? messages.month(Number(day.date.slice(5, 7))))
                  : opensNote(day, days[0]!.date, messages)}
              </span>
            </label>
          );
        })}
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label={messages.search.months}
        aria-haspopup="dialog"
        onClick={() => setShowsMonths(true)}
      >
        <Icon name="calendar" />
      </button>
      {showsMonths && (
        <Suspense fallback={null}>
          <MonthsDialog
            days={days}
            offers={props.offers}
            date={date}
            onChoose={(chosen) => {
              setShowsMonths(false);
              if (chosen !== date) props.onChoose(chosen);
            }}
            onClose={() => setShowsMonths(false)}
          />
        </Suspense>
      )}
    </div>
  );
}
