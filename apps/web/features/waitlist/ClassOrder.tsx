/** In which classes somebody would travel, in order of preference. */
import type { SeatClass, TrainOffer } from "@chepiao/contracts";
import { useId } from "react";
import { useMessages } from "../../lib/messages.tsx";
import { useSeatsLeft } from "../../lib/railwayRules.ts";
import { hasRoom } from "../book/alternativesTo.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

type Props = {
  readonly train: TrainOffer;
  /** Of the train and of those that are waited for beside it. */
  readonly offered: readonly SeatClass[];
  readonly chosen: readonly SeatClass[];
  readonly partySize: number;
  readonly onChange: (classes: readonly SeatClass[]) => void;
};

export function ClassOrder({ train, offered, chosen, partySize, onChange }: Props) {
  const messages = useMessages();
  const seatsLeft = useSeatsLeft();
  const texts = useWaitlistMessages();
  const note = useId();
  return (
    <fieldset aria-describedby={note}>
      <legend className="section-title">{texts.classes}</legend>
      <p className="soft note" id={note}>
        {texts.classesNote}
      </p>
      <div className="chips wait-classes">
        {offered.map((seatClass) => {
          const nth = chosen.indexOf(seatClass) + 1;
          const offer = train.classes.find((each) => each.seatClass === seatClass);
          const isThere = offer !== undefined && hasRoom(offer, partySize);
          return (
            <button
              key={seatClass}
              type="button"
              className="chip"
              aria-pressed={nth > 0}
              onClick={() => onChange(nth > 0 ? chosen.filter((each) => each !== seatClass) : [...chosen, seatClass])}
            >
              {nth > 0 && chosen.length > 1 && (
                <span className="chip-count">
                  <span aria-hidden="true">{nth}</span>
                  <span className="hidden">{texts.nthChoice(nth)} </span>
                </span>
              )}
              {messages.classes[seatClass]}
              {offer && <small>{isThere ? seatsLeft(offer.free) : messages.money(offer.fareFen)}</small>}
            </button>
          );
        })}
      </div>
    </fieldset>
  );
}
