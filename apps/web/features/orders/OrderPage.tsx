/** One order on its way: seats and what could not be honoured, payment and its clock, tickets, refunds. It updates by itself. */
import { type Order, type Payment, refusals, type SeatPreference } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { clockText, leftUntil, useServerNow } from "../../lib/clock.ts";
import { dateOf, dayText, seatText, timeOf } from "../../lib/format.ts";
import {
  ForeignText,
  Empty,
  Failure,
  Notice,
  SlowNote,
  Spinner,
  useErrorText,
  useTitle,
} from "../../lib/components.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link, navigate, useAddress } from "../../lib/router.tsx";
import { LoginDeclined, openLogin } from "../../lib/session.ts";
import { kept } from "../../lib/storage.ts";
import { Journey } from "../../lib/journey.tsx";
import { RefundRules } from "../../lib/RefundSteps.tsx";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { forgetDraft, meetsWish, wishesOfOrder } from "../book/draft.ts";
import { type Line, noteOrder, useOrder } from "./follow.ts";
import { StatusOfOrder } from "../status/Status.tsx";
import { RefundDialog } from "./RefundDialog.tsx";
import { Returned } from "./Returned.tsx";
import { TicketFace } from "./TicketFace.tsx";
import { TripActions } from "./TripActions.tsx";
import { usePay } from "./usePay.ts";

export function OrderPage({ orderNo }: { readonly orderNo: string }) {
  const messages = useMessages();
  const { order, query, line, isOld } = useOrder(orderNo);
  useTitle(order ? messages.order.states[order.state] : messages.order.title);
  if (!order && query.error instanceof LoginDeclined) return <LoginFirst retry={() => void query.refetch()} />;
  if (!order && query.isError) {
    return (
      <div className="page narrow">
        {isRefused(query.error, "OrderUnknown") ? (
          <Empty
            heading="h1"
            title={messages.order.unknown}
            action={
              <Link className="button primary" to="/orders">
                {messages.order.mine}
              </Link>
            }
          />
        ) : (
          <Failure error={query.error} retry={() => void query.refetch()} />
        )}
      </div>
    );
  }
  if (!order) return <OrderSkeleton />;
  return <OrderView order={order} line={line} isOld={isOld} />;
}

function LoginFirst({ retry }: { readonly retry: () => void }) {
  const messages = useMessages();
  return (
    <div className="page narrow">
      <Empty
        heading="h1"
        title={messages.order.title}
        action={
          <button type="button" className="button primary" onClick={() => void openLogin().then(retry, () => {})}>
            {messages.nav.login}
          </button>
        }
      >
        {messages.order.loginNote}
      </Empty>
    </div>
  );
}

function OrderView({ order, line, isOld }: { readonly order: Order; readonly line: Line; readonly isOld: boolean }) {
  const { messages } = useLanguage();
  const [refunding, setRefunding] = useState(false);
  const stations = useMemo<readonly Named[]>(() => [order.from, order.to], [order.from, order.to]);
  const { nameOf } = useStationNames(stations);
  const hasTickets = order.tickets.some(({ state }) => state === "issued" || state === "used");
  const canRefund = order.state === "ticketed" && order.tickets.some(({ state }) => state === "issued");
  useEffect(() => {
    if (order.state === "ticketed") forgetDraft();
  }, [order.state]);
  return (
    <div className="page narrow order">
      <Link className="back no-print" to="/orders">
        ‹ {messages.nav.orders}
      </Link>
      <header className="order-head no-print">
        <div>
          <h1 className={`state ${toneOf(order.state)}`}>
            {order.state === "accepted" || order.state === "paid" ? <Spinner /> : null}
            {messages.order.states[order.state]}
          </h1>
          {order.state in messages.order.notes && (
            <p className="soft">{messages.order.notes[order.state as keyof typeof messages.order.notes]}</p>
          )}
        </div>
        <p className="hidden" role="status">
          {messages.order.states[order.state]}
        </p>
        {line !== "closed" && (
          <p className={`line-state ${line}`}>{line === "live" ? messages.order.live : messages.order.polling}</p>
        )}
      </header>
      {isOld && <Notice kind="warn" title={messages.order.offline} />}
      {order.endedBecause !== null && <Because code={order.endedBecause} />}
      <LatePayment order={order} />
      <Returned order={order} />
      <div className="order-side">
        {order.state === "pendingPayment" && <Pay order={order} />}
        {(hasTickets || order.state === "pendingPayment") && <StatusOfOrder order={order} nameOf={nameOf} />}
        {!hasTickets && <JourneyOf order={order} nameOf={nameOf} />}
        <Facts order={order} />
      </div>
      {hasTickets ? (
        <section aria-labelledby="tickets-title" className="tickets">
          <div className="section-head no-print">
            <h2 id="tickets-title">{messages.ticket.tickets}</h2>
            <div className="buttons">
              <TripActions order={order} nameOf={nameOf} />
              {canRefund && (
                <button type="button" className="button small" disabled={isOld} onClick={() => setRefunding(true)}>
                  {messages.ticket.refund}
                </button>
              )}
            </div>
          </div>
          <div className="ticket-row">
            {order.tickets.map((ticket) => (
              <TicketFace key={ticket.ticketNo} order={order} ticket={ticket} nameOf={nameOf} />
            ))}
          </div>
        </section>
      ) : (
        <Seats order={order} />
      )}
      {isEnded.has(order.state) && (
        <Link className="button no-print" to={againAddress(order)}>
          {messages.order.orderAgain}
        </Link>
      )}
      {refunding && <RefundDialog order={order} onClose={() => setRefunding(false)} />}
    </div>
  );
}

function Facts({ order }: { readonly order: Order }) {
  const messages = useMessages();
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
    </footer>
  );
}

function JourneyOf({ order, nameOf }: { readonly order: Order; readonly nameOf: (station: Named) => string }) {
  const messages = useMessages();
  const arrivalDate = dateOf(order.arriveAt);
  return (
    <Journey
      journey={order}
      nameOf={nameOf}
      about={messages.classes[order.seatClass]}
      note={arrivalDate === order.boardingDate ? null : dayText(arrivalDate, messages)}
    />
  );
}

/**
 * An order that came to nothing is made again as it was: train, class and people. One that was used or given back is another
 * trip by now.
 */
function againAddress({ state, orderNo, from, to, boardingDate, ...order }: Order): string {
  const isOver = state === "completed" || state === "refunded";
  if (isOver) return `/?${new URLSearchParams({ from: from.stationId, to: to.stationId }).toString()}`;
  const { trainNumber: train, originDate: origin, seatClass } = order;
  const places = { from: from.stationId, to: to.stationId, board: from.stationId, alight: to.stationId };
  const query = new URLSearchParams({ ...places, date: boardingDate, train, origin, class: seatClass });
  return kept("session", `bookedAt.${orderNo}`, isAddress) ?? `/book?${query.toString()}`;
}

const isEnded: ReadonlySet<Order["state"]> = new Set(["cancelled", "expired", "rejected", "refunded", "completed"]);

function toneOf(state: Order["state"]): string {
  if (state === "ticketed" || state === "completed") return "good";
  if (state === "pendingPayment") return "key";
  return state === "expired" || state === "rejected" ? "warn" : "";
}

/** Why a rejected order was rejected, from the catalogue of refusals: it is told in both languages there. */
function Because({ code }: { readonly code: string }) {
  const { messages, language } = useLanguage();
  const say = (refusals as Readonly<Record<string, { readonly say: { readonly zh: string; readonly en: string } }>>)[
    code
  ]?.say;
  return say ? (
    <Notice kind="warn" title={messages.order.because}>
      {say[language]}
    </Notice>
  ) : null;
}

function Seats({ order }: { readonly order: Order }) {
  const messages = useMessages();
  const party = order.tickets.length;
  const wishes = wishesOfOrder(order.orderNo);
  return (
    <section className="card section" aria-labelledby="seats-title">
      <div className="section-head">
        <h2 id="seats-title">{messages.order.seats}</h2>
        {party > 1 && order.seatClass !== "standing" && !isEnded.has(order.state) && (
          <span className="badge">{messages.order.together[order.together]}</span>
        )}
      </div>
      <ul className="seat-list">
        {order.tickets.map((ticket) => (
          <li key={ticket.ticketNo} className={seatGone.has(ticket.state) ? "released" : ""}>
            <span>
              <strong>
                <ForeignText>{ticket.passengerName}</ForeignText>
              </strong>
              <span className="soft">
                {" "}
                {messages.ticketTypes[ticket.ticketType]} · {ticket.documentMasked}
              </span>
              <Unmet wish={wishes[ticket.passengerId]} seat={ticket.seat} />
            </span>
            <span className="seat-of number">{seatText(ticket.seat, messages)}</span>
            <span className="number">{messages.money(ticket.fareFen, true)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const seatGone: ReadonlySet<Order["tickets"][number]["state"]> = new Set(["released", "refunding", "refunded"]);

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
  const { query } = useAddress();
  const now = useServerNow();
  const left = leftUntil(order.payBy, now);
  const [asking, setAsking] = useState(false);
  const { orderNo } = order;
  const cameBack = query.get("back") === "bank";
  /** Said by the bank on the way back, and believed only so far as to say it here. */
  const hasDeclined = query.get("outcome") === "declined";
  const isApart = order.tickets.length > 1 && order.seatClass !== "standing" && order.together !== "adjacent";

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
      if (next === "rechoose") navigate(kept("session", `bookedAt.${orderNo}`, isAddress) ?? "/");
    },
    onError: () => void client.invalidateQueries({ queryKey: ["order", orderNo] }),
  });
  // The end of the time is the platform's to say: it is asked, not assumed.
  useEffect(() => {
    if (!left.over) return undefined;
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: ["order", orderNo] }), 2_000);
    return () => clearInterval(timer);
  }, [left.over, client, orderNo]);

  const error = pay.error ?? cancel.error;
  const errorText = useErrorText(error);
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
      {cameBack && hasDeclined && !left.over && (
        <Notice kind="info" title={messages.order.declined} live>
          {messages.order.payBy(timeOf(order.payBy))}
        </Notice>
      )}
      {cameBack && !hasDeclined && !left.over && (
        <Notice kind="info" title={messages.order.waitingBank} live>
          {messages.order.waitingBankNote}
        </Notice>
      )}
      <section className="card pay" aria-label={messages.order.payWithin}>
        <div className="pay-clock">
          <span className="soft">{left.over ? messages.order.timeUp : messages.order.payWithin}</span>
          <strong className={left.minutes < 3 ? "countdown short" : "countdown"} role="timer" data-testid="countdown">
            {clockText(left)}
          </strong>
          <span className="soft">{messages.order.payBy(timeOf(order.payBy))}</span>
        </div>
        <button
          type="button"
          className="button primary wide"
          disabled={left.over}
          aria-disabled={isBusy}
          onClick={() => isBusy || pay.mutate()}
        >
          {isBusy ? (
            <>
              <Spinner /> {messages.order.paying}
            </>
          ) : (
            messages.order.pay(messages.money(order.totalFen))
          )}
        </button>
        <RefundRules departAt={order.departAt} />
        {error && !(error instanceof LoginDeclined) && <Notice kind="bad" title={errorText} live />}
        {asking ? (
          <div className="ask">
            <p>{messages.order.cancelAsk}</p>
            <div className="buttons">
              <button
                type="button"
                className="button small danger"
                disabled={cancel.isPending}
                onClick={() => cancel.mutate("stay")}
              >
                {messages.order.cancel}
              </button>
              <button type="button" className="button small" onClick={() => setAsking(false)}>
                {messages.order.keep}
              </button>
            </div>
          </div>
        ) : (
          <button type="button" className="button small quiet" onClick={() => setAsking(true)}>
            {messages.order.cancel}
          </button>
        )}
      </section>
    </>
  );
}

const isAddress = (value: unknown): value is string => typeof value === "string" && value.startsWith("/book?");

const latePollEveryMs = 3_000;

/** Only a buyer who opened the bank's page can still pay late; and what is on its way back arrives some time. */
const isWatched = (payment: Payment | null | undefined): boolean =>
  payment !== null &&
  payment !== undefined &&
  (payment.refunds.length === 0 || payment.refunds.some(({ state }) => state === "due"));

const endedUnpaid: ReadonlySet<Order["state"]> = new Set(["cancelled", "expired"]);

/** Money that came for an order that had already ended: it goes back by itself, and this says so. */
function LatePayment({ order }: { readonly order: Order }) {
  const messages = useMessages();
  const { orderNo } = order;
  const isUnpaid = endedUnpaid.has(order.state);
  const payment = useQuery({
    queryKey: ["payment", orderNo],
    queryFn: async () => {
      try {
        return await ask("GET /api/payment/:orderNo", { params: { orderNo } });
      } catch (error) {
        if (isRefused(error, "PaymentUnknown")) return null;
        throw error;
      }
    },
    enabled: isUnpaid,
    refetchInterval: ({ state }) => (isWatched(state.data) ? latePollEveryMs : false),
  });
  if (!isUnpaid || !payment.data || payment.data.refunds.length === 0) return null;
  const sum = payment.data.refunds.reduce((total, { amountFen }) => total + amountFen, 0);
  const isSettled = payment.data.refunds.every(({ state }) => state === "settled");
  return (
    <Notice kind={isSettled ? "good" : "warn"} title={messages.order.lateTitle} live>
      {isSettled ? messages.order.lateSettled(messages.money(sum)) : messages.order.lateNote(messages.money(sum))}
    </Notice>
  );
}

function OrderSkeleton() {
  return (
    <div className="page narrow order" aria-busy="true">
      <div className="skeleton line-big" />
      <div className="skeleton block" />
      <div className="skeleton block" />
      <SlowNote />
    </div>
  );
}
