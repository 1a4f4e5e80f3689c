/** Order search by looking at every order: what small installations and tests need, and what the index is compared with. */
import type { OrderId } from "@chepiao/kernel";
import { edits, editsAllowed, nameTokens, soundOf, tokensNeeded } from "./names.ts";
import {
  hitsCountedMax,
  type OrderDocument,
  type OrderFilter,
  type OrderSearch,
  type PassengerDocument,
  type PassengerFilter,
  type Range,
  type Statistic,
  type WayDocument,
} from "./orderSearch.ts";

export function createMemoryOrderSearch(): OrderSearch {
  let documents = new Map<OrderId, OrderDocument>();
  /** The index that is being built, while one is. */
  let next: Map<OrderId, OrderDocument> | null = null;

  const found = (filter: OrderFilter) =>
    [...documents.values()]
      .map((order) => ({ order, closeness: closenessOf(order, filter) }))
      .filter(({ closeness }) => closeness > 0)
      .sort((a, b) => b.closeness - a.closeness || b.order.orderId - a.order.orderId);

  return {
    async index(orders) {
      take(documents, orders);
      if (next) take(next, orders);
    },
    async search({ limit, after, ...filter }) {
      const all = found(filter);
      const from = after === undefined ? 0 : all.findIndex(({ order }) => order.orderId === after[1]) + 1;
      const page = all.slice(from, from + limit);
      const last = page.at(-1);
      return {
        orders: page.map(({ order }) => order),
        total: Math.min(all.length, hitsCountedMax),
        next: last && from + limit < all.length ? [last.closeness, last.order.orderId] : null,
      };
    },
    async statistics(filter, by, limit) {
      const groups = Map.groupBy(found(filter), ({ order }) => order[by]);
      const statistics = [...groups].map(([key, group]): Statistic => ({
        key,
        orders: group.length,
        passengers: group.reduce((sum, { order }) => sum + order.passengers.length, 0),
        totalFen: group.reduce((sum, { order }) => sum + order.totalFen, 0),
      }));
      const byKey = (a: Statistic, b: Statistic) => (a.key < b.key ? -1 : 1);
      const byOrders = (a: Statistic, b: Statistic) => b.orders - a.orders || byKey(a, b);
      return statistics.sort(by === "originDate" ? byKey : byOrders).slice(0, limit);
    },
    async rebuild(source) {
      const built = new Map<OrderId, OrderDocument>();
      next = built;
      let count = 0;
      try {
        for await (const orders of source) {
          take(built, orders);
          count += orders.length;
        }
        documents = built;
      } finally {
        next = null;
      }
      return count;
    },
  };
}

function take(into: Map<OrderId, OrderDocument>, orders: readonly OrderDocument[]) {
  for (const order of orders) {
    if (order.version > (into.get(order.orderId)?.version ?? -1)) into.set(order.orderId, order);
  }
}

/** 0 where something asked for does not hold. */
function closenessOf(order: OrderDocument, filter: OrderFilter): number {
  const { states, passenger } = filter;
  const holds =
    equal(filter.orderNo, order.orderNo) &&
    order.orderNo.startsWith(filter.orderNoStart ?? "") &&
    equal(filter.userId, order.userId) &&
    [order, ...(order.furtherWays ?? [])].some((way) => isWay(way, filter)) &&
    (states === undefined || states.includes(order.state)) &&
    within(filter.createdAt, order.createdAt);
  if (!holds) return 0;
  return passenger ? Math.max(0, ...order.passengers.map((each) => passengerCloseness(each, passenger))) : 1;
}

const isWay = (way: WayDocument, { stationId, ...filter }: OrderFilter): boolean =>
  equal(filter.trainNumber, way.trainNumber) &&
  equal(filter.seatClass, way.seatClass) &&
  equal(filter.fromStationId, way.fromStationId) &&
  equal(filter.toStationId, way.toStationId) &&
  (stationId === undefined || stationId === way.fromStationId || stationId === way.toStationId) &&
  within(filter.originDate, way.originDate) &&
  within(filter.boardingDate, way.boardingDate);

const equal = <T>(wanted: T | undefined, actual: T) => wanted === undefined || wanted === actual;
const within = <T extends string | number>(range: Range<T> | undefined, value: T) =>
  (range?.from === undefined || value >= range.from) && (range?.to === undefined || value <= range.to);

function passengerCloseness(passenger: PassengerDocument, filter: PassengerFilter): number {
  const holds =
    equal(filter.documentMasked, passenger.documentMasked) &&
    equal(filter.documentHash, passenger.documentHash) &&
    equal(filter.ticketNo, passenger.ticketNo);
  if (!holds) return 0;
  return filter.name === undefined ? 1 : nameCloseness(passenger.name, filter.name);
}

/** The name as it was asked for, then its sound, then most of its characters. */
function nameCloseness(name: string, wanted: string): number {
  const tokens = nameTokens(name);
  const wantedTokens = nameTokens(wanted);
  if (tokens.join(" ") === wantedTokens.join(" ")) return 4;
  if (` ${tokens.join(" ")} `.includes(` ${wantedTokens.join(" ")} `)) return 3;
  const sound = soundOf(wanted);
  if (sound !== "" && soundOf(name).startsWith(sound)) return 2;
  const there = wantedTokens.filter((word) => tokens.some((token) => edits(word, token) <= editsAllowed(word)));
  return wantedTokens.length > 0 && there.length >= tokensNeeded(wantedTokens.length) ? 1 : 0;
}
