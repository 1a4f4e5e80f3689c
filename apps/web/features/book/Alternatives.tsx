/** What to do when the wanted seats are gone: other classes of the train, other trains near in time, another day. */
import type { TrainOffer } from "@chepiao/contracts";
import { useMemo } from "react";
import { timeOf } from "../../lib/format.ts";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { ForeignText } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { useSeatsLeft } from "../../lib/railwayRules.ts";
import { type Alternative, wayKey } from "./alternativesTo.ts";
import { apartText } from "./apartText.ts";
import { useWaitlistMessages } from "../waitlist/useWaitlistMessages.ts";
import { listAddress, type Wanted, wantedAddress } from "./address.ts";

type Props = {
  readonly wanted: Wanted;
  readonly train: TrainOffer;
  readonly seats: number;
  /** The waitlist of this train is open to the buyer. */
  readonly canWait: boolean;
  readonly others: { readonly classes: readonly Alternative[]; readonly trains: readonly Alternative[] };
  readonly onSwitch: (fields: Readonly<Record<string, string>>) => void;
};

export function Alternatives({ wanted, train, seats, others, canWait, onSwitch }: Props) {
  const messages = useMessages();
  const seatsLeft = useSeatsLeft();
  const texts = useWaitlistMessages();
  const stations = useMemo<readonly Named[]>(
    () => others.trains.flatMap((one) => [one.train.from, one.train.to]),
    [others],
  );
  const { nameOf } = useStationNames(stations);
  const isKeptBack = train.classes.some((offer) => offer.seatClass === wanted.seatClass && offer.notOnSaleYet);
  const nothing = others.classes.length + others.trains.length === 0;
  return (
    <section className="notice warn alternatives" role="alert">
      <strong>{isKeptBack ? messages.search.keptBack : messages.book.soldOut}</strong>
      <p>
        {nothing ? messages.book.noAlternatives : messages.book.soldOutNote(messages.classes[wanted.seatClass], seats)}
      </p>
      {canWait && (
        <Link className="wait-offer" to={wantedAddress(wanted, "/waitlist")}>
          <span>
            <strong>{texts.offer}</strong>
            <small className="soft">{texts.offerNote}</small>
          </span>
          <span aria-hidden="true">›</span>
        </Link>
      )}
      {others.classes.length > 0 && <h2>{messages.book.otherClasses}</h2>}
      <ul>
        {others.classes.map(({ train: way, offer }) => (
          <li key={`${wayKey(way)} ${offer.seatClass}`}>
            <button type="button" className="alternative" onClick={() => onSwitch({ class: offer.seatClass })}>
              <span>{messages.classes[offer.seatClass]}</span>
              <span className="soft">{seatsLeft(offer.free)}</span>
              <strong className="number">{messages.money(offer.fareFen)}</strong>
            </button>
          </li>
        ))}
      </ul>
      {others.trains.length > 0 && <h2>{messages.book.otherTrains}</h2>}
      <ul>
        {others.trains.map(({ train: other, offer }) => (
          <li key={wayKey(other)}>
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
                  {other.trainNumber} · {messages.classes[offer.seatClass]} · {apartText(other, train, messages)}
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
