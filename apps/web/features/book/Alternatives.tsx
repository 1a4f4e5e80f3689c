/** What to do when the wanted seats are gone: other classes of the train, other trains near in time, another day. */
import type { TrainOffer } from "@chepiao/contracts";
import { useMemo } from "react";
import { durationText, timeOf } from "../../lib/format.ts";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "../../lib/router.tsx";
import { ForeignText } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import type { Alternative } from "./alternativesTo.ts";
import { listAddress, type Wanted } from "./address.ts";

type Props = {
  readonly wanted: Wanted;
  readonly train: TrainOffer;
  readonly seats: number;
  readonly others: { readonly classes: readonly Alternative[]; readonly trains: readonly Alternative[] };
  readonly onSwitch: (fields: Readonly<Record<string, string>>) => void;
};

const msPerMinute = 60_000;

export function Alternatives({ wanted, train, seats, others, onSwitch }: Props) {
  const messages = useMessages();
  const stations = useMemo<readonly Named[]>(
    () => others.trains.flatMap((one) => [one.train.from, one.train.to]),
    [others],
  );
  const { nameOf } = useStationNames(stations);
  const when = (other: TrainOffer): string => {
    const minutes = Math.round((Date.parse(other.departAt) - Date.parse(train.departAt)) / msPerMinute);
    if (minutes === 0) return messages.book.sameTime;
    const text = durationText(Math.abs(minutes), messages);
    return minutes < 0 ? messages.book.earlier(text) : messages.book.later(text);
  };
  const nothing = others.classes.length + others.trains.length === 0;
  return (
    <section className="notice warn alternatives" role="alert">
      <strong>{messages.book.soldOut}</strong>
      <p>
        {nothing ? messages.book.noAlternatives : messages.book.soldOutNote(messages.classes[wanted.seatClass], seats)}
      </p>
      {others.classes.length > 0 && <h2>{messages.book.otherClasses}</h2>}
      <ul>
        {others.classes.map(({ offer }) => (
          <li key={offer.seatClass}>
            <button type="button" className="alternative" onClick={() => onSwitch({ class: offer.seatClass })}>
              <span>{messages.classes[offer.seatClass]}</span>
              <span className="soft">{messages.search.left(offer.free)}</span>
              <strong className="number">{messages.money(offer.fareFen)}</strong>
            </button>
          </li>
        ))}
      </ul>
      {others.trains.length > 0 && <h2>{messages.book.otherTrains}</h2>}
      <ul>
        {others.trains.map(({ train: other, offer }) => (
          <li key={`${other.trainNumber} ${other.originDate} ${other.from.stationId} ${other.to.stationId}`}>
            <button
              type="button"
              className="alternative"
              onClick={() =>
                onSwitch({
                  train: other.trainNumber,
                  origin: other.originDate,
                  board: other.from.stationId,
                  alight: other.to.stationId,
                  class: offer.seatClass,
                })
              }
            >
              <span>
                <b className="number">{timeOf(other.departAt)}</b> <ForeignText>{nameOf(other.from)}</ForeignText> →{" "}
                <b className="number">{timeOf(other.arriveAt)}</b> <ForeignText>{nameOf(other.to)}</ForeignText>
                <small className="soft">
                  {" "}
                  {other.trainNumber} · {messages.classes[offer.seatClass]} · {when(other)}
                </small>
              </span>
              <strong className="number">{messages.money(offer.fareFen)}</strong>
            </button>
          </li>
        ))}
      </ul>
      <Link className="button small" to={listAddress(wanted)}>
        {messages.book.otherDay}
      </Link>
    </section>
  );
}
