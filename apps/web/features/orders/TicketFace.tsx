/** A ticket as it is shown at the gate and printed: way, seat, person, and the signed code, drawn here from the order itself. */
import type { LineView, OrderTicket } from "@chepiao/contracts";
import { dateOf, daysLater, dayText, durationText, minutesOf, seatText, timeOf } from "../../lib/format.ts";
import type { Named } from "../../lib/places.ts";
import { readSeat } from "../../lib/seat.ts";
import { ForeignText } from "../../lib/components.tsx";
import { FreeChild } from "../../lib/FreeChild.tsx";
import { DaysLater, LocalName } from "../../lib/journey.tsx";
import { useLanguage } from "../../lib/messages.tsx";
import { brandIn } from "../../lib/railway.ts";
import { Link } from "@chepiao/ui";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";
import type { TicketMessages } from "../../messages/ticket.zh.ts";
import { trainAddress } from "../trains/addresses.ts";
import { TicketCode } from "./TicketCode.tsx";

type Props = {
  /** Its line of the way. */
  readonly way: Omit<LineView, "line" | "preferencesUnmet">;
  readonly ticket: OrderTicket;
  readonly nameOf: (station: Named) => string;
};

export function TicketFace({ way, ticket, nameOf }: Props) {
  const { messages, language } = useLanguage();
  const ticketTexts = useTicketMessages();
  // On paper nothing else says whose ticket it is.
  const brand = brandIn(language) ?? messages.brand;
  const printed = readSeat(ticket.seat);
  // The platform signs the code of a used one for as long as it is shown to anybody.
  const isValid = ticket.state === "issued" || (ticket.state === "used" && ticket.code !== undefined);
  return (
    <article className={isValid ? "ticket" : "ticket void"} aria-label={`${ticketTexts.title} ${ticket.passengerName}`}>
      <div className="ticket-main">
        <header>
          <b className="print-only">{brand}</b>
          <Link
            className="ticket-train number"
            to={trainAddress(way.trainNumber, way.originDate)}
            aria-label={messages.search.stopsOf(way.trainNumber)}
          >
            {way.trainNumber}
          </Link>
          <span className="number">{dayText(way.boardingDate, messages)}</span>
          <span className={isValid ? "badge good" : "badge"}>{stateText(ticket, ticketTexts)}</span>
        </header>
        <div className="ticket-way">
          <div>
            <b className="number">{timeOf(way.departAt)}</b>
            <span>
              <ForeignText>{nameOf(way.from)}</ForeignText>
              <LocalName station={way.from} nameOf={nameOf} />
            </span>
          </div>
          <span className="ticket-arrow soft">
            <small className="number">{durationText(minutesOf(way), messages)}</small>
            <span aria-hidden="true">→</span>
          </span>
          <div>
            <b className="number">
              {timeOf(way.arriveAt)}
              <DaysLater days={daysLater(way)} />
            </b>
            {daysLater(way) > 0 && <small className="number">{dayText(dateOf(way.arriveAt), messages)}</small>}
            <span>
              <ForeignText>{nameOf(way.to)}</ForeignText>
              <LocalName station={way.to} nameOf={nameOf} />
            </span>
          </div>
        </div>
        <p className="ticket-seat number">
          {seatText(ticket.seat, messages)}
          <small>{printed?.seat === null ? "" : messages.classes[way.seatClass]}</small>
        </p>
        <p>
          <strong>
            <ForeignText>{ticket.passengerName}</ForeignText>
          </strong>{" "}
          <span className="soft">{ticket.documentMasked}</span>
          <FreeChild child={ticket.freeChild} />
        </p>
        <p className="soft">
          {messages.ticketTypes[ticket.ticketType]} · <span className="number">{messages.money(ticket.fareFen)}</span>
          <br />
          <small className="number">{ticket.ticketNo}</small>
          {ticket.showAtGate && (
            <>
              <br />
              <small>{ticketTexts.showAtGate(ticket.ticketType === "student")}</small>
            </>
          )}
        </p>
        {ticket.feeFen !== undefined && ticket.refundFen !== undefined && (
          <p className="soft">
            {ticketTexts.refunded(messages.money(ticket.feeFen), messages.money(ticket.refundFen))}
          </p>
        )}
      </div>
      {isValid && ticket.code !== undefined && (
        <TicketCode text={ticket.code} label={ticketTexts.codeAlt(ticket.passengerName)} />
      )}
    </article>
  );
}

/** Where gates have seen it, when they did; what was given back since is told as that. */
function stateText({ state, enteredAt, leftAt }: OrderTicket, ticketTexts: TicketMessages): string {
  if (state !== "used") return ticketTexts.states[state];
  if (leftAt !== undefined) return ticketTexts.left(timeOf(leftAt));
  return enteredAt === undefined ? ticketTexts.states.used : ticketTexts.entered(timeOf(enteredAt));
}
