/** Orders and counts of them, as text and as JSON. */
import { type CurrencyForm, type Fen, formatMoney, sumFen } from "@chepiao/kernel";
import {
  hitsCountedMax,
  type OrderDocument,
  type OrderFilter,
  type OrderHits,
  type Statistic,
  type StatisticsBy,
  type WayDocument,
} from "@chepiao/ports/order-search";
import { pageEndText, travellersOf } from "@chepiao/services/operations";
import { table } from "../table.ts";

/** An operator who asked for all has to hear more: where nobody takes orders in, none is found. */
/** One under the other. */
const fares = (amount: Fen, currency: CurrencyForm): string =>
  formatMoney(amount, { language: "en", currency, inSum: true });

const nothing = (filter: OrderFilter): string =>
  Object.keys(filter).length > 0
    ? "No order is like that."
    : "There is no order yet. (On a cluster: none that the role cdc has taken in; `projections rebuild order-search` reads all.)";

export function hitsText({ orders, total, next }: OrderHits, filter: OrderFilter, currency: CurrencyForm): string {
  if (orders.length === 0) return nothing(filter);
  const rows = orders.flatMap((order) => [
    [
      order.orderNo,
      order.state,
      ...wayText(order),
      fares(order.totalFen, currency),
      order.passengers.map(({ name, documentMasked }) => `${name} ${documentMasked}`).join(", "),
    ],
    ...(order.furtherWays ?? []).map((way) => ["", "", ...wayText(way), "", ""]),
  ]);
  const count = total === hitsCountedMax ? `${hitsCountedMax} or more` : String(total);
  return [
    ...table([["ORDER", "STATE", "TRAIN", "BOARDING", "TRIP", "CLASS", "FARE", "PASSENGERS"], ...rows]),
    "",
    `${orders.length} of ${count}.${next === null ? "" : ` Go on with: --after ${pageEndText(next)}`}`,
  ].join("\n");
}

const wayText = ({ trainNumber, boardingDate, fromName, toName, seatClass }: WayDocument): readonly string[] => [
  trainNumber,
  boardingDate,
  `${fromName} → ${toName}`,
  seatClass,
];

export const hitsAsJson = ({ orders, total, next }: OrderHits): string =>
  JSON.stringify({ total, next: next && pageEndText(next), orders: orders.map(withoutHashes) }, null, 2);

const withoutHashes = (order: OrderDocument) => ({ ...order, passengers: travellersOf(order) });

export function statisticsText(
  statistics: readonly Statistic[],
  by: StatisticsBy,
  filter: OrderFilter,
  currency: CurrencyForm,
): string {
  if (statistics.length === 0) return nothing(filter);
  const sum = (of: "orders" | "passengers") => String(statistics.reduce((total, each) => total + each[of], 0));
  const money = sumFen(statistics.map(({ totalFen }) => totalFen as Fen));
  const row = ({ key, orders, passengers, totalFen }: Statistic) => [
    key,
    String(orders),
    String(passengers),
    fares(totalFen as Fen, currency),
  ];
  return table([
    [by, "ORDERS", "PASSENGERS", "FARES"],
    ...statistics.map(row),
    ["together", sum("orders"), sum("passengers"), fares(money, currency)],
  ]).join("\n");
}
