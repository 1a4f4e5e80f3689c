/** On the home page of who has orders: what is to be paid, and the trip that comes next. */
import type { Order } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { ask } from "../../lib/api.ts";
import { serverNow } from "../../lib/clock.ts";
import { useOnline } from "../../lib/components.tsx";
import { keptOrders, mayShowKept } from "../../lib/keptOrders.ts";
import { useMessages } from "../../lib/messages.tsx";
import { nextOrders } from "../../lib/orderGroups.ts";
import { stationsOf } from "../../lib/orderLines.ts";
import { useStationNames } from "../../lib/places.ts";
import { useMe } from "../../lib/session.ts";
import { useArrivals } from "../status/status.ts";
import { OrderRow } from "./OrderRow.tsx";

/** Who has no trip before them does not fetch what draws a code. */
const NextTrip = lazy(async () => ({ default: (await import("./NextTrip.tsx")).NextTrip }));

/** Enough to find the next trip of anybody; the rest is in the list of orders. */
const looksAt = 20;

const noOrders: readonly Order[] = [];

/** An order to be paid, and the trip that comes next. */
export function Upcoming() {
  const messages = useMessages();
  const me = useMe();
  const online = useOnline();
  const [before] = useState(keptOrders);
  const found = useQuery({
    queryKey: ["orders", "next"],
    queryFn: () => ask("GET /api/order", { query: { limit: looksAt } }, { login: false }),
    enabled: me !== null && me !== undefined,
  });
  const all = found.data?.orders ?? (me && mayShowKept(found.failureReason, online) ? before : null);
  const now = serverNow();
  const arrivesMs = useArrivals(all ?? noOrders, now);
  const orders = nextOrders(all ?? noOrders, now, arrivesMs);
  const { nameOf } = useStationNames(orders.flatMap(stationsOf));
  if (orders.length === 0) return null;
  return (
    <section className="starts" aria-labelledby="upcoming-title">
      <h2 id="upcoming-title">{messages.home.upcoming}</h2>
      <ul className="order-list">
        {orders.map((order) => (
          <li key={order.orderNo}>
            {order.state === "pendingPayment" ? (
              <OrderRow order={order} nameOf={nameOf} />
            ) : (
              <Suspense fallback={<OrderRow order={order} nameOf={nameOf} />}>
                <NextTrip order={order} nameOf={nameOf} arrivesMs={arrivesMs} />
              </Suspense>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
