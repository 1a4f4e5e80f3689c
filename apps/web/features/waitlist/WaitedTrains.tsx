/** The trains of an entry: its place in the line of each, until when, or how that train ended for it. */
import type { WaitlistEntryTold } from "@chepiao/contracts";
import { useId } from "react";
import { DaysLater } from "../../lib/journey.tsx";
import { ForeignText } from "../../lib/components.tsx";
import { dateOf, daysLater, dayText, timeOf } from "../../lib/format.ts";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import type { Named } from "../../lib/places.ts";
import { reasonText } from "../orders/Because.tsx";
import { isOpen } from "./useEntry.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

type Props = { readonly entry: WaitlistEntryTold; readonly nameOf: (station: Named) => string };
type Choice = WaitlistEntryTold["choices"][number];

export function WaitedTrains({ entry, nameOf }: Props) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const title = useId();
  const { places } = entry.story;
  return (
    <section className="card section" aria-labelledby={title}>
      <h2 id={title}>{isOpen(entry) ? texts.trains.open : texts.trains.over}</h2>
      <ul className="waited">
        {entry.choices.map((choice) => (
          <li key={choice.choice} className={choice.endedBecause === null ? "" : "over"}>
            <p className="waited-head">
              <strong className="number">
                {choice.trainNumber} · {dayText(choice.boardingDate, messages)}
              </strong>
              <Standing entry={entry} choice={choice} />
            </p>
            <p className="number">
              <span className="part">
                {timeOf(choice.departAt)} <ForeignText>{nameOf(choice.from)}</ForeignText> →
              </span>{" "}
              <span className="part">
                {timeOf(choice.arriveAt)}
                <DaysLater days={daysLater(choice)} /> <ForeignText>{nameOf(choice.to)}</ForeignText>
              </span>
            </p>
            <p className="soft note">
              {messages.listOf(choice.seatClasses.map((seatClass) => messages.classes[seatClass]))}
              {isOpen(entry) && choice.endedBecause === null && (
                <span className="number"> · {texts.decideBy(momentText(choice.decideBy, messages))}</span>
              )}
            </p>
            {choice.addedAt !== null && (
              <p className="soft note number">{texts.addedOn(momentText(choice.addedAt, messages))}</p>
            )}
            <EndedBecause choice={choice} />
          </li>
        ))}
      </ul>
      {isOpen(entry) && entry.addedTrains && (
        <p className="soft note">
          {texts.acceptsAdded(messages.listOf(entry.addedTrains.dates.map((date) => dayText(date, messages))))}
        </p>
      )}
      {places.length > 0 && <p className="soft note">{texts.placeNote}</p>}
    </section>
  );
}

/** Where it stands with one train. */
function Standing({ entry, choice }: { readonly entry: WaitlistEntryTold; readonly choice: Choice }) {
  const texts = useWaitlistMessages();
  const place = entry.story.places.find((each) => each.choice === choice.choice)?.place;
  if (place !== undefined) return <span className="badge key">{texts.place(place)}</span>;
  return choice.endedBecause === "WaitlistTooLate" ? <span className="badge">{texts.tooLateForIt}</span> : null;
}

function EndedBecause({ choice }: { readonly choice: Choice }) {
  const { language } = useLanguage();
  const { endedBecause } = choice;
  if (endedBecause === null || endedBecause === "WaitlistTooLate") return null;
  const text = reasonText(endedBecause, language);
  return text === null ? null : <p className="note warn-text">{text}</p>;
}

const momentText = (at: string, messages: ReturnType<typeof useMessages>): string =>
  `${dayText(dateOf(at), messages)} ${timeOf(at)}`;
