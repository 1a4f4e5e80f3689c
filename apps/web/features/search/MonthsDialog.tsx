/** The days that can be searched as a calendar: what each costs at least, at one glance. */
import { useRef } from "react";
import { Dialog } from "../../lib/Dialog.tsx";
import { useMessages } from "../../lib/messages.tsx";
import type { Calendar } from "./calendar.ts";
import { dayLabel, type DayOffers, noteOf, offerOn } from "./dayNotes.ts";
import { dayAfterKey, type Month, monthsOf } from "./months.ts";

type Day = Calendar["days"][number];
type Props = {
  readonly days: readonly Day[];
  readonly offers: DayOffers | undefined;
  readonly date: string;
  readonly onChoose: (date: string) => void;
  readonly onClose: () => void;
};

export function MonthsDialog({ days, offers, date, onChoose, onClose }: Props) {
  const messages = useMessages();
  const body = useRef<HTMLDivElement>(null);
  return (
    <Dialog title={messages.search.months} onClose={onClose}>
      <div
        ref={body}
        className="months"
        role="presentation"
        onKeyDown={(event) => {
          const at = event.target instanceof HTMLElement ? event.target.dataset["date"] : undefined;
          const next = at === undefined ? null : dayAfterKey(event.key, at, days);
          if (next === null) return;
          event.preventDefault();
          body.current?.querySelector<HTMLElement>(`[data-date="${next}"]`)?.focus();
        }}
      >
        {monthsOf(days).map((month) => (
          <MonthTable key={month.month} month={month} first={days[0]!.date} {...{ offers, date, onChoose }} />
        ))}
      </div>
    </Dialog>
  );
}

type MonthProps = Pick<Props, "offers" | "date" | "onChoose"> & {
  readonly month: Month<Day>;
  /** Today, by the railway's clock. */
  readonly first: string;
};

function MonthTable({ month: { month, weeks }, first, offers, date, onChoose }: MonthProps) {
  const messages = useMessages();
  return (
    <table>
      <caption>{messages.month(Number(month.slice(5)))}</caption>
      <thead>
        <tr>
          {[1, 2, 3, 4, 5, 6, 0].map((weekday) => (
            <th key={weekday} scope="col">
              {messages.weekdays[weekday]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week, n) => (
          <tr key={n}>
            {week.map((day, place) => (
              <td key={place}>
                {day && (
                  <button
                    type="button"
                    className={day.sale === "open" ? "day" : "day closed"}
                    data-date={day.date}
                    {...(day.date === date ? { "data-chosen": "", "data-first": "", "aria-current": "date" } : {})}
                    onClick={() => onChoose(day.date)}
                  >
                    <span className="hidden">{dayLabel(day, first, offers, messages)}</span>
                    <span aria-hidden="true">{Number(day.date.slice(8))}</span>
                    <small aria-hidden="true">
                      {day.sale === "open" ? noteOf(offerOn(day, offers), messages)?.short : messages.search.notYet}
                    </small>
                  </button>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
