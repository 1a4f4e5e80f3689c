/** Which of many orders come first. Not beside what a browser keeps of them: the first page needs that, and not this. */
import type { Order } from "@chepiao/contracts";
import { type ArrivesMs, endMsOf, nextTripOf } from "./orderLines.ts";

/** What a passenger who has orders wants to see first: what is to be paid, then the trip that comes next. */
export function nextOrders(orders: readonly Order[], nowMs: number, arrivesMs?: ArrivesMs): readonly Order[] {
  const toPay = orders.filter(({ state, payBy }) => state === "pendingPayment" && Date.parse(payBy) > nowMs);
  const ahead = orders
    .filter((order) => (order.state === "ticketed" || order.state === "paid") && endMsOf(order, arrivesMs) > nowMs)
    .toSorted(byNextTrip(nowMs, arrivesMs));
  return [...toPay, ...ahead.slice(0, 1)];
}

const byNextTrip =
  (nowMs: number, arrivesMs?: ArrivesMs) =>
  (a: Order, b: Order): number =>
    Date.parse(nextTripOf(a, nowMs, arrivesMs).departAt) - Date.parse(nextTripOf(b, nowMs, arrivesMs).departAt);

export type OrderGroup = "toPay" | "ahead" | "past";

/** What is to be done, then what is to come in the order of travel, then what was, the latest first. */
export function groupOrders(
  orders: readonly Order[],
  nowMs: number,
  arrivesMs?: ArrivesMs,
): readonly { readonly name: OrderGroup; readonly orders: readonly Order[] }[] {
  const groups: Record<OrderGroup, Order[]> = { toPay: [], ahead: [], past: [] };
  for (const order of orders) groups[groupOf(order, nowMs, arrivesMs)].push(order);
  groups.ahead.sort(byNextTrip(nowMs, arrivesMs));
  return (["toPay", "ahead", "past"] as const).flatMap((name) =>
    groups[name].length === 0 ? [] : [{ name, orders: groups[name] }],
  );
}

function groupOf(order: Order, nowMs: number, arrivesMs?: ArrivesMs): OrderGroup {
  const { state } = order;
  if (state === "accepted" || state === "pendingPayment") return "toPay";
  return (state === "paid" || state === "ticketed") && endMsOf(order, arrivesMs) > nowMs ? "ahead" : "past";
}
