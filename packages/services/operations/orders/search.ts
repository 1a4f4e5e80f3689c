/**
 * Where orders are found: an order whose number or ticket is known, and the orders of an account, in SQL, as they are at this moment; all others by the
 * search, which is a moment behind it.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { type OrderId, orderIdOf, secondMs } from "@chepiao/kernel";
import {
  createMemoryOrderSearch,
  documentOf,
  type OrderFilter,
  type OrderHits,
  type OrderQuery,
  type OrderSearch,
} from "@chepiao/ports/order-search";
import type { OrderStore } from "@chepiao/ports/order-store";

export type FindDeps = {
  readonly orders: Pick<OrderStore, "load" | "ofUser">;
  /** Null where there is none: those are found whose number or account is known. */
  readonly orderSearch: OrderSearch | null;
};
export type Found = Pick<OrderHits, "next" | "orders"> & {
  /** False while the index takes in what has changed. */
  readonly isComplete: boolean;
};

/** For so long a member of staff waits for an index that has much to take in. */
const caughtUpWithinMs = 3 * secondMs;

export async function findOrders({ orders, orderSearch }: FindDeps, query: OrderQuery): Promise<Found> {
  const { limit, after, ...filter } = query;
  const known = idIn(filter);
  if (known !== null) return one(orders, known, filter);
  if (isOfAccount(filter)) {
    const { userId, states } = filter;
    const page = { limit, ...(states ? { state: states[0]! } : {}), ...(after ? { before: after[1] as OrderId } : {}) };
    const found = await orders.ofUser(userId!, page);
    const last = found.at(-1);
    return {
      orders: found.map(documentOf),
      next: last && found.length === limit ? [1, last.orderId] : null,
      isComplete: true,
    };
  }
  if (orderSearch === null) throw new ServiceUnavailable("order search", "there is none (ELASTICSEARCH_URL)");
  const isComplete = (await orderSearch.caughtUp?.(caughtUpWithinMs)) ?? true;
  const { orders: hits, next } = await orderSearch.search(query);
  return { orders: hits, next, isComplete };
}

/** The order whose number, or that of one of whose tickets, was given whole. */
function idIn({ orderNo, passenger }: OrderFilter): OrderId | null {
  if (orderNo !== undefined) return orderIdOf(orderNo);
  return passenger?.ticketNo === undefined ? null : orderIdOf(passenger.ticketNo.replace(/-\d+$/, ""));
}

/** What else was asked for must hold of it, as the search would see to it. */
async function one(orders: FindDeps["orders"], orderId: OrderId, filter: OrderFilter): Promise<Found> {
  const order = await orders.load(orderId);
  if (order === null) return { orders: [], next: null, isComplete: true };
  const search = createMemoryOrderSearch();
  await search.index([documentOf(order)]);
  return { ...(await search.search({ ...filter, limit: 1 })), isComplete: true };
}

const isOfAccount = ({ userId, states = [], ...others }: OrderFilter): boolean =>
  userId !== undefined && states.length <= 1 && Object.keys(others).length === 0;
