/** One train: when, where, how long, and for each class what it costs and what is left. Each class is the way to book it. */
import type { ClassOffer, TrainOffer } from "@chepiao/contracts";
import { memo } from "react";
import { clockText, leftUntil, useServerNow } from "../../lib/clock.ts";
import { dateOf, dayText, durationText, timeOf, yuan } from "../../lib/format.ts";
import type { Named } from "../../lib/places.ts";
import { Link } from "../../lib/router.tsx";
import { TripEnd } from "../../lib/trip.tsx";
import { useWords } from "../../lib/words.tsx";
import { bookAddress } from "../book/address.ts";
import { stockOf } from "./filter.ts";

type Props = {
  readonly train: TrainOffer;
  readonly classes: readonly ClassOffer[];
  readonly nameOf: (station: Named) => string;
  readonly search: { readonly from: string; readonly to: string; readonly date: string };
  readonly onStops: (train: TrainOffer) => void;
};

export const TrainCard = memo(function TrainCard({ train, classes, nameOf, search, onStops }: Props) {
  const words = useWords();
  const isOpen = train.sale === "open";
  return (
    <article
      className={isOpen && classes.some(({ sellable }) => sellable) ? "train" : "train quiet"}
      data-train={train.trainNumber}
    >
      <div className="train-main">
        <div className="train-way">
          <TripEnd
            at={train.departAt}
            station={nameOf(train.from)}
            besideStation={train.from.first && <span className="hidden"> {words.search.starts}</span>}
          />
          <div className="train-mid">
            <button type="button" className="train-number" onClick={() => onStops(train)}>
              {train.trainNumber}
              <span className="hidden">
                {words.types[train.trainType]}, {words.search.stops}
              </span>
            </button>
            <span className="train-duration">{durationText(train.durationMinutes, words)}</span>
            <span className="train-line" aria-hidden="true" />
          </div>
          <TripEnd
            at={train.arriveAt}
            station={nameOf(train.to)}
            last
            besideTime={
              train.arrivesDaysLater > 0 && (
                <abbr className="later" title={words.search.daysLaterLong(train.arrivesDaysLater)}>
                  +{train.arrivesDaysLater}
                  <span className="hidden"> {words.search.daysLaterLong(train.arrivesDaysLater)}</span>
                </abbr>
              )
            }
          />
        </div>
        {train.sale === "notYet" && <Opening at={train.saleOpensAt} />}
        {train.sale === "closed" && <p className="train-sale">{words.search.closed}</p>}
      </div>
      <ul className="offers">
        {classes.map((offer) => (
          <li key={offer.seatClass}>
            <Offer train={train} offer={offer} search={search} canBook={isOpen && offer.sellable} />
          </li>
        ))}
      </ul>
    </article>
  );
});

function Offer({
  train,
  offer,
  search,
  canBook,
}: {
  readonly train: TrainOffer;
  readonly offer: ClassOffer;
  readonly search: Props["search"];
  readonly canBook: boolean;
}) {
  const words = useWords();
  const body = (
    <>
      <span className="offer-class">{words.classes[offer.seatClass]}</span>
      <span className="offer-price">
        {offer.fareNote && <span className="hidden">{words.search.fromBefore}</span>}
        {yuan(offer.fareFen)}
        {offer.fareNote && <small>{words.search.fromAfter}</small>}
      </span>
      <span className={stockTone(offer)}>{stockText(offer, train, words)}</span>
    </>
  );
  if (!canBook) return <div className="offer none">{body}</div>;
  return (
    <Link className="offer" to={bookAddress({ ...search, train, seatClass: offer.seatClass })}>
      {body}
      <span className="hidden">{words.search.book(train.trainNumber, words.classes[offer.seatClass])}</span>
    </Link>
  );
}

const fewSeats = 20;
const stockTone = ({ free, sellable }: ClassOffer): string =>
  !sellable ? "offer-left" : free <= fewSeats ? "offer-left few" : "offer-left many";

function stockText(offer: ClassOffer, train: TrainOffer, words: ReturnType<typeof useWords>): string {
  if (train.sale !== "open") return " ";
  const stock = stockOf(offer, train);
  if (stock === "sold") return words.search.left(offer.free);
  return stock === "waits" ? words.search.whenFull : words.search.soldOut;
}

const dayMs = 86_400_000;

/** Counts by the railway's clock. Far from the opening it says the day; on the last day it counts the seconds. */
function Opening({ at }: { readonly at: string }) {
  const words = useWords();
  const now = useServerNow();
  const left = leftUntil(at, now);
  const isNear = Date.parse(at) - now < dayMs;
  return (
    <p className="train-sale">
      {isNear
        ? words.search.opensIn(clockText(left))
        : words.search.opensAt(`${dayText(dateOf(at), words)} ${timeOf(at)}`)}
    </p>
  );
}
