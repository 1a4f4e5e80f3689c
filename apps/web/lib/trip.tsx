/** A journey in one glance: when and where it begins and ends. The list of trains, the booking and the order draw it alike. */
import type { ReactNode } from "react";
import { dayText, timeOf } from "./format.ts";
import { Said } from "./parts.tsx";
import type { Named } from "./places.ts";
import { useWords } from "./words.tsx";

type EndProps = {
  readonly at: string;
  readonly station: string;
  /** The end of the journey stands on the right. */
  readonly last?: boolean;
  readonly besideTime?: ReactNode;
  readonly besideStation?: ReactNode;
};

export function TripEnd({ at, station, last = false, besideTime, besideStation }: EndProps) {
  return (
    <div className={last ? "train-end right" : "train-end"}>
      <span className="train-time">
        <time dateTime={at}>{timeOf(at)}</time>
        {besideTime}
      </span>
      <span className="train-station">
        <Said>{station}</Said>
        {besideStation}
      </span>
    </div>
  );
}

type TripProps = {
  readonly trip: {
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

export function Trip({ trip, nameOf, about, note }: TripProps) {
  const words = useWords();
  return (
    <section className="card trip" aria-label={words.book.trip}>
      <p className="trip-head">
        <strong>{trip.trainNumber}</strong> {dayText(trip.boardingDate, words)}
        <span className="soft"> · {about}</span>
      </p>
      <div className="train-way">
        <TripEnd at={trip.departAt} station={nameOf(trip.from)} />
        <span className="train-line" aria-hidden="true" />
        <TripEnd at={trip.arriveAt} station={nameOf(trip.to)} last />
      </div>
      {note !== null && <p className="train-note">{note}</p>}
    </section>
  );
}
