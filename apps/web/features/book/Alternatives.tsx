/** What to do when the wanted seats are gone: other classes of the train, other trains near in time, another day. */
import type { TrainOffer } from "@chepiao/contracts";
import { useMemo } from "react";
import { durationText, timeOf, yuan } from "../../lib/format.ts";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "../../lib/router.tsx";
import { Said } from "../../lib/parts.tsx";
import { useWords } from "../../lib/words.tsx";
import type { Alternative } from "../search/filter.ts";
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
  const words = useWords();
  const stations = useMemo<readonly Named[]>(
    () => others.trains.flatMap((one) => [one.train.from, one.train.to]),
    [others],
  );
  const { nameOf } = useStationNames(stations);
  const when = (other: TrainOffer): string => {
    const minutes = Math.round((Date.parse(other.departAt) - Date.parse(train.departAt)) / msPerMinute);
    if (minutes === 0) return words.book.sameTime;
    const text = durationText(Math.abs(minutes), words);
    return minutes < 0 ? words.book.earlier(text) : words.book.later(text);
  };
  const nothing = others.classes.length + others.trains.length === 0;
  return (
    <section className="notice warn alternatives" role="alert">
      <strong>{words.book.soldOut}</strong>
      <p>{nothing ? words.book.noAlternatives : words.book.soldOutNote(words.classes[wanted.seatClass], seats)}</p>
      {others.classes.length > 0 && <h3>{words.book.otherClasses}</h3>}
      <ul>
        {others.classes.map(({ offer }) => (
          <li key={offer.seatClass}>
            <button type="button" className="alternative" onClick={() => onSwitch({ class: offer.seatClass })}>
              <span>{words.classes[offer.seatClass]}</span>
              <span className="soft">{words.search.left(offer.free)}</span>
              <strong className="number">{yuan(offer.fareFen)}</strong>
            </button>
          </li>
        ))}
      </ul>
      {others.trains.length > 0 && <h3>{words.book.otherTrains}</h3>}
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
                <b className="number">{timeOf(other.departAt)}</b> <Said>{nameOf(other.from)}</Said> →{" "}
                <b className="number">{timeOf(other.arriveAt)}</b> <Said>{nameOf(other.to)}</Said>
                <small className="soft">
                  {" "}
                  {other.trainNumber} · {words.classes[offer.seatClass]} · {when(other)}
                </small>
              </span>
              <strong className="number">{yuan(offer.fareFen)}</strong>
            </button>
          </li>
        ))}
      </ul>
      <Link className="button small" to={listAddress(wanted)}>
        {words.book.otherDay}
      </Link>
    </section>
  );
}
