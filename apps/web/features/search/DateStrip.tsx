/** The days that can be searched, as one row of radio buttons: arrows walk, a swipe scrolls, and a day not on sale yet says so. */
import { useEffect, useRef } from "react";
import type { Answer } from "../../lib/api.ts";
import { dayText, weekdayOf } from "../../lib/format.ts";
import { useWords } from "../../lib/words.tsx";

type Days = Answer<"GET /api/search/calendar">["days"];

/** As many empty places as there will be days, so that nothing moves when they come. */
const daysUsual = 16;

export function DateStrip(props: {
  readonly days: Days | undefined;
  readonly date: string;
  readonly onChoose: (date: string) => void;
}) {
  const words = useWords();
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
    <div className="dates" role="radiogroup" aria-label={words.search.date} ref={list}>
      {days.map((day, n) => {
        const near = n === 0 ? words.search.today : n === 1 ? words.search.tomorrow : null;
        const isChosen = day.date === date;
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
              aria-label={[near, dayText(day.date, words), day.sale === "open" ? null : words.search.notYet]
                .filter(Boolean)
                .join(" ")}
            />
            <span className="date-week">{near ?? words.weekdays[weekdayOf(day.date)]}</span>
            <span className="date-day">{Number(day.date.slice(8))}</span>
            <span className="date-note">
              {day.sale === "open" ? words.month(Number(day.date.slice(5, 7))) : words.search.notYet}
            </span>
          </label>
        );
      })}
    </div>
  );
}
