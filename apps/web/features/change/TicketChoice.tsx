/** Whose tickets are to be changed: any of one trip. */
import type { Order } from "@chepiao/contracts";
import { ForeignText } from "../../lib/components.tsx";
import { FreeChild } from "../../lib/FreeChild.tsx";
import { dayText, seatText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import type { Named } from "../../lib/places.ts";
import type { ChangeableLine } from "./changeable.ts";
import { useChangeMessages } from "./useChangeMessages.ts";

type Tickets = readonly Order["tickets"][number][];

export function TicketChoice(props: {
  readonly lines: readonly ChangeableLine[];
  readonly chosen: Tickets;
  readonly nameOf: (station: Named) => string;
  readonly onChoose: (ticketNos: readonly string[]) => void;
}) {
  const messages = useMessages();
  const texts = useChangeMessages();
  const { lines, chosen, nameOf } = props;
  const isChosen = (ticketNo: string) => chosen.some((each) => each.ticketNo === ticketNo);
  /** A ticket of another trip takes the place of all of this one. */
  function toggle(ticketNo: string, ofTrip: Tickets) {
    const own = ofTrip.map((each) => each.ticketNo);
    const before = own.filter(isChosen);
    props.onChoose(isChosen(ticketNo) ? before.filter((each) => each !== ticketNo) : [...before, ticketNo]);
  }
  return (
    <section className="card section" aria-labelledby="which-tickets">
      <h2 id="which-tickets">{texts.whichTickets}</h2>
      {lines.length > 1 && <p className="soft">{texts.oneTrip}</p>}
      {lines.map(({ line, tickets }) => (
        <fieldset key={line.line}>
          <legend className="number">
            <strong>{line.trainNumber}</strong> {dayText(line.boardingDate, messages)} {timeOf(line.departAt)}{" "}
            <ForeignText>{`${nameOf(line.from)} → ${nameOf(line.to)}`}</ForeignText>
          </legend>
          <ul className="people">
            {tickets.map((ticket) => (
              <li key={ticket.ticketNo} className={isChosen(ticket.ticketNo) ? "person in" : "person"}>
                <label className="person-label">
                  <input
                    type="checkbox"
                    checked={isChosen(ticket.ticketNo)}
                    onChange={() => toggle(ticket.ticketNo, tickets)}
                  />
                  <span className="person-name">
                    <ForeignText>{ticket.passengerName}</ForeignText>
                  </span>
                  <span className="soft person-doc number">
                    {messages.classes[line.seatClass]} · {seatText(ticket.seat, messages)} ·{" "}
                    {messages.money(ticket.fareFen)}
                    <FreeChild child={ticket.freeChild} />
                  </span>
                </label>
              </li>
            ))}
          </ul>
        </fieldset>
      ))}
    </section>
  );
}
