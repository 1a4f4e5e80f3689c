/**
 * One order, as it is now: read once, then told of each change by the platform, and asked for every few seconds while that
 * line is down. What was seen last is kept in this browser, so that a ticket opens without a network.
 */
import type { Order } from "@chepiao/contracts";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask } from "../../lib/api.ts";
import { noteServerDate } from "../../lib/clock.ts";
import { useOnline } from "../../lib/components.tsx";
import { isOrder, keepOrder, keptOrder, mayShowKept } from "../../lib/keptOrders.ts";
import { pollUnlessDeclined } from "../../lib/session.ts";

export type Line = "live" | "polling" | "closed";

const pollEveryMs = 3_000;
const tryAgainMs = 4_000;

/** Nothing happens to these any more: no line is kept open for them. */
const ended: ReadonlySet<Order["state"]> = new Set([
  "cancelled",
  "expired",
  "rejected",
  "refunded",
  "changed",
  "completed",
]);
/** Worth keeping for the gate. */
const worthKeeping: ReadonlySet<Order["state"]> = new Set(["paid", "ticketed", "completed", "refunded"]);

export function useOrder(orderNo: string) {
  const client = useQueryClient();
  const online = useOnline();
  const [told, setTold] = useState<Line>("closed");
  const [before] = useState(() => keptOrder(orderNo));
  const query = useQuery({
    queryKey: ["order", orderNo],
    queryFn: () => readOrder(client, orderNo),
    refetchInterval: ({ state }) => pollUnlessDeclined(told === "polling" ? pollEveryMs : false, state),
    staleTime: 1_000,
  });
  const order = query.data ?? (mayShowKept(query.failureReason, online) ? before : null);
  const isOver = order !== null && ended.has(order.state);
  const canFollow = query.isSuccess && !isOver && online;

  useEffect(() => {
    if (!canFollow) return undefined;
    return followOrder(orderNo, client, setTold);
  }, [canFollow, orderNo, client]);

  const line: Line = canFollow ? told : "closed";
  return { order, query, line, isOld: query.data === undefined && order !== null };
}

/** Kept for the gate, where it is worth it. */
export const readOrder = async (client: QueryClient, orderNo: string): Promise<Order> =>
  seen(client, await ask("GET /api/order/:orderNo", { params: { orderNo } }));

/** How far along each state is. Nothing ever goes back. */
const orderRank: Record<Order["state"], number> = {
  accepted: 0,
  pendingPayment: 1,
  paid: 2,
  ticketed: 3,
  completed: 4,
  cancelled: 4,
  refunded: 4,
  rejected: 4,
  expired: 4,
  changed: 4,
};
const ticketRank: Record<Order["tickets"][number]["state"], number> = {
  held: 0,
  issued: 1,
  refunding: 2,
  refunded: 3,
  released: 3,
  used: 3,
  changed: 3,
};
const progressOf = (order: Order): number =>
  orderRank[order.state] + order.tickets.reduce((sum, { state }) => sum + ticketRank[state], 0);

/**
 * The later of two sights of one order. The answer to a request and word of a change overtake each other, and both only name
 * the second; what is further along was seen later.
 */
export const laterOf = (one: Order | undefined, other: Order): Order =>
  one !== undefined && progressOf(one) > progressOf(other) ? one : other;

function seen(client: QueryClient, order: Order): Order {
  noteServerDate(order.now);
  const later = laterOf(client.getQueryData<Order>(["order", order.orderNo]), order);
  if (worthKeeping.has(later.state)) keepOrder(later);
  return later;
}

/** Whatever told us of an order, this is how it gets onto the page. */
export const noteOrder = (client: QueryClient, order: Order): void =>
  void client.setQueryData(["order", order.orderNo], seen(client, order));

/** Keeps a line open while the page is looked at. A hidden page gives its line back: a browser has six for each site. */
function followOrder(orderNo: string, client: QueryClient, setLine: (line: Line) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function open() {
    close();
    if (document.hidden) return;
    source = new EventSource(`/api/order/${orderNo}/events`);
    source.addEventListener("order", (event) => {
      const order: unknown = JSON.parse((event as MessageEvent<string>).data);
      if (isOrder(order)) noteOrder(client, order);
      setLine("live");
    });
    source.addEventListener("open", () => setLine("live"));
    source.addEventListener("error", () => {
      setLine("polling");
      // The browser comes back by itself after a dropped line, and gives up after a refusal.
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, tryAgainMs);
    });
  }
  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }
  function reloadOrder() {
    if (document.hidden) return close();
    void client.invalidateQueries({ queryKey: ["order", orderNo] });
    open();
  }
  open();
  document.addEventListener("visibilitychange", reloadOrder);
  return () => {
    document.removeEventListener("visibilitychange", reloadOrder);
    close();
  };
}
