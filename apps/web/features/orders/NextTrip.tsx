/** The trip that comes next, on the home page: how long it is until it leaves, and what to show at the gate. */
import type { Order } from "@chepiao/contracts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { clockText, leftUntil, useServerNow } from "../../lib/clock.ts";
import { dayText, seatText } from "../../lib/format.ts";
import { ForeignText } from "../../lib/components.tsx";
import { keptOrder } from "../../lib/keptOrders.ts";
import { type ArrivesMs, isTravelledOn, nextTripOf, ticketsOn } from "../../lib/orderLines.ts";
import type { Named } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { useMessages } from "../../lib/messages.tsx";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";
import { readOrder } from "./follow.ts";
import { WayOf } from "./WayOf.tsx";
import { TicketCode } from "./TicketCode.tsx";

/** Codes are of use on the way to the station, and would push everything else down the page before. */
const codesBeforeMs = 24 * 3_600_000;
const staleMs = 60_000;

type Props = {
  readonly order: Order;
  readonly nameOf: (station: Named) => string;
  readonly arrivesMs: ArrivesMs;
};

export function NextTrip({ order, nameOf, arrivesMs }: Props) {
  const messages = useMessages();
  const now = useServerNow();
  const trip = nextTripOf(order, now, arrivesMs);
  return (
    <section className="card next-trip" aria-label={messages.home.nextTrip}>
      <p className="next-trip-when">
        <strong className="number" role="timer">
          {leavesText(trip, now, messages)}
        </strong>
        <span className="soft number">
          {trip.trainNumber} · {dayText(trip.boardingDate, messages)}
        </span>
      </p>
      <p className="number">
        <WayOf trip={trip} nameOf={nameOf} />
      </p>
      {Date.parse(trip.departAt) - now < codesBeforeMs && <Tickets orderNo={order.orderNo} lines={trip.lines} />}
      <Link className="button small" to={`/order/${order.orderNo}`}>
        {messages.home.openTicket}
      </Link>
    </section>
  );
}

/** Lists of orders carry no codes: they come with the order itself, or with what was kept of it. */
function Tickets({ orderNo, lines }: { readonly orderNo: string; readonly lines: readonly number[] }) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  const client = useQueryClient();
  const [before] = useState(() => keptOrder(orderNo));
  const found = useQuery({
    queryKey: ["order", orderNo],
    queryFn: () => readOrder(client, orderNo),
    staleTime: staleMs,
  });
  const shown = found.data ?? before;
  const tickets = shown ? lines.flatMap((line) => ticketsOn(shown, { line })) : [];
  return (
    <ul className="next-tickets">
      {tickets.filter(isTravelledOn).map(({ ticketNo, passengerName, seat, code }) => (
        <li key={ticketNo}>
          <p>
            <strong className="number">{seatText(seat, messages)}</strong> <ForeignText>{passengerName}</ForeignText>
          </p>
          {code !== undefined && <TicketCode text={code} label={ticketTexts.codeAlt(passengerName)} />}
        </li>
      ))}
    </ul>
  );
}

/** Days and hours from afar, a clock on the last day. */
export function leavesText(
  { departAt }: Pick<Order, "departAt">,
  nowMs: number,
  messages: ReturnType<typeof useMessages>,
): string {
  const left = leftUntil(departAt, nowMs);
  if (left.over) return messages.home.underWay;
  const { days, hours } = left;
  const text = days === 0 ? clockText(left) : `${messages.help.days(days)} ${messages.help.hours(hours)}`;
  return messages.home.leavesIn(text);
}
