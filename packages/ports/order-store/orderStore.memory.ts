/** Maps and plain sets: the smallest true order store, for tests and simulation. */
import type { OrderAccepted, RunId } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { MemoryOutbox } from "@chepiao/ports/outbox";
import { isTripState, liveOrderOf, type OrderRecord, type OrderStore, seatHoldingStates } from "./orderStore.ts";

/** An accepted order as its first row: every ticket held, or all let go when a seat was lost. */
export function firstRecord(order: OrderAccepted, seatsClaimed: boolean): OrderRecord {
  return {
    ...order,
    state: seatsClaimed ? "pendingPayment" : "rejected",
    version: 0,
    paymentNo: null,
    paidAt: null,
    endedBecause: seatsClaimed ? null : "SeatLost",
    tickets: order.tickets.map((ticket) => ({
      ...ticket,
      state: seatsClaimed ? "held" : "released",
      feeFen: null,
      refundFen: null,
    })),
  };
}

export function createMemoryOrderStore(outbox: MemoryOutbox): OrderStore {
  const orders = new Map<OrderId, OrderRecord>();
  /** One entry for each run, class, seat and segment that is taken. */
  const ledger = new Set<string>();

  const placesOf = (order: Pick<OrderAccepted, "runId" | "seatClass" | "fromStop" | "toStop">, seatIndex: number) =>
    Array.from(
      { length: order.toStop - order.fromStop },
      (_, n) => `${order.runId} ${order.seatClass} ${seatIndex} ${order.fromStop + n}`,
    );
  const sorted = (
    keep: (order: OrderRecord) => boolean,
    by: (order: OrderRecord) => number = (order) => order.orderId,
  ) => [...orders.values()].filter(keep).sort((a, b) => by(a) - by(b));
  const hasTrips = (order: OrderRecord) => isTripState(order.state);
  const holdsSeats = (order: OrderRecord) => (seatHoldingStates as readonly string[]).includes(order.state);

  return {
    async accept(accepted) {
      return accepted.map((order) => {
        if (orders.has(order.orderId)) return "known";
        const places = order.tickets.flatMap((ticket) => placesOf(order, ticket.seatIndex));
        const free = new Set(places).size === places.length && !places.some((place) => ledger.has(place));
        if (free) for (const place of places) ledger.add(place);
        orders.set(order.orderId, firstRecord(order, free));
        return free ? "pendingPayment" : "rejected";
      });
    },
    load: async (orderId) => orders.get(orderId) ?? null,
    async states(orderIds) {
      return new Map(orderIds.flatMap((id) => (orders.has(id) ? [[id, orders.get(id)!.state]] : [])));
    },
    async change(changes, now) {
      return changes.map(({ order, freedSeats, messages }) => {
        if (orders.get(order.orderId)?.version !== order.version) return false;
        orders.set(order.orderId, { ...order, version: order.version + 1 });
        for (const seatIndex of freedSeats) for (const place of placesOf(order, seatIndex)) ledger.delete(place);
        outbox.put(messages, now);
        return true;
      });
    },
    tell: async (messages, now) => outbox.put(messages, now),
    async ofUser(userId, { state, before, limit }) {
      return sorted(
        (order) =>
          order.userId === userId &&
          (!state || order.state === state) &&
          (before === undefined || order.orderId < before),
      )
        .reverse()
        .slice(0, limit);
    },
    overdue: async (now, limit) =>
      sorted(
        (order) => order.state === "pendingPayment" && order.payBy <= now,
        (order) => order.payBy,
      ).slice(0, limit),
    travelled: async (now, limit) =>
      sorted(
        (order) => order.state === "ticketed" && order.arriveAt <= now,
        (order) => order.arriveAt,
      ).slice(0, limit),
    async *live(endingAfter) {
      yield sorted((order) => hasTrips(order) && order.arriveAt > endingAfter).map(liveOrderOf);
    },
    async *createdSince(since) {
      yield sorted((order) => order.acceptedAt >= since);
    },
    soldRuns: async () => new Set<RunId>(sorted(holdsSeats).map((order) => order.runId)),
    async forgetRuns(before, limit) {
      const past = (place: string) => place.split(" ")[0]!.split("/")[1]! < before;
      const runs = [...new Set([...ledger].filter(past).map((place) => place.split(" ")[0]!))].slice(0, limit);
      for (const place of ledger) if (runs.includes(place.split(" ")[0]!)) ledger.delete(place);
      return runs.length;
    },
    highestId: async () => Math.max(0, ...orders.keys()),
  };
}
