/**
 * Read models of orders in SQL: who travels on a run, for back offices, and an account's own orders, for its home page. They say
 * what the orders said a moment ago and decide nothing; both can be dropped and made again at any time (I8).
 */
import type { OrderLine, RunId } from "@chepiao/contracts";
import type { OrderId, UserId } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";

/** What is fed with orders. */
export type OrderProjection = {
  /** Takes orders in; one that is not newer than what is there changes nothing (I7). */
  take(orders: readonly OrderRecord[]): Promise<void>;
  /**
   * Makes all of it anew from `source`, while others may take orders in. What is there can be read until then: an order that was
   * there and stays is never missing. `source` must begin to read only when asked for its first page. Tells how many orders came.
   */
  rebuild(source: AsyncIterable<readonly OrderRecord[]>): Promise<number>;
};

type Flat = OrderLine & OrderRecord;

const common = [
  "orderId",
  "orderNo",
  "userId",
  "trainNumber",
  "boardingDate",
  "state",
  "totalFen",
  "acceptedAt",
  "version",
] as const satisfies readonly (keyof Flat)[];
const indexed = [...common, "runId", "originDate"] as const;
const listed = [...common, "fromName", "toName", "departAt", "payBy"] as const;

export type IndexedOrder = Pick<Flat, (typeof indexed)[number]>;
export type ListedOrder = Pick<Flat, (typeof listed)[number]>;
/** Newest first. */
export type ListPage = { readonly before?: OrderId; readonly limit: number };

export type OrderIndex = OrderProjection & { ofRun(runId: RunId, page: ListPage): Promise<readonly IndexedOrder[]> };
export type OrderList = OrderProjection & { ofUser(userId: UserId, page: ListPage): Promise<readonly ListedOrder[]> };

/** On each run that it has a line on: as the first line there says. */
export const indexedOrders = (order: OrderRecord): readonly IndexedOrder[] =>
  firstLinesByRun(order).map((line) => pick({ ...line, ...order }, indexed));
/** Each run once. */
export const firstLinesByRun = ({ lines }: Pick<OrderRecord, "lines">): readonly OrderLine[] =>
  lines.filter(({ runId }, n) => lines.findIndex((other) => other.runId === runId) === n);
/** An account's list says the first line of an order. */
export const listedOrder = (order: OrderRecord): ListedOrder => pick({ ...order.lines[0], ...order }, listed);

const pick = <T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> =>
  Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
