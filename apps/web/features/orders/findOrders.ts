/** Orders by what a passenger remembers of them: who travelled, on which train, between which stations, on which day. Pure. */
import type { Order } from "@chepiao/contracts";
import { linesOf } from "../../lib/orderLines.ts";
import type { Named } from "../../lib/places.ts";

/**
 * Each word of the text has to be found somewhere in the order; a day as `12-8`, `12.8`, `12/8` or as Chinese has it, with its
 * year or without.
 */
export function findOrders(
  orders: readonly Order[],
  text: string,
  nameOf: (station: Named) => string,
): readonly Order[] {
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  return orders.filter((order) => {
    const said = saidOf(order, nameOf);
    return terms.every(
      (term) => said.includes(term) || linesOf(order).some(({ boardingDate }) => isDay(term, boardingDate)),
    );
  });
}

const saidOf = (order: Order, nameOf: (station: Named) => string): string =>
  [
    order.orderNo,
    ...linesOf(order).flatMap(({ trainNumber, from, to }) => [
      trainNumber,
      ...[from, to].flatMap((station) => [station.name, nameOf(station)]),
    ]),
    ...order.tickets.map(({ passengerName }) => passengerName),
  ]
    .join("\n")
    .toLowerCase();

function isDay(term: string, date: string): boolean {
  const parts = term.match(/\d+/g)?.map(Number) ?? [];
  if (!/^[\d\u5e74\u6708\u65e5./-]+$/.test(term) || parts.length < 2) return false;
  const wanted = date.split("-").map(Number);
  return parts.every((part, n) => part === wanted[wanted.length - parts.length + n]);
}
