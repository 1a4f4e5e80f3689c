/** Own orders, newest first. */
import type { Order } from "@chepiao/contracts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "../../lib/api.ts";
import { dayText, timeOf, yuan } from "../../lib/format.ts";
import { Said, Empty, Failure, SlowNote, useTitle } from "../../lib/parts.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "../../lib/router.tsx";
import { openLogin, useMe } from "../../lib/session.ts";
import { useWords } from "../../lib/words.tsx";

const pageSize = 20;
const lookAgainMs = 15_000;

export function OrdersPage() {
  const words = useWords();
  const me = useMe();
  useTitle(words.nav.orders);
  const found = useInfiniteQuery({
    queryKey: ["orders"],
    queryFn: ({ pageParam }) =>
      ask("GET /api/order", { query: { limit: pageSize, ...(pageParam ? { before: pageParam } : {}) } }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    enabled: me !== null && me !== undefined,
    refetchInterval: lookAgainMs,
  });
  const orders = useMemo(() => found.data?.pages.flatMap((page) => page.orders) ?? [], [found.data]);
  const stations = useMemo<readonly Named[]>(() => orders.flatMap((order) => [order.from, order.to]), [orders]);
  const { ready, nameOf } = useStationNames(stations);

  return (
    <div className="page narrow">
      <h1 className="page-title">{words.nav.orders}</h1>
      {me === null ? (
        <Empty
          title={words.nav.orders}
          action={
            <button type="button" className="button primary" onClick={() => void openLogin().catch(() => {})}>
              {words.nav.login}
            </button>
          }
        >
          {words.order.loginNote}
        </Empty>
      ) : found.isError && !found.data ? (
        <Failure error={found.error} retry={() => void found.refetch()} />
      ) : !found.data || !ready ? (
        <div aria-busy="true">
          <div className="skeleton order-skeleton" />
          <div className="skeleton order-skeleton" />
          <div className="skeleton order-skeleton" />
          <SlowNote />
        </div>
      ) : orders.length === 0 ? (
        <Empty
          title={words.order.none}
          action={
            <Link className="button primary" to="/">
              {words.states.toSearch}
            </Link>
          }
        >
          {words.order.noneNote}
        </Empty>
      ) : (
        <>
          <ul className="order-list">
            {orders.map((order) => (
              <li key={order.orderNo}>
                <OrderRow order={order} nameOf={nameOf} />
              </li>
            ))}
          </ul>
          {found.hasNextPage && (
            <button
              type="button"
              className="button wide"
              disabled={found.isFetchingNextPage}
              onClick={() => void found.fetchNextPage()}
            >
              {words.order.older}
            </button>
          )}
        </>
      )}
    </div>
  );
}

const tones: Partial<Record<Order["state"], string>> = {
  ticketed: "good",
  completed: "good",
  pendingPayment: "key",
  expired: "warn",
  rejected: "warn",
};

function OrderRow({ order, nameOf }: { readonly order: Order; readonly nameOf: (station: Named) => string }) {
  const words = useWords();
  return (
    <Link to={`/order/${order.orderNo}`} className="card order-row">
      <span className="order-row-head">
        <strong className="number">
          {order.trainNumber} · {dayText(order.boardingDate, words)}
        </strong>
        <span className={`badge ${tones[order.state] ?? ""}`}>{words.order.states[order.state]}</span>
      </span>
      <span>
        <span className="part">
          {timeOf(order.departAt)} <Said>{nameOf(order.from)}</Said> →
        </span>{" "}
        <span className="part">
          {timeOf(order.arriveAt)} <Said>{nameOf(order.to)}</Said>
        </span>
      </span>
      <span className="soft">
        <Said>{words.listOf(order.tickets.map(({ passengerName }) => passengerName))}</Said> ·{" "}
        {words.classes[order.seatClass]} · <span className="number">{yuan(order.totalFen)}</span>
      </span>
    </Link>
  );
}
