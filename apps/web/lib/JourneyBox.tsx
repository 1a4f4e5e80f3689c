/** A journey in one glance. The list of trains has boxes of its own, so the first page does without this one. */
import { dayText } from "./format.ts";
import { JourneyEnd } from "./journey.tsx";
import { useMessages } from "./messages.tsx";
import type { Named } from "./places.ts";

type JourneyProps = {
  readonly journey: {
    readonly trainNumber: string;
    readonly boardingDate: string;
    readonly departAt: string;
    readonly arriveAt: string;
    readonly from: Named;
    readonly to: Named;
  };
  readonly nameOf: (station: Named) => string;
  /** What is worth knowing beside train and day. */
  readonly about: string;
  readonly note: string | null;
};

export function Journey({ journey, nameOf, about, note }: JourneyProps) {
  const messages = useMessages();
  return (
    <section className="card trip" aria-label={messages.book.trip}>
      <p className="trip-head">
        <strong>{journey.trainNumber}</strong> {dayText(journey.boardingDate, messages)}
        <span className="soft"> · {about}</span>
      </p>
      <div className="train-way">
        <JourneyEnd at={journey.departAt} station={nameOf(journey.from)} />
        <span className="train-line" aria-hidden="true" />
        <JourneyEnd at={journey.arriveAt} station={nameOf(journey.to)} last />
      </div>
      {note !== null && <p className="train-note">{note}</p>}
    </section>
  );
}
