/** Some of a party in another class of the same train: closed until somebody wants it. */
import type { Passenger, SeatClass, TrainOffer } from "@chepiao/contracts";
import { ForeignText } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { type ClassGroup, mayMoveTo } from "./classGroups.ts";

type Props = {
  readonly train: TrainOffer;
  readonly party: readonly Passenger[];
  readonly groups: readonly ClassGroup[];
  /** That of the page. */
  readonly main: SeatClass;
  readonly onChoose: (passengerId: number, seatClass: SeatClass) => void;
};

export function ClassOfEach({ train, party, groups, main, onChoose }: Props) {
  const messages = useMessages();
  const classOf = (passenger: Passenger) => groups.find((group) => group.party.includes(passenger))?.offer.seatClass;
  const taken = groups.map(({ offer }) => offer.seatClass);
  const offers = train.classes.filter((offer) => mayMoveTo(offer) || taken.includes(offer.seatClass));
  if (party.length < 2 || offers.length < 2) return null;
  return (
    <details className="card section rules" open={taken.some((seatClass) => seatClass !== main)}>
      <summary>{messages.book.mixedClasses}</summary>
      <ul className="plain-list class-of-each">
        {party.map((passenger) => (
          <li key={passenger.passengerId}>
            <ForeignText>{passenger.name}</ForeignText>
            <select
              className="select"
              aria-label={messages.book.classOf(passenger.name)}
              value={classOf(passenger)}
              onChange={(event) => onChoose(passenger.passengerId, event.target.value as SeatClass)}
            >
              {offers.map(({ seatClass, fareFen }) => (
                <option key={seatClass} value={seatClass}>
                  {messages.classes[seatClass]} · {messages.money(fareFen)}
                </option>
              ))}
            </select>
          </li>
        ))}
      </ul>
    </details>
  );
}
