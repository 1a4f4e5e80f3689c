/** What an order has cost, ticket by ticket, to be printed; and the same as data, for whoever makes an invoice of it. */
import type { Receipt, ReceiptTicket } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "../../lib/api.ts";
import { ForeignText, useTitle } from "../../lib/components.tsx";
import { dateOf, seatText, timeOf } from "../../lib/format.ts";
import { FreeChild } from "../../lib/FreeChild.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";
import { NotThere } from "../orders/NotThere.tsx";
import { useReceiptMessages } from "./useReceiptMessages.ts";

export function ReceiptPage({ orderNo }: { readonly orderNo: string }) {
  const texts = useReceiptMessages();
  const query = useQuery({
    queryKey: ["receipt", orderNo],
    queryFn: () => ask("GET /api/order/:orderNo/receipt", { params: { orderNo } }),
    staleTime: 0,
  });
  useTitle(texts.title);
  if (query.data) return <ReceiptView receipt={query.data} />;
  return <NotThere title={texts.title} query={query} unknown={{ code: "OrderUnknown", title: texts.unknown }} />;
}

function ReceiptView({ receipt }: { readonly receipt: Receipt }) {
  const messages = useMessages();
  const texts = useReceiptMessages();
  const stations = useMemo<readonly Named[]>(() => receipt.tickets.flatMap(({ from, to }) => [from, to]), [receipt]);
  const { nameOf } = useStationNames(stations);
  return (
    <div className="page narrow receipt">
      <Link className="back no-print" to={`/order/${receipt.orderNo}`}>
        ‹ {texts.toOrder}
      </Link>
      <div className="section-head">
        <h1>{texts.title}</h1>
        <div className="buttons no-print">
          <button type="button" className="button small" onClick={() => print()}>
            {texts.print}
          </button>
          <button type="button" className="button small" onClick={() => save(receipt)}>
            {texts.data}
          </button>
        </div>
      </div>
      <dl className="sums card section">
        <dt>{messages.order.number}</dt>
        <dd className="number">{receipt.orderNo}</dd>
        <dt>{texts.buyer}</dt>
        <dd>
          <ForeignText>{receipt.buyer.name}</ForeignText>
        </dd>
        <dt>{texts.payment}</dt>
        <dd className="number">{receipt.paymentNo}</dd>
        <dt>{texts.paidAt}</dt>
        <dd className="number">{momentText(receipt.paidAt)}</dd>
        <dt>{texts.printedAt}</dt>
        <dd className="number">{momentText(receipt.now)}</dd>
      </dl>
      {receipt.replaces !== undefined && <p className="soft">{texts.replaces(receipt.replaces)}</p>}
      {receipt.tickets.map((ticket) => (
        <TicketOnReceipt key={ticket.ticketNo} ticket={ticket} nameOf={nameOf} />
      ))}
      <section className="card section" aria-label={texts.total}>
        <h2>{texts.total}</h2>
        <dl className="sums">
          <Amount name={texts.paid} fen={receipt.paidFen} isAlwaysSaid />
          <Amount name={texts.carriedIn} fen={receipt.carriedInFen} />
          <Amount name={texts.fee} fen={receipt.feeFen} />
          <Amount name={texts.refund} fen={receipt.refundFen} />
          <Amount name={texts.carried} fen={receipt.carriedFen} />
          <Amount name={texts.spent} fen={receipt.spentFen} isAlwaysSaid />
        </dl>
      </section>
      <p className="soft">{texts.note}</p>
    </div>
  );
}

function TicketOnReceipt({
  ticket,
  nameOf,
}: {
  readonly ticket: ReceiptTicket;
  readonly nameOf: (station: Named) => string;
}) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  const texts = useReceiptMessages();
  return (
    <article className="card section" aria-label={ticket.ticketNo}>
      <div className="section-head">
        <h2>
          <span className="number">{ticket.trainNumber}</span>{" "}
          <ForeignText>{`${nameOf(ticket.from)} → ${nameOf(ticket.to)}`}</ForeignText>
        </h2>
        <span className="badge">{ticketTexts.states[ticket.state]}</span>
      </div>
      <p className="number">
        {momentText(ticket.departAt)} – {momentText(ticket.arriveAt, dateOf(ticket.departAt))}
      </p>
      <p>
        <ForeignText>{ticket.passengerName}</ForeignText>{" "}
        <span className="soft">
          {messages.documents[ticket.documentType]} {ticket.documentMasked} · {messages.ticketTypes[ticket.ticketType]}
        </span>
        <FreeChild child={ticket.freeChild} />
      </p>
      <dl className="sums">
        <dt>{texts.seat}</dt>
        <dd className="number">
          {messages.classes[ticket.seatClass]} {seatText(ticket.seat, messages)}
        </dd>
        <Amount name={texts.fare} fen={ticket.fareFen} isAlwaysSaid />
        <Amount name={texts.fee} fen={ticket.feeFen} isAlwaysSaid={ticket.spentFen === 0} />
        <Amount name={texts.refund} fen={ticket.refundFen} />
        <Amount name={texts.carried} fen={ticket.carriedFen} />
      </dl>
      <p className="soft number">
        {ticket.ticketNo}
        {ticket.replacedBy !== undefined && ` · ${texts.replacedBy(ticket.replacedBy)}`}
      </p>
    </article>
  );
}

/** With its year, and for everybody alike: receipts are kept. A day that was just said is not said again. */
const momentText = (instant: string, said?: string): string =>
  dateOf(instant) === said ? timeOf(instant) : `${dateOf(instant)} ${timeOf(instant)}`;

/** What is nothing is not said, where it would be of no interest. */
function Amount(props: { readonly name: string; readonly fen: number; readonly isAlwaysSaid?: boolean }) {
  const messages = useMessages();
  if (props.fen === 0 && !props.isAlwaysSaid) return null;
  return (
    <>
      <dt>{props.name}</dt>
      <dd className="number">{messages.money(props.fen, true)}</dd>
    </>
  );
}

function save(receipt: Receipt): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 2)], { type: "application/json" }));
  link.download = `receipt-${receipt.orderNo}.json`;
  link.click();
  // Some browsers read it only after the click is over.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
