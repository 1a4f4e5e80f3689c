/** Orders as they were last seen in this browser, for times without a network. */
import type { Order } from "@chepiao/contracts";
import { isRefused, Unreachable } from "./api.ts";
import { endMsOf, nextTripOf } from "./orderLines.ts";
import { isOwnDevice, ticketKey, ticketArea } from "./device.ts";
import { isRecord, keep, kept, keysKept } from "./storage.ts";

export const isOrder = (value: unknown): value is Order =>
  isRecord(value) && typeof value["orderNo"] === "string" && Array.isArray(value["tickets"]) && isRecord(value["from"]);

export const keptOrder = (orderNo: string): Order | null => kept(ticketArea(), ticketKey(orderNo), isOrder);
export const keepOrder = (order: Order): void => keep(ticketArea(), ticketKey(order.orderNo), order);

/** The latest trip first. */
export function keptOrders(): readonly Order[] {
  const storageKey = ticketArea();
  const orders = keysKept(storageKey, ticketKey("")).flatMap((key) => kept(storageKey, key, isOrder) ?? []);
  return orders.toSorted((a, b) => Date.parse(b.departAt) - Date.parse(a.departAt));
}

/**
 * What was seen last stands in until the platform answers, and where it cannot be reached. On a device that others use, too, only the
 * latter: until it answers nobody knows whose session this still is.
 */
export const mayShowKept = (failed: Error | null, online: boolean): boolean =>
  isOwnDevice() ? !isRefused(failed) : !online || failed instanceof Unreachable;

/** What a passenger who has orders wants to see first: what is to be paid, then the trip that comes next. */
export function nextOrders(orders: readonly Order[], nowMs: number): readonly Order[] {
  const toPay = orders.filter(({ state, payBy }) => state === "pendingPayment" && Date.parse(payBy) > nowMs);
  const ahead = orders
    .filter((order) => (order.state === "ticketed" || order.state === "paid") && endMsOf(order) > nowMs)
    .toSorted(byNextTrip(nowMs));
  return [...toPay, ...ahead.slice(0, 1)];
}

const byNextTrip =
  (nowMs: number) =>
  (a: Order, b: Order): number =>
    Date.parse(nextTripOf(a, nowMs).departAt) - Date.parse(nextTripOf(b, nowMs).departAt);

export type OrderGroup = "toPay" | "ahead" | "past";

/** What is to be done, then what is to come in the order of travel, then what was, the latest first. */
export function groupOrders(
  orders: readonly Order[],
  nowMs: number,
): readonly { readonly name: OrderGroup; readonly orders: readonly Order[] }[] {
  const groups: Record<OrderGroup, Order[]> = { toPay: [], ahead: [], past: [] };
  for (const order of orders) groups[groupOf(order, nowMs)].push(order);
  groups.ahead.sort(byNextTrip(nowMs));
  return (["toPay", "ahead", "past"] as const).flatMap((name) =>
    groups[name].length === 0 ? [] : [{ name, orders: groups[name] }],
  );
}

function groupOf(order: Order, nowMs: number): OrderGroup {
  const { state } = order;
  if (state === "accepted" || state === "pendingPayment") return "toPay";
  return (state === "paid" || state === "ticketed") && endMsOf(order) > nowMs ? "ahead" : "past";
}
