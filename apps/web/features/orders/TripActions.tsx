/** Taking a trip along: into a calendar, to another person, onto paper. */
import type { Order } from "@chepiao/contracts";
import { useState } from "react";
import { dateOf, daysLater, dayText, seatText, timeOf } from "../../lib/format.ts";
import { isTravelledOn, ticketsOn, type Trip, tripsLeft } from "../../lib/orderLines.ts";
import type { Named } from "../../lib/places.ts";
import { useMessages } from "../../lib/messages.tsx";
import { Link } from "@chepiao/ui";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";
import type { Messages } from "../../messages/zh.ts";
import { saveCalendar } from "./calendar.ts";
import { isForStaff, StaffCard } from "./StaffCard.tsx";
import { wayBackAddress } from "./wayBack.ts";

type Props = { readonly order: Order; readonly nameOf: (station: Named) => string };

export function TripActions({ order, nameOf }: Props) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  const [showsStaff, setShowsStaff] = useState(false);
  const back = wayBackAddress(order);
  return (
    <>
      {back !== null && (
        <Link className="button small" to={back}>
          {ticketTexts.wayBack}
        </Link>
      )}
      {isForStaff(order, nameOf) && (
        <button type="button" className="button small" onClick={() => setShowsStaff(true)}>
          {ticketTexts.toStaff}
        </button>
      )}
      {showsStaff && <StaffCard order={order} onClose={() => setShowsStaff(false)} />}
      <button type="button" className="button small" onClick={() => saveTrips(order, nameOf, messages)}>
        {ticketTexts.calendar}
      </button>
      {canShare() && <ShareButton order={order} nameOf={nameOf} />}
      <button type="button" className="button small" onClick={() => print()}>
        {ticketTexts.print}
      </button>
    </>
  );
}

/** Behind plain HTTP a browser has neither. */
const canShare = (): boolean => "share" in navigator || "clipboard" in navigator;

/** Who it is sent to sees the trip and finds the train; whose order it is and who travels stays here. */
function ShareButton({ order, nameOf }: Props) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  const [isCopied, setCopied] = useState(false);
  const trips = tripsLeft(order);
  const [first, last] = [trips[0]!, trips.at(-1)!];
  // There and back ends where it began.
  const { to } = last.to.stationId === first.from.stationId ? first : last;
  const query = new URLSearchParams({ from: first.from.stationId, to: to.stationId, date: first.boardingDate });
  const url = `${location.origin}/?${query.toString()}`;
  async function share() {
    const text = trips.map((trip) => tripText(trip, nameOf, messages)).join("\n");
    const title = trips.map((trip) => titleOf(trip, nameOf)).join(", ");
    if ("share" in navigator) return navigator.share({ title, text, url }).catch(() => {});
    await (navigator as Navigator).clipboard.writeText(`${text}\n${url}`);
    setCopied(true);
  }
  return (
    <button type="button" className="button small" onClick={() => void share().catch(() => {})}>
      <span role="status">{isCopied ? ticketTexts.copied : ticketTexts.share}</span>
    </button>
  );
}

type Way = Pick<Trip, "arriveAt" | "boardingDate" | "departAt" | "from" | "to" | "trainNumber">;

const titleOf = (way: Way, nameOf: Props["nameOf"]): string =>
  `${way.trainNumber} ${nameOf(way.from)} → ${nameOf(way.to)}`;

export function tripText(way: Way, nameOf: Props["nameOf"], messages: Messages): string {
  const arrives = daysLater(way) > 0 ? `${dayText(dateOf(way.arriveAt), messages)} ` : "";
  return [
    `${way.trainNumber} · ${dayText(way.boardingDate, messages)}`,
    `${timeOf(way.departAt)} ${nameOf(way.from)} → ${arrives}${timeOf(way.arriveAt)} ${nameOf(way.to)}`,
  ].join("\n");
}

function saveTrips(order: Order, nameOf: Props["nameOf"], messages: Messages): void {
  const trips = tripsLeft(order).map((trip) => ({
    ...trip,
    id: trip.lines[0] === 0 ? order.orderNo : `${order.orderNo}-${trip.lines[0]}`,
    title: titleOf(trip, nameOf),
    place: nameOf(trip.from),
    notes: trip.lines
      .flatMap((line) => ticketsOn(order, { line }))
      .filter(isTravelledOn)
      .map(({ seat, passengerName }) => `${seatText(seat, messages)} ${passengerName}`),
    url: `${location.origin}/order/${order.orderNo}`,
    now: order.now,
  }));
  saveCalendar(trips, `${order.trainNumber}-${order.boardingDate}`);
}
