/** What became of an entry: its order with the tickets, and the money that goes back. */
import type { WaitlistEntryTold } from "@chepiao/contracts";
import { useMemo } from "react";
import { Notice } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { useOrder } from "../orders/follow.ts";
import { OrderRow } from "../orders/OrderRow.tsx";
import { differenceOf, type MoneyBack, moneyBackOf, wholeOf } from "../orders/moneyBack.ts";
import { useMoneyBack, usePayment } from "../orders/useMoneyBack.ts";
import { isEnded } from "./useEntry.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

/** An entry that ended without an order: all that was paid goes back. */
export function BackWithMoney({ entry }: { readonly entry: WaitlistEntryTold }) {
  const ended = isEnded(entry);
  const sought = wholeOf(entry);
  const payment = usePayment(entry.waitlistNo, ended, sought);
  const back = moneyBackOf(payment, sought);
  const texts = useWaitlistMessages();
  const messages = useMessages();
  if (!ended) return null;
  if (back) return <Returned back={back} />;
  // The bank may have taken the money while it ended: then that goes back, too.
  if (entry.paidAt === null && payment?.state !== "captured")
    return payment !== undefined && entry.state === "cancelled" ? <Notice kind="info" title={texts.noMoney} /> : null;
  return <Notice kind="info" title={messages.order.returning(messages.money(entry.prepayFen))} live />;
}

function Returned({ back, children }: { readonly back: MoneyBack; readonly children?: React.ReactNode }) {
  const messages = useMessages();
  const price = messages.money(back.sumFen);
  return (
    <Notice
      kind={back.isSettled ? "good" : "info"}
      title={back.isSettled ? messages.order.returned(price) : messages.order.returning(price)}
      live
    >
      {children}
    </Notice>
  );
}

/** It has become an order, which is followed here until its tickets are there. */
export function Served({ entry }: { readonly entry: WaitlistEntryTold }) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const { order, query } = useOrder(entry.orderNo ?? entry.waitlistNo.replace("W", "E"));
  const stations = useMemo<readonly Named[]>(() => (order ? [order.from, order.to] : []), [order]);
  const { nameOf } = useStationNames(stations);
  const differenceFen = order ? entry.prepayFen - order.totalFen : 0;
  const back = useMoneyBack(entry.waitlistNo, differenceFen > 0, differenceOf(differenceFen));
  return (
    <>
      <section className="served" aria-labelledby="served-title">
        <h2 id="served-title">{texts.ticket}</h2>
        {order && <OrderRow order={order} nameOf={nameOf} />}
        {query.isPending && !order && <div className="skeleton order-skeleton" />}
        <Link className="button primary" to={`/order/${entry.orderNo ?? ""}`}>
          {texts.openTicket}
        </Link>
      </section>
      {order && differenceFen > 0 && (
        <Returned back={back ?? { sumFen: differenceFen, isSettled: false }}>
          <dl className="sums">
            <dt>{texts.prepaid}</dt>
            <dd className="number">{messages.money(entry.prepayFen, true)}</dd>
            <dt>{texts.fares}</dt>
            <dd className="number">{messages.money(-order.totalFen, true)}</dd>
            <dt>{texts.moneyBack}</dt>
            <dd className="number">
              <strong>{messages.money(differenceFen, true)}</strong>
            </dd>
          </dl>
        </Returned>
      )}
    </>
  );
}
