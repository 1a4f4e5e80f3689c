/** What can be had at once, beside waiting: other classes of the train, trains near in time, and other days. */
import type { DayOffer, TrainOffer } from "@chepiao/contracts";
import { useId, useMemo } from "react";
import { ForeignText } from "../../lib/components.tsx";
import { daysFrom, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { useSeatsLeft } from "../../lib/railwayRules.ts";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { listAddress, type Wanted } from "../book/address.ts";
import { bookAddress } from "../book/bookAddress.ts";
import { alternativesTo, wayKey } from "../book/alternativesTo.ts";
import { apartText } from "../book/apartText.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

type Props = {
  readonly wanted: Wanted;
  readonly train: TrainOffer;
  readonly trains: readonly TrainOffer[];
  readonly days: readonly DayOffer[];
  readonly partySize: number;
};

const daysMax = 3;

export function SeatsNow({ wanted, train, trains, days, partySize }: Props) {
  const messages = useMessages();
  const seatsLeft = useSeatsLeft();
  const texts = useWaitlistMessages();
  const title = useId();
  const others = useMemo(
    () => alternativesTo({ ...wanted, departAt: train.departAt }, trains, partySize),
    [wanted, train.departAt, trains, partySize],
  );
  const shown = [...others.classes, ...others.trains];
  const stations = useMemo<readonly Named[]>(() => others.trains.map((other) => other.train.from), [others]);
  const { nameOf } = useStationNames(stations);
  const otherDays = days
    .filter(({ date, lowestFen }) => date !== wanted.date && lowestFen !== null)
    .toSorted((a, b) => distance(a.date, wanted.date) - distance(b.date, wanted.date))
    .slice(0, daysMax)
    .toSorted((a, b) => daysFrom(b.date, a.date));
  const nothing = shown.length + otherDays.length === 0;
  return (
    <section className="seats-now" aria-labelledby={title}>
      <h2 id={title}>{texts.seatsNow}</h2>
      {nothing && <p className="soft note">{texts.seatsNowNone}</p>}
      <ul>
        {shown.map(({ train: other, offer }) => (
          <li key={`${wayKey(other)} ${offer.seatClass}`}>
            <Link className="seat-now" to={bookAddress({ ...wanted, train: other, seatClass: offer.seatClass })}>
              <span className="seat-now-head">
                <b className="number">
                  {other.trainNumber} {timeOf(other.departAt)}
                </b>
                <span className="number">{messages.money(offer.fareFen)}</span>
              </span>
              <small className="soft">
                {messages.classes[offer.seatClass]} · {seatsLeft(offer.free)}
              </small>
              <small className="soft">
                {other === train ? (
                  texts.sameTrain
                ) : (
                  <>
                    {apartText(other, train, messages)} · <ForeignText>{nameOf(other.from)}</ForeignText>
                  </>
                )}
              </small>
            </Link>
          </li>
        ))}
        {otherDays.map(({ date, lowestFen }) => (
          <li key={date}>
            <Link className="seat-now" to={listAddress({ ...wanted, date })}>
              <span className="seat-now-head">
                <b>{dayText(date, messages)}</b>
              </span>
              <small className="soft number">{messages.search.lowest(messages.money(lowestFen!))}</small>
              <small className="soft">{texts.otherDays}</small>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

const distance = (date: string, from: string): number => Math.abs(daysFrom(date, from));
