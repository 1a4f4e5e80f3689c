/** An order in one glance, as a link to it; beside one that waits for its money, the way to pay. */
import type { Order } from "@chepiao/contracts";
import { clockText, leftUntil, useServerNow } from "../../lib/clock.ts";
import { dayText } from "../../lib/format.ts";
import { ForeignText, Notice, useErrorText } from "../../lib/components.tsx";
import { tripsLeft } from "../../lib/orderLines.ts";
import type { Named } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { LoginDeclined } from "../../lib/session.ts";
import { useMessages } from "../../lib/messages.tsx";
import { usePay } from "./usePay.ts";
import { WayOf } from "./WayOf.tsx";

const tones: Partial<Record<Order["state"], string>> = {
  ticketed: "good",
  completed: "good",
  pendingPayment: "key",
  expired: "warn",
  rejected: "warn",
};

export function OrderRow({ order, nameOf }: { readonly order: Order; readonly nameOf: (station: Named) => string }) {
  const messages = useMessages();
  const gone = order.tickets.filter(({ refundFen }) => refundFen !== undefined);
  const changed = gone.filter(({ state }) => state === "changed").length;
  const returned = gone.length - changed;
  // Of an order that was given back or changed in part only the rest travels, and is paid for.
  const valid = gone.length === order.tickets.length ? gone : order.tickets.filter((ticket) => !gone.includes(ticket));
  const keptFen = order.totalFen - gone.reduce((sum, ticket) => sum + goneFen(ticket), 0);
  const trips = tripsLeft(order);
  const names = [...new Map(valid.map(({ passengerId, passengerName }) => [passengerId, passengerName])).values()];
  const classes = [...new Set(trips.flatMap(({ seatClasses }) => seatClasses))];
  const link = (
    <Link to={`/order/${order.orderNo}`} className="card order-row">
      <span className="order-row-head">
        <strong className="number">
          {trips.map(({ trainNumber }) => trainNumber).join(" · ")} · {dayText(trips[0]!.boardingDate, messages)}
        </strong>
        <span className={`badge ${tones[order.state] ?? ""}`}>
          {messages.order.states[order.state]}
          {order.state === "pendingPayment" && <TimeLeft until={order.payBy} />}
        </span>
      </span>
      {trips.map((trip) => (
        <WayOf key={trip.lines[0]} trip={trip} nameOf={nameOf} />
      ))}
      <span className="soft">
        <ForeignText>{messages.listOf(names)}</ForeignText> ·{" "}
        {messages.listOf(classes.map((seatClass) => messages.classes[seatClass]))} ·{" "}
        <span className="number">{messages.money(keptFen)}</span>
        {returned > 0 && ` · ${messages.order.ticketsReturned(returned, order.tickets.length)}`}
        {changed > 0 && ` · ${messages.order.ticketsChanged(changed, order.tickets.length)}`}
      </span>
    </Link>
  );
  if (order.state !== "pendingPayment") return link;
  return (
    <div className="order-item">
      {link}
      <PayNow order={order} />
    </div>
  );
}

/** What is not on this order any more: of a ticket that was changed all but the fee, wherever it went. */
const goneFen = ({ state, fareFen, feeFen = 0, refundFen = 0 }: Order["tickets"][number]): number =>
  state === "changed" ? fareFen - feeFen : refundFen;

function PayNow({ order }: { readonly order: Order }) {
  const messages = useMessages();
  const now = useServerNow();
  const { pay, isBusy } = usePay(order.orderNo);
  const errorText = useErrorText(pay.error);
  if (leftUntil(order.payBy, now).over) return null;
  return (
    <>
      <button type="button" className="button primary" aria-disabled={isBusy} onClick={() => isBusy || pay.mutate()}>
        {isBusy ? messages.order.paying : messages.order.pay(messages.money(order.totalFen))}
      </button>
      {pay.error && !(pay.error instanceof LoginDeclined) && <Notice kind="bad" title={errorText} live />}
    </>
  );
}

function TimeLeft({ until }: { readonly until: string }) {
  const now = useServerNow();
  return <span className="number"> {clockText(leftUntil(until, now))}</span>;
}
