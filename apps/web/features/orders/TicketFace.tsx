/** A ticket as it is shown at the gate and printed: way, seat, person, and the signed code, drawn here from the order itself. */
import type { Order, OrderTicket } from "@chepiao/contracts";
import encodeQr from "qr";
import { useMemo } from "react";
import { dayText, seatText, timeOf, yuan } from "../../lib/format.ts";
import type { Named } from "../../lib/places.ts";
import { readSeat } from "../../lib/seat.ts";
import { Said } from "../../lib/parts.tsx";
import { useWords } from "../../lib/words.tsx";

type Props = { readonly order: Order; readonly ticket: OrderTicket; readonly nameOf: (station: Named) => string };

export function TicketFace({ order, ticket, nameOf }: Props) {
  const words = useWords();
  const printed = readSeat(ticket.seat);
  const isValid = ticket.state === "issued";
  return (
    <article
      className={isValid ? "ticket" : "ticket void"}
      aria-label={`${words.ticket.title} ${ticket.passengerName}`}
    >
      <div className="ticket-main">
        <header>
          <span className="ticket-train number">{order.trainNumber}</span>
          <span className="number">{dayText(order.boardingDate, words)}</span>
          <span className={isValid ? "badge good" : "badge"}>{words.ticket.states[ticket.state]}</span>
        </header>
        <div className="ticket-way">
          <div>
            <b className="number">{timeOf(order.departAt)}</b>
            <span>
              <Said>{nameOf(order.from)}</Said>
            </span>
          </div>
          <span aria-hidden="true">→</span>
          <div>
            <b className="number">{timeOf(order.arriveAt)}</b>
            <span>
              <Said>{nameOf(order.to)}</Said>
            </span>
          </div>
        </div>
        <p className="ticket-seat number">
          {seatText(ticket.seat, words)}
          <small>{printed?.seat === null ? "" : words.classes[order.seatClass]}</small>
        </p>
        <p>
          <strong>
            <Said>{ticket.passengerName}</Said>
          </strong>{" "}
          <span className="soft">{ticket.documentMasked}</span>
        </p>
        <p className="soft">
          {words.ticketTypes[ticket.ticketType]} · <span className="number">{yuan(ticket.fareFen)}</span>
          <br />
          <small className="number">{ticket.ticketNo}</small>
        </p>
        {ticket.feeFen !== undefined && ticket.refundFen !== undefined && (
          <p className="soft">{words.ticket.refunded(yuan(ticket.feeFen), yuan(ticket.refundFen))}</p>
        )}
      </div>
      {isValid && ticket.code !== undefined && (
        <div className="ticket-code">
          <Code text={ticket.code} label={words.ticket.codeAlt(ticket.passengerName)} />
          <small className="soft">{words.ticket.code}</small>
        </div>
      )}
    </article>
  );
}

/** Always dark on white, whatever the theme: scanners at the gate want it so. */
function Code({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => pathOf(text), [text]);
  return (
    <svg className="code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** A screen is never dirty or torn: fewer and larger cells read better from a hand than more correction does. */
const quietZone = 2;

function pathOf(text: string): { readonly size: number; readonly path: string } {
  const rows = encodeQr(text, "raw", { ecc: "low", border: quietZone });
  const cells = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size: rows.length, path: cells.join("") };
}
