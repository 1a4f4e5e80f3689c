/** Taking a trip along: into a calendar, to another person, onto paper. */
import type { Order } from "@chepiao/contracts";
import { useState } from "react";
import { dateOf, daysLater, dayText, seatText, timeOf } from "../../lib/format.ts";
import type { Named } from "../../lib/places.ts";
import { useMessages } from "../../lib/messages.tsx";
import type { Messages } from "../../messages/zh.ts";
import { calendarOf } from "./calendar.ts";

type Props = { readonly order: Order; readonly nameOf: (station: Named) => string };

export function TripActions({ order, nameOf }: Props) {
  const messages = useMessages();
  return (
    <>
      <button type="button" className="button small" onClick={() => saveCalendar(order, nameOf, messages)}>
        {messages.ticket.calendar}
      </button>
      {canShare() && <ShareButton order={order} nameOf={nameOf} />}
      <button type="button" className="button small" onClick={() => print()}>
        {messages.ticket.print}
      </button>
    </>
  );
}

/** Behind plain HTTP a browser has neither. */
const canShare = (): boolean => "share" in navigator || "clipboard" in navigator;

/** Who it is sent to sees the trip and finds the train; whose order it is and who travels stays here. */
function ShareButton({ order, nameOf }: Props) {
  const messages = useMessages();
  const [isCopied, setCopied] = useState(false);
  const query = new URLSearchParams({
    from: order.from.stationId,
    to: order.to.stationId,
    date: order.boardingDate,
  });
  const url = `${location.origin}/?${query.toString()}`;
  async function share() {
    const text = tripText(order, nameOf, messages);
    if ("share" in navigator) return navigator.share({ title: titleOf(order, nameOf), text, url }).catch(() => {});
    await (navigator as Navigator).clipboard.writeText(`${text}\n${url}`);
    setCopied(true);
  }
  return (
    <button type="button" className="button small" onClick={() => void share().catch(() => {})}>
      <span role="status">{isCopied ? messages.ticket.copied : messages.ticket.share}</span>
    </button>
  );
}

const titleOf = (order: Order, nameOf: Props["nameOf"]): string =>
  `${order.trainNumber} ${nameOf(order.from)} → ${nameOf(order.to)}`;

export function tripText(order: Order, nameOf: Props["nameOf"], messages: Messages): string {
  const arrives = daysLater(order) > 0 ? `${dayText(dateOf(order.arriveAt), messages)} ` : "";
  return [
    `${order.trainNumber} · ${dayText(order.boardingDate, messages)}`,
    `${timeOf(order.departAt)} ${nameOf(order.from)} → ${arrives}${timeOf(order.arriveAt)} ${nameOf(order.to)}`,
  ].join("\n");
}

function saveCalendar(order: Order, nameOf: Props["nameOf"], messages: Messages): void {
  const valid = order.tickets.filter(({ state }) => state === "issued");
  const text = calendarOf({
    ...order,
    title: titleOf(order, nameOf),
    place: nameOf(order.from),
    notes: valid.map(({ seat, passengerName }) => `${seatText(seat, messages)} ${passengerName}`),
    url: `${location.origin}/order/${order.orderNo}`,
  });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/calendar;charset=utf-8" }));
  link.download = `${order.trainNumber}-${order.boardingDate}.ics`;
  link.click();
  // Some browsers read it only after the click is over.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
