/** Own orders: those to be paid, then the trips to come, then what was; to be looked through by passenger, train and day. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { lazy, Suspense, useDeferredValue, useMemo, useState } from "react";
import { ask } from "../../lib/api.ts";
import { Empty, Failure, Notice, SlowNote, useOnline, useTitle } from "../../lib/components.tsx";
import { Field } from "../../lib/Field.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { serverNow } from "../../lib/clock.ts";
import { keptOrders, mayShowKept } from "../../lib/keptOrders.ts";
import { groupOrders } from "../../lib/orderGroups.ts";
import { stationsOf } from "../../lib/orderLines.ts";
import { Link } from "@chepiao/ui";
import { openLogin, pollUnlessDeclined, useMe } from "../../lib/session.ts";
import { useMessages } from "../../lib/messages.tsx";
import { useArrivals } from "../status/status.ts";
import { findOrders } from "./findOrders.ts";
import { LoginAgain } from "./LoginFirst.tsx";
import { OrderRow } from "./OrderRow.tsx";

/** Whom nobody keeps waiting for: orders stand there before it is fetched. */
const Entries = lazy(async () => ({ default: (await import("../waitlist/Entries.tsx")).Entries }));

const pageSize = 20;
const pollEveryMs = 15_000;
/** So many are seen at a glance. */
const fewOrders = 4;

export function OrdersPage() {
  const messages = useMessages();
  const me = useMe();
  useTitle(messages.nav.orders);
  const found = useInfiniteQuery({
    queryKey: ["orders"],
    queryFn: ({ pageParam }) =>
      ask("GET /api/order", { query: { limit: pageSize, ...(pageParam ? { before: pageParam } : {}) } }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    enabled: me !== null && me !== undefined,
    refetchInterval: ({ state }) => pollUnlessDeclined(pollEveryMs, state),
  });
  const online = useOnline();
  const [before] = useState(keptOrders);
  const mayShow = found.failureCount > 0 && mayShowKept(found.failureReason, online);
  const isOld = !found.data && mayShow && before.length > 0;
  const orders = useMemo(
    () => found.data?.pages.flatMap((page) => page.orders) ?? (isOld ? before : []),
    [found.data, isOld, before],
  );
  const stations = useMemo<readonly Named[]>(() => orders.flatMap(stationsOf), [orders]);
  const { ready, nameOf } = useStationNames(stations);
  const [text, setText] = useState("");
  const now = serverNow();
  const arrivesMs = useArrivals(orders, now);
  const groups = groupOrders(findOrders(orders, useDeferredValue(text), nameOf), now, arrivesMs);

  return (
    <div className="page narrow">
      <h1 className="page-title">{messages.nav.orders}</h1>
      {me && (
        <Suspense fallback={null}>
          <Entries />
        </Suspense>
      )}
      {me === null ? (
        <Empty
          title={messages.nav.orders}
          action={
            <button type="button" className="button primary" onClick={() => void openLogin().catch(() => {})}>
              {messages.nav.login}
            </button>
          }
        >
          {messages.order.loginNote}
        </Empty>
      ) : found.isError && !found.data && !isOld ? (
        <Failure error={found.error} retry={() => void found.refetch()} />
      ) : (!found.data && !isOld) || !(ready || isOld) ? (
        <div aria-busy="true">
          <div className="skeleton order-skeleton" />
          <div className="skeleton order-skeleton" />
          <div className="skeleton order-skeleton" />
          <SlowNote />
        </div>
      ) : orders.length === 0 ? (
        <Empty
          title={messages.order.none}
          action={
            <Link className="button primary" to="/">
              {messages.states.toSearch}
            </Link>
          }
        >
          {messages.order.noneNote}
        </Empty>
      ) : (
        <>
          <LoginAgain error={found.error} />
          {isOld && <Notice kind="warn" title={messages.order.offline} />}
          {(orders.length > fewOrders || text !== "") && (
            <Field label={messages.order.find} hint={messages.order.findHint}>
              {(given) => (
                <input {...given} type="search" value={text} onChange={(event) => setText(event.target.value)} />
              )}
            </Field>
          )}
          <p className="hidden" role="status">
            {text === "" ? "" : messages.order.foundOrders(groups.reduce((sum, group) => sum + group.orders.length, 0))}
          </p>
          {groups.length === 0 && <p className="soft">{messages.order.foundOrders(0)}</p>}
          {groups.map(({ name, orders: some }) => (
            <section key={name} aria-labelledby={`${name}-title`}>
              <h2 id={`${name}-title`} className="group-title">
                {messages.order.groups[name]}
              </h2>
              <ul className="order-list">
                {some.map((order) => (
                  <li key={order.orderNo}>
                    <OrderRow order={order} nameOf={nameOf} />
                  </li>
                ))}
              </ul>
            </section>
          ))}
          {found.hasNextPage && (
            <button
              type="button"
              className="button wide"
              disabled={found.isFetchingNextPage}
              onClick={() => void found.fetchNextPage()}
            >
              {messages.order.older}
            </button>
          )}
        </>
      )}
    </div>
  );
}
