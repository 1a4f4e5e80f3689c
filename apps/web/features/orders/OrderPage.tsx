/** One order on its way: seats and what could not be honoured, payment and its clock, tickets, refunds. It updates by itself. */
import type { Order, SeatPreference } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, useEffect, useMemo, useState } from "react";
import { ask } from "../../lib/api.ts";
import { leftUntil, useServerNow } from "../../lib/clock.ts";
import { dateOf, dayText, seatText, timeOf } from "../../lib/format.ts";
import { ForeignText, Notice, Spinner, useTitle } from "../../lib/components.tsx";
import { type LegAddress, legsAddress, legsMax } from "../../lib/legsAddress.ts";
import { linesOf, stationsOf, ticketsOn, type Trip, tripsOf } from "../../lib/orderLines.ts";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link, navigate } from "@chepiao/ui";
import { kept } from "../../lib/storage.ts";
import { FreeChild } from "../../lib/FreeChild.tsx";
import { Journey } from "../../lib/JourneyBox.tsx";
import { useRailwayRules } from "../../lib/railwayRules.ts";
import { RefundRules } from "../../lib/RefundSteps.tsx";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";
import { changeAddress } from "../change/address.ts";
import { changeableLines } from "../change/changeable.ts";
import { ChangedTickets, Replaces } from "../change/Changed.tsx";
import { useChangeMessages } from "../change/useChangeMessages.ts";
import { forgetDraft, meetsWish, wishesOfOrder } from "../book/draft.ts";
import { AskFirst } from "./AskFirst.tsx";
import { Because } from "./Because.tsx";
import { type Line as Connection, noteOrder, useOrder } from "./follow.ts";
import { LoginAgain } from "./LoginFirst.tsx";
import { NotThere } from "./NotThere.tsx";
import { BackFromBank, PayBox, useAskWhenOver } from "./PayBox.tsx";
import { receiptAddress, useReceiptMessages } from "../receipt/useReceiptMessages.ts";
import { StatusOfOrder } from "../status/Status.tsx";
import { useLinesOff } from "../status/status.ts";
import { RefundDialog, refundQuote } from "./RefundDialog.tsx";
import { Returned } from "./Returned.tsx";
import { TicketFace } from "./TicketFace.tsx";
import { TripActions } from "./TripActions.tsx";
import { useMoneyBack } from "./useMoneyBack.ts";
import { usePay } from "./usePay.ts";

export function OrderPage({ orderNo }: { readonly orderNo: string }) {
  const messages = useMessages();
  const { order, query, line, isOld } = useOrder(orderNo);
  useTitle(order ? messages.order.states[order.state] : messages.order.title);
  if (!order) {
    const unknown = { code: "OrderUnknown", title: messages.order.unknown } as const;
    return <NotThere title={messages.order.title} query={query} unknown={unknown} />;
  }
  return <OrderView order={order} line={line} isOld={isOld} error={query.error} />;
}

type OrderViewProps = {
  readonly order: Order;
  readonly line: Connection;
  readonly isOld: boolean;
  /** Of the last time it was asked for. */
  readonly error: Error | null;
};

function OrderView({ order, line, isOld, error }: OrderViewProps) {
  const { messages } = useLanguage();
  const ticketTexts = useTicketMessages();
  const texts = useChangeMessages();
  const [refunding, setRefunding] = useState(false);
  const stations = useMemo<readonly Named[]>(() => stationsOf(order), [order]);
  const { nameOf } = useStationNames(stations);
  const shown = shownState(order);
  const hasTickets = order.tickets.some(({ state }) => state === "issued" || state === "used");
  const canRefund = useCanRefund(order);
  useEffect(() => {
    if (order.state === "ticketed") forgetDraft();
  }, [order.state]);
  return (
    <div className="page narrow order">
      <Link className="back no-print" to="/orders">
        ‹ {messages.nav.orders}
      </Link>
      <LoginAgain error={error} />
      <header className="order-head no-print">
        <div>
          <h1 className={`state ${toneOf(shown)}`}>
            {shown === "accepted" || shown === "paid" ? <Spinner /> : null}
            {messages.order.states[shown]}
          </h1>
          {shown in messages.order.notes && !order.replaces && (
            <p className="soft">{messages.order.notes[shown as keyof typeof messages.order.notes]}</p>
          )}
        </div>
        <p className="hidden" role="status">
          {messages.order.states[shown]}
        </p>
        {line !== "closed" && (
          <p className={`line-state ${line}`}>{line === "live" ? messages.order.live : messages.order.polling}</p>
        )}
      </header>
      {isOld && <Notice kind="warn" title={messages.order.offline} />}
      {order.endedBecause !== null && <Because code={order.endedBecause} />}
      <LatePayment order={order} />
      {order.replaces && <Replaces order={order} replaces={order.replaces} />}
      <ChangedTickets order={order} />
      <Returned order={order} />
      <div className="order-side">
        {shown === "pendingPayment" && <Pay order={order} />}
        {(hasTickets || order.state === "pendingPayment" || order.state === "refunded") && (
          <StatusOfOrder order={order} nameOf={nameOf} />
        )}
        {!hasTickets && <Trips order={order} nameOf={nameOf} />}
        <Facts order={order} />
      </div>
      {hasTickets ? (
        <section aria-labelledby="tickets-title" className="tickets">
          <div className="section-head no-print">
            <h2 id="tickets-title">{ticketTexts.tickets}</h2>
            <div className="buttons">
              <TripActions order={order} nameOf={nameOf} />
              <ChangeLink order={order} isOld={isOld} />
              {canRefund && (
                <button type="button" className="button small" disabled={isOld} onClick={() => setRefunding(true)}>
                  {ticketTexts.refund}
                </button>
              )}
            </div>
          </div>
          <div className="ticket-row">
            {linesOf(order).map((way) =>
              ticketsOn(order, way).map((ticket) => (
                <TicketFace key={ticket.ticketNo} way={way} ticket={ticket} nameOf={nameOf} />
              )),
            )}
          </div>
        </section>
      ) : (
        <Seats order={order} />
      )}
      {isEnded.has(order.state) && (
        <Link className="button no-print" to={againAddress(order)}>
          {order.replaces && !isOver(order) ? texts.again : messages.order.orderAgain}
        </Link>
      )}
      {refunding && <RefundDialog order={order} nameOf={nameOf} onClose={() => setRefunding(false)} />}
    </div>
  );
}

/** What is valid, and what time or a gate has taken for used though its train did not run: feeds forget that sooner than the platform. */
function useCanRefund({ orderNo, state, tickets }: Order): boolean {
  const isValid = state === "ticketed" && tickets.some((ticket) => ticket.state === "issued");
  const isAsked = !isValid && tickets.some((ticket) => ticket.state === "used");
  const quote = useQuery({ ...refundQuote(orderNo), enabled: isAsked });
  return isValid || (isAsked && (quote.data?.tickets.some(({ refundable }) => refundable) ?? false));
}

/** Of an order that replaces tickets and is carried by their payment nothing is to be paid: it is about to be ticketed. */
const shownState = ({ state, replaces }: Order): Order["state"] =>
  state === "pendingPayment" && replaces?.isCarried ? "paid" : state;

/** Where the railway changes tickets, and this order has some that may be. */
function ChangeLink({ order, isOld }: { readonly order: Order; readonly isOld: boolean }) {
  const texts = useChangeMessages();
  const rules = useRailwayRules()?.change;
  const now = useServerNow(nowEveryMs);
  const off = useLinesOff(order);
  const changeable = isOld ? [] : changeableLines(order, rules, now, off);
  if (changeable.length === 0) return null;
  return (
    <Link className="button small" to={changeAddress(order.orderNo)}>
      {changeable.every(({ line }) => off.has(line.line)) ? texts.otherTrain : texts.change}
    </Link>
  );
}
const nowEveryMs = 15_000;

function Facts({ order }: { readonly order: Order }) {
  const messages = useMessages();
  const receipt = useReceiptMessages();
  return (
    <footer className="order-foot no-print">
      <dl>
        <dt>{messages.order.number}</dt>
        <dd className="number">{order.orderNo}</dd>
        <dt>{messages.order.total}</dt>
        <dd className="number">{messages.money(order.totalFen, true)}</dd>
      </dl>
      <p className="soft">
        {messages.order.placed(`${dayText(dateOf(order.createdAt), messages)} ${timeOf(order.createdAt)}`)}
      </p>
      {order.paidAt !== null && (
        <Link className="button small" to={receiptAddress(order.orderNo)}>
          {receipt.title}
        </Link>
      )}
    </footer>
  );
}

function Trips({ order, nameOf }: { readonly order: Order; readonly nameOf: (station: Named) => string }) {
  const messages = useMessages();
  return tripsOf(linesOf(order)).map((trip) => {
    const arrivalDate = dateOf(trip.arriveAt);
    return (
      <Journey
        key={trip.lines[0]}
        journey={trip}
        nameOf={nameOf}
        about={messages.listOf(trip.seatClasses.map((seatClass) => messages.classes[seatClass]))}
        note={arrivalDate === trip.boardingDate ? null : dayText(arrivalDate, messages)}
      />
    );
  });
}

/**
 * An order that came to nothing is made again as it was: train, class and people. One that was used or given back is another
 * trip by now.
 */
function againAddress(order: Order): string {
  const trips = tripsOf(linesOf(order));
  const [first, last] = [trips[0]!, trips.at(-1)!];
  const [from, to] = [first.from.stationId, last.to.stationId];
  if (isOver(order)) return `/?${new URLSearchParams({ from, to: from === to ? first.to.stationId : to }).toString()}`;
  const before = chosenAt(order);
  if (before) return before;
  const search = { from, to, date: first.boardingDate };
  // An address says few legs, in one class each: what it cannot say is looked for anew.
  if (trips.length > legsMax || trips.some(({ seatClasses }) => seatClasses.length > 1))
    return `/?${new URLSearchParams(search).toString()}`;
  if (trips.length > 1) return legsAddress(trips.map(legOf), search);
  const { trainNumber: train, originDate: origin } = first;
  const query = new URLSearchParams({
    ...search,
    board: from,
    alight: to,
    train,
    origin,
    class: first.seatClasses[0]!,
  });
  return `/book?${query.toString()}`;
}

const isOver = ({ state }: Order) => state === "completed" || state === "refunded" || state === "changed";

/** Where it was asked for. */
const chosenAt = ({ orderNo, replaces }: Order): string | null =>
  replaces ? changeAddress(replaces.orderNo) : kept("session", `bookedAt.${orderNo}`, isAddress);

const legOf = ({ trainNumber, originDate, from, to, seatClasses }: Trip): LegAddress => ({
  trainNumber,
  originDate,
  from: from.stationId,
  to: to.stationId,
  seatClass: seatClasses[0]!,
});

const isEnded: ReadonlySet<Order["state"]> = new Set([
  "cancelled",
  "expired",
  "rejected",
  "refunded",
  "changed",
  "completed",
]);

function toneOf(state: Order["state"]): string {
  if (state === "ticketed" || state === "completed") return "good";
  if (state === "pendingPayment") return "key";
  return state === "expired" || state === "rejected" ? "warn" : "";
}

function Seats({ order }: { readonly order: Order }) {
  const messages = useMessages();
  const lines = linesOf(order);
  return (
    <section className="card section" aria-labelledby="seats-title">
      {lines.length > 1 && <h2 id="seats-title">{messages.order.seats}</h2>}
      {lines.map((line) => (
        <Fragment key={line.line}>
          <div className="section-head">
            {lines.length === 1 ? (
              <h2 id="seats-title">{messages.order.seats}</h2>
            ) : (
              <h3 className="number">
                {line.trainNumber} · {messages.classes[line.seatClass]}
              </h3>
            )}
            {ticketsOn(order, line).length > 1 && line.seatClass !== "standing" && !isEnded.has(order.state) && (
              <span className="badge">{messages.order.together[line.together]}</span>
            )}
          </div>
          <SeatList order={order} line={line} />
        </Fragment>
      ))}
    </section>
  );
}

function SeatList({ order, line }: { readonly order: Order; readonly line: { readonly line: number } }) {
  const messages = useMessages();
  const wishes = wishesOfOrder(order.orderNo);
  return (
    <ul className="seat-list">
      {ticketsOn(order, line).map((ticket) => (
        <li key={ticket.ticketNo} className={seatGone.has(ticket.state) ? "released" : ""}>
          <span>
            <strong>
              <ForeignText>{ticket.passengerName}</ForeignText>
            </strong>
            <span className="soft">
              {" "}
              {messages.ticketTypes[ticket.ticketType]} · {ticket.documentMasked}
            </span>
            <FreeChild child={ticket.freeChild} />
            <Unmet wish={wishes[ticket.passengerId]} seat={ticket.seat} />
          </span>
          <span className="seat-of number">{seatText(ticket.seat, messages)}</span>
          <span className="number">{messages.money(ticket.fareFen, true)}</span>
        </li>
      ))}
    </ul>
  );
}

const seatGone: ReadonlySet<Order["tickets"][number]["state"]> = new Set([
  "released",
  "refunding",
  "refunded",
  "changed",
]);

/** Whose wish it was that could not be met, and which. */
function Unmet({ wish, seat }: { readonly wish: SeatPreference | undefined; readonly seat: string }) {
  const messages = useMessages();
  if (wish === undefined || meetsWish(wish, seat)) return null;
  return <small className="badge warn">{messages.order.unmetWish(messages.preferences[wish])}</small>;
}

// Paying

function Pay({ order }: { readonly order: Order }) {
  const messages = useMessages();
  const client = useQueryClient();
  const now = useServerNow();
  const left = leftUntil(order.payBy, now);
  const { orderNo } = order;
  const isApart = linesOf(order).some(
    (line) => ticketsOn(order, line).length > 1 && line.seatClass !== "standing" && line.together !== "adjacent",
  );

  const { pay, isBusy } = usePay(orderNo);
  const cancel = useMutation({
    mutationFn: async (next: "stay" | "rechoose") => {
      const cancelled = await ask("POST /api/order/:orderNo/cancel", { params: { orderNo } });
      return { cancelled, next };
    },
    onSuccess: ({ cancelled, next }) => {
      noteOrder(client, cancelled);
      void client.invalidateQueries({ queryKey: ["orders"] });
      void client.invalidateQueries({ queryKey: ["tickets"] });
      if (next === "rechoose") navigate(chosenAt(order) ?? "/");
    },
    onError: () => void client.invalidateQueries({ queryKey: ["order", orderNo] }),
  });
  useAskWhenOver(left.over, ["order", orderNo]);

  return (
    <>
      {(order.preferencesUnmet > 0 || isApart) && (
        <Notice
          kind="warn"
          title={order.preferencesUnmet > 0 ? messages.order.unmet(order.preferencesUnmet) : messages.order.apartTitle}
          live
        >
          <p>{messages.order.unmetNote}</p>
          <button
            type="button"
            className="button small"
            disabled={cancel.isPending}
            onClick={() => cancel.mutate("rechoose")}
          >
            {messages.order.rechoose}
          </button>
        </Notice>
      )}
      <BackFromBank left={left} note={messages.order.payBy(timeOf(order.payBy))} />
      <PayBox
        label={messages.order.payWithin}
        note={messages.order.payBy(timeOf(order.payBy))}
        amountFen={order.totalFen}
        left={left}
        isBusy={isBusy}
        error={pay.error ?? cancel.error}
        onPay={() => pay.mutate()}
        terms={<RefundRules departAt={order.departAt} />}
      >
        <AskFirst
          button={messages.order.cancel}
          question={messages.order.cancelAsk}
          keep={messages.order.keep}
          isBusy={cancel.isPending}
          onConfirm={() => cancel.mutate("stay")}
        />
      </PayBox>
    </>
  );
}

const isAddress = (value: unknown): value is string => typeof value === "string" && value.startsWith("/book?");

const endedUnpaid: ReadonlySet<Order["state"]> = new Set(["cancelled", "expired"]);

/** Money that came for an order that had already ended: it goes back by itself, and this says so. */
function LatePayment({ order }: { readonly order: Order }) {
  const messages = useMessages();
  const { orderNo } = order;
  const isUnpaid = endedUnpaid.has(order.state);
  const back = useMoneyBack(orderNo, isUnpaid);
  if (!isUnpaid || !back) return null;
  const { sumFen: sum, isSettled } = back;
  return (
    <Notice kind={isSettled ? "good" : "warn"} title={messages.order.lateTitle} live>
      {isSettled ? messages.order.lateSettled(messages.money(sum)) : messages.order.lateNote(messages.money(sum))}
    </Notice>
  );
}
