/** One order on its way: seats and what could not be honoured, payment and its clock, tickets, refunds. It updates by itself. */
import { type Order, type Payment, refusals } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { clockText, leftUntil, useServerNow } from "../../lib/clock.ts";
import { dateOf, dayText, seatText, timeOf, yuan } from "../../lib/format.ts";
import { Said, Empty, Failure, Notice, SlowNote, Spinner, useErrorText, useTitle } from "../../lib/parts.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link, navigate, useAddress } from "../../lib/router.tsx";
import { LoginDeclined, openLogin } from "../../lib/session.ts";
import { kept } from "../../lib/storage.ts";
import { Trip } from "../../lib/trip.tsx";
import { useSpeech, useWords } from "../../lib/words.tsx";
import { forgetDraft } from "../book/draft.ts";
import { type Line, noteOrder, useOrder } from "./follow.ts";
import { RefundDialog } from "./RefundDialog.tsx";
import { TicketFace } from "./TicketFace.tsx";

export function OrderPage({ orderNo }: { readonly orderNo: string }) {
  const words = useWords();
  const { order, query, line, isOld } = useOrder(orderNo);
  useTitle(order ? words.order.states[order.state] : words.order.title);
  if (!order && query.error instanceof LoginDeclined) return <LoginFirst retry={() => void query.refetch()} />;
  if (!order && query.isError) {
    return (
      <div className="page narrow">
        {isRefused(query.error, "OrderUnknown") ? (
          <Empty
            title={query.error.message}
            action={
              <Link className="button primary" to="/orders">
                {words.nav.orders}
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
  const words = useWords();
  return (
    <div className="page narrow">
      <Empty
        title={words.order.title}
        action={
          <button type="button" className="button primary" onClick={() => void openLogin().then(retry, () => {})}>
            {words.nav.login}
          </button>
        }
      >
        {words.order.loginNote}
      </Empty>
    </div>
  );
}

function OrderView({ order, line, isOld }: { readonly order: Order; readonly line: Line; readonly isOld: boolean }) {
  const { words } = useSpeech();
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
        ‹ {words.nav.orders}
      </Link>
      <header className="order-head no-print">
        <div>
          <h1 className={`state ${toneOf(order.state)}`}>
            {order.state === "accepted" || order.state === "paid" ? <Spinner /> : null}
            {words.order.states[order.state]}
          </h1>
          {order.state in words.order.notes && (
            <p className="soft">{words.order.notes[order.state as keyof typeof words.order.notes]}</p>
          )}
        </div>
        <p className="hidden" role="status">
          {words.order.states[order.state]}
        </p>
        {line !== "closed" && (
          <p className={`line-state ${line}`}>{line === "live" ? words.order.live : words.order.polling}</p>
        )}
      </header>
      {isOld && <Notice kind="warn" title={words.order.offline} />}
      {order.endedBecause !== null && <Because code={order.endedBecause} />}
      <LatePayment order={order} />
      {order.state === "pendingPayment" && <Pay order={order} />}
      {!hasTickets && <TripOf order={order} nameOf={nameOf} />}
      {hasTickets ? (
        <section aria-labelledby="tickets-title" className="tickets">
          <div className="section-head no-print">
            <h2 id="tickets-title">{words.ticket.tickets}</h2>
            <div className="buttons">
              <button type="button" className="button small" onClick={() => print()}>
                {words.ticket.print}
              </button>
              {canRefund && (
                <button type="button" className="button small" disabled={isOld} onClick={() => setRefunding(true)}>
                  {words.ticket.refund}
                </button>
              )}
            </div>
          </div>
          {order.tickets.map((ticket) => (
            <TicketFace key={ticket.ticketNo} order={order} ticket={ticket} nameOf={nameOf} />
          ))}
        </section>
      ) : (
        <Seats order={order} />
      )}
      {isEnded.has(order.state) && (
        <Link
          className="button no-print"
          to={`/?${new URLSearchParams({ from: order.from.stationId, to: order.to.stationId }).toString()}`}
        >
          {words.order.orderAgain}
        </Link>
      )}
      <footer className="order-foot no-print">
        <dl>
          <dt>{words.order.number}</dt>
          <dd className="number">{order.orderNo}</dd>
          <dt>{words.order.total}</dt>
          <dd className="number">{yuan(order.totalFen)}</dd>
        </dl>
        <p className="soft">
          {words.order.placed(`${dayText(dateOf(order.createdAt), words)} ${timeOf(order.createdAt)}`)}
        </p>
      </footer>
      {refunding && <RefundDialog order={order} onClose={() => setRefunding(false)} />}
    </div>
  );
}

function TripOf({ order, nameOf }: { readonly order: Order; readonly nameOf: (station: Named) => string }) {
  const words = useWords();
  const arrivalDate = dateOf(order.arriveAt);
  return (
    <Trip
      trip={order}
      nameOf={nameOf}
      about={words.classes[order.seatClass]}
      note={arrivalDate === order.boardingDate ? null : dayText(arrivalDate, words)}
    />
  );
}

const isEnded: ReadonlySet<Order["state"]> = new Set(["cancelled", "expired", "rejected", "refunded", "completed"]);

function toneOf(state: Order["state"]): string {
  if (state === "ticketed" || state === "completed") return "good";
  if (state === "pendingPayment") return "key";
  return state === "expired" || state === "rejected" ? "warn" : "";
}

/** Why a rejected order was rejected, from the catalogue of refusals: it is told in both languages there. */
function Because({ code }: { readonly code: string }) {
  const { words, language } = useSpeech();
  const say = (refusals as Readonly<Record<string, { readonly say: { readonly zh: string; readonly en: string } }>>)[
    code
  ]?.say;
  return say ? (
    <Notice kind="warn" title={words.order.because}>
      {say[language]}
    </Notice>
  ) : null;
}

function Seats({ order }: { readonly order: Order }) {
  const words = useWords();
  const party = order.tickets.length;
  return (
    <section className="card section" aria-labelledby="seats-title">
      <div className="section-head">
        <h2 id="seats-title">{words.order.seats}</h2>
        {party > 1 && order.seatClass !== "standing" && (
          <span className="badge">{words.order.together[order.together]}</span>
        )}
      </div>
      <ul className="seat-list">
        {order.tickets.map((ticket) => (
          <li key={ticket.ticketNo} className={ticket.state === "released" ? "released" : ""}>
            <span>
              <strong>
                <Said>{ticket.passengerName}</Said>
              </strong>
              <span className="soft">
                {" "}
                {words.ticketTypes[ticket.ticketType]} · {ticket.documentMasked}
              </span>
            </span>
            <span className="seat-of number">{seatText(ticket.seat, words)}</span>
            <span className="number">{yuan(ticket.fareFen)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

// Paying

function Pay({ order }: { readonly order: Order }) {
  const words = useWords();
  const client = useQueryClient();
  const { query } = useAddress();
  const now = useServerNow();
  const left = leftUntil(order.payBy, now);
  const [asking, setAsking] = useState(false);
  const { orderNo } = order;
  const cameBack = query.get("back") === "bank";
  const isApart = order.tickets.length > 1 && order.seatClass !== "standing" && order.together !== "adjacent";

  const pay = useMutation({
    mutationFn: () => ask("POST /api/payment", { body: { orderNo, returnUrl: `/order/${orderNo}?back=bank` } }),
    onSuccess: (payment) => {
      if (payment.payUrl !== null) location.assign(payment.payUrl);
      else void client.invalidateQueries({ queryKey: ["order", orderNo] });
    },
    onError: () => void client.invalidateQueries({ queryKey: ["order", orderNo] }),
  });
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
  // Back from the bank by the browser's own button, the page stands as it was left: with a button that waits for ever.
  useEffect(() => {
    const shown = (event: PageTransitionEvent) => {
      if (!event.persisted) return;
      pay.reset();
      void client.invalidateQueries({ queryKey: ["order", orderNo] });
    };
    addEventListener("pageshow", shown);
    return () => removeEventListener("pageshow", shown);
  }, [pay, client, orderNo]);
  // The end of the time is the platform's to say: it is asked, not assumed.
  useEffect(() => {
    if (!left.over) return undefined;
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: ["order", orderNo] }), 2_000);
    return () => clearInterval(timer);
  }, [left.over, client, orderNo]);

  const error = pay.error ?? cancel.error;
  const errorText = useErrorText(error);
  const isBusy = pay.isPending || (pay.isSuccess && pay.data.payUrl !== null);
  return (
    <>
      {(order.preferencesUnmet > 0 || isApart) && (
        <Notice
          kind="warn"
          title={order.preferencesUnmet > 0 ? words.order.unmet(order.preferencesUnmet) : words.order.apartTitle}
          live
        >
          <p>{words.order.unmetNote}</p>
          <button
            type="button"
            className="button small"
            disabled={cancel.isPending}
            onClick={() => cancel.mutate("rechoose")}
          >
            {words.order.rechoose}
          </button>
        </Notice>
      )}
      {cameBack && !left.over && (
        <Notice kind="info" title={words.order.waitingBank} live>
          {words.order.waitingBankNote}
        </Notice>
      )}
      <section className="card pay" aria-label={words.order.payWithin}>
        <div className="pay-clock">
          <span className="soft">{left.over ? words.order.timeUp : words.order.payWithin}</span>
          <strong className={left.minutes < 3 ? "countdown short" : "countdown"} role="timer" data-testid="countdown">
            {clockText(left)}
          </strong>
          <span className="soft">{words.order.payBy(timeOf(order.payBy))}</span>
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
              <Spinner /> {words.order.paying}
            </>
          ) : (
            words.order.pay(yuan(order.totalFen))
          )}
        </button>
        {error && !(error instanceof LoginDeclined) && <Notice kind="bad" title={errorText} live />}
        {asking ? (
          <div className="ask">
            <p>{words.order.cancelAsk}</p>
            <div className="buttons">
              <button
                type="button"
                className="button small danger"
                disabled={cancel.isPending}
                onClick={() => cancel.mutate("stay")}
              >
                {words.order.cancel}
              </button>
              <button type="button" className="button small" onClick={() => setAsking(false)}>
                {words.order.keep}
              </button>
            </div>
          </div>
        ) : (
          <button type="button" className="button small quiet" onClick={() => setAsking(true)}>
            {words.order.cancel}
          </button>
        )}
      </section>
    </>
  );
}

const isAddress = (value: unknown): value is string => typeof value === "string" && value.startsWith("/book?");

const lateLookEveryMs = 3_000;

/** Only somebody who opened the bank's page can still pay late; and what is on its way back arrives some time. */
const isWatched = (payment: Payment | null | undefined): boolean =>
  payment !== null &&
  payment !== undefined &&
  (payment.refunds.length === 0 || payment.refunds.some(({ state }) => state === "due"));

const endedUnpaid: ReadonlySet<Order["state"]> = new Set(["cancelled", "expired"]);

/** Money that came for an order that had already ended: it goes back by itself, and this says so. */
function LatePayment({ order }: { readonly order: Order }) {
  const words = useWords();
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
    refetchInterval: ({ state }) => (isWatched(state.data) ? lateLookEveryMs : false),
  });
  if (!isUnpaid || !payment.data || payment.data.refunds.length === 0) return null;
  const sum = payment.data.refunds.reduce((total, { amountFen }) => total + amountFen, 0);
  const isSettled = payment.data.refunds.every(({ state }) => state === "settled");
  return (
    <Notice kind={isSettled ? "good" : "warn"} title={words.order.lateTitle} live>
      {isSettled ? words.order.lateSettled(yuan(sum)) : words.order.lateNote(yuan(sum))}
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
