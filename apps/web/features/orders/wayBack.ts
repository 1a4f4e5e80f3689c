/** From the tickets there to the trains back. Pure. */
import type { Order } from "@chepiao/contracts";
import { dateOf } from "../../lib/format.ts";
import { tripsLeft } from "../../lib/orderLines.ts";

/** On the day of arrival; null where the last trip ends where the first began. Who travelled is chosen there already. */
export function wayBackAddress(order: Order): string | null {
  const trips = tripsLeft(order);
  const [first, last] = [trips[0]!, trips.at(-1)!];
  const [from, to] = [last.to.stationId, first.from.stationId];
  if (from === to || Date.parse(last.arriveAt) <= Date.parse(order.now)) return null;
  return `/?${new URLSearchParams({ from, to, date: dateOf(last.arriveAt) }).toString()}`;
}
