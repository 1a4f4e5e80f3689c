/** In which class, with what is left of each and what it costs. */
import type { SeatClass, TrainOffer } from "@chepiao/contracts";
import { useId } from "react";
import { useMessages } from "../../lib/messages.tsx";
import { useSeatsLeft } from "../../lib/railwayRules.ts";
import { stockOf } from "../search/filter.ts";

export function ClassChoice(props: {
  readonly train: TrainOffer;
  readonly seatClass: SeatClass;
  readonly onChoose: (seatClass: SeatClass) => void;
}) {
  const messages = useMessages();
  const seatsLeft = useSeatsLeft();
  const group = useId();
  return (
    <fieldset className="class-choice">
      <legend className="section-title">{messages.book.seatClass}</legend>
      <div className="class-row">
        {props.train.classes.map((offer) => {
          const { seatClass, fareFen, fareNote, free, sellable } = offer;
          const stock = stockOf(offer, props.train);
          return (
            <label key={seatClass} className={sellable ? "class-option" : "class-option none"}>
              <input
                type="radio"
                name={group}
                value={seatClass}
                checked={seatClass === props.seatClass}
                disabled={!sellable && seatClass !== props.seatClass}
                onChange={() => props.onChoose(seatClass)}
              />
              <span className="offer-class">{messages.classes[seatClass]}</span>
              <span className="offer-price">
                {fareNote && <span className="hidden">{messages.search.fromBefore}</span>}
                {messages.money(fareFen)}
                {fareNote && <small>{messages.search.fromAfter}</small>}
              </span>
              <span className="offer-left">
                {stock === "sold"
                  ? seatsLeft(free)
                  : stock === "kept"
                    ? messages.search.keptBack
                    : stock === "waits"
                      ? messages.search.whenFullLong
                      : messages.search.soldOut}
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
