/** One train: when, where, how long, and for each class what it costs and what is left. Each class is the way to book it. */
import type { ClassOffer, RunStatus, TrainOffer } from "@chepiao/contracts";
import { lazy, memo, Suspense } from "react";
import { durationText } from "../../lib/format.ts";
import type { Named } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { DaysLater, JourneyEnd } from "../../lib/journey.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { useSeatsLeft, useTrainTypeName } from "../../lib/railwayRules.ts";
import { bookAddress } from "../book/bookAddress.ts";
import { stockOf } from "./filter.ts";
import { Opening } from "./Opening.tsx";

const StatusOfWay = lazy(async () => ({ default: (await import("../status/Status.tsx")).StatusOfWay }));

type Props = {
  readonly train: TrainOffer;
  /** What became of it on the day, where something is known. */
  readonly status: RunStatus | undefined;
  readonly classes: readonly ClassOffer[];
  readonly nameOf: (station: Named) => string;
  readonly search: { readonly from: string; readonly to: string; readonly date: string };
  /** Not where the list says it for all of them. */
  readonly showOpening: boolean;
  /** The railway lets people wait for what is sold out. */
  readonly hasWaitlist: boolean;
  /** To something else than a booking. */
  readonly leads?: Leads;
  readonly onStops: (train: TrainOffer) => void;
};

export type Leads = {
  readonly address: (train: TrainOffer, seatClass: ClassOffer["seatClass"]) => string;
  readonly say: (train: string, seatClass: string) => string;
};

export const TrainCard = memo(function TrainCard({
  train,
  status,
  classes,
  nameOf,
  search,
  showOpening,
  hasWaitlist,
  leads,
  onStops,
}: Props) {
  const messages = useMessages();
  const typeName = useTrainTypeName();
  const isOpen = train.sale === "open";
  return (
    <article
      className={isOpen && classes.some(({ sellable }) => sellable) ? "train" : "train quiet"}
      data-train={train.trainNumber}
    >
      <div className="train-main">
        <div className="train-way">
          <JourneyEnd
            at={train.departAt}
            station={nameOf(train.from)}
            besideStation={train.from.first && <span className="hidden"> {messages.search.starts}</span>}
          />
          <div className="train-mid">
            <button type="button" className="train-number" onClick={() => onStops(train)}>
              {train.trainNumber}
              <span className="train-type"> {typeName(train.trainType)}</span>
              <span aria-hidden="true"> ▾</span>
              <span className="hidden">, {messages.search.stops}</span>
            </button>
            <span className="train-duration">{durationText(train.durationMinutes, messages)}</span>
            <span className="train-line" aria-hidden="true" />
          </div>
          <JourneyEnd
            at={train.arriveAt}
            station={nameOf(train.to)}
            last
            besideTime={<DaysLater days={train.arrivesDaysLater} />}
          />
        </div>
        {train.sale === "notYet" && showOpening && <Opening at={train.saleOpensAt} />}
        {status && (
          <Suspense fallback={null}>
            <StatusOfWay status={status} from={train.from} to={train.to} nameOf={nameOf} />
          </Suspense>
        )}
        {train.sale === "closed" && !status?.cancelled && <p className="train-sale">{messages.search.closed}</p>}
      </div>
      <ul className="offers">
        {classes.map((offer) => (
          <li key={offer.seatClass}>
            <Offer
              train={train}
              offer={offer}
              search={search}
              canBook={isOpen && offer.sellable}
              hasWaitlist={hasWaitlist}
              leads={leads}
            />
          </li>
        ))}
      </ul>
    </article>
  );
});

/** A longer one is written smaller: a tile on a phone has no more room. */
const priceLettersMax = 7;

function Offer({
  train,
  offer,
  search,
  canBook,
  hasWaitlist,
  leads,
}: {
  readonly train: TrainOffer;
  readonly offer: ClassOffer;
  readonly search: Props["search"];
  readonly canBook: boolean;
  readonly hasWaitlist: boolean;
  readonly leads: Leads | undefined;
}) {
  const messages = useMessages();
  const seatsLeft = useSeatsLeft();
  const price = messages.money(offer.fareFen);
  const body = (
    <>
      <span className="offer-class">{messages.classes[offer.seatClass]}</span>
      <span className={price.length + (offer.fareNote ? 1 : 0) > priceLettersMax ? "offer-price long" : "offer-price"}>
        {offer.fareNote && <span className="hidden">{messages.search.fromBefore}</span>}
        {price}
        {offer.fareNote && <small>{messages.search.fromAfter}</small>}
      </span>
      <span className={stockTone(offer)}>{stockText(offer, train, messages, seatsLeft)}</span>
    </>
  );
  const isGone = train.sale === "open" && stockOf(offer, train) === "gone";
  const canWait = hasWaitlist && isGone && offer.seatClass !== "standing";
  if (!canBook && !canWait) return <div className="offer none">{body}</div>;
  const choice = { ...search, train, seatClass: offer.seatClass };
  const said = [train.trainNumber, messages.classes[offer.seatClass]] as const;
  return (
    <Link
      className={canBook ? "offer" : "offer none wait"}
      to={leads?.address(train, offer.seatClass) ?? bookAddress(choice, canBook ? "/book" : "/waitlist")}
    >
      {body}
      {!canBook && <span className="offer-wait">{messages.search.wait}</span>}
      <span className="hidden">
        {(leads?.say ?? (canBook ? messages.search.book : messages.search.waitFor))(...said)}
      </span>
    </Link>
  );
}

const fewSeats = 20;
const stockTone = ({ free, sellable }: ClassOffer): string =>
  !sellable ? "offer-left" : free <= fewSeats ? "offer-left few" : "offer-left many";

function stockText(
  offer: ClassOffer,
  train: TrainOffer,
  messages: ReturnType<typeof useMessages>,
  seatsLeft: ReturnType<typeof useSeatsLeft>,
): string {
  if (train.sale !== "open") return " ";
  const stock = stockOf(offer, train);
  if (stock === "sold") return seatsLeft(offer.free);
  if (stock === "kept") return messages.search.keptBack;
  return stock === "waits" ? messages.search.whenFull : messages.search.soldOut;
}
