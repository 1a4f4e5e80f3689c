/** Both read models in memory. */
import type { OrderId } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { indexedOrders, listedOrder, type ListPage, type OrderIndex, type OrderList } from "./orderLists.ts";

type Kept = { readonly orderId: OrderId; readonly version: number };

function createMemoryLists<T extends Kept>(rowsOf: (order: OrderRecord) => readonly T[]) {
  let rows = new Map<OrderId, readonly T[]>();
  /** The one that is being made, while one is. */
  let next: Map<OrderId, readonly T[]> | null = null;
  function put(into: Map<OrderId, readonly T[]>, orders: readonly OrderRecord[]) {
    for (const order of orders)
      if (order.version > (into.get(order.orderId)?.[0]?.version ?? -1)) into.set(order.orderId, rowsOf(order));
  }
  return {
    async take(orders: readonly OrderRecord[]) {
      put(rows, orders);
      if (next) put(next, orders);
    },
    async rebuild(source: AsyncIterable<readonly OrderRecord[]>) {
      const made = new Map<OrderId, readonly T[]>();
      next = made;
      let count = 0;
      try {
        for await (const orders of source) {
          put(made, orders);
          count += orders.length;
        }
        rows = made;
      } finally {
        next = null;
      }
      return count;
    },
    page: (isWanted: (row: T) => boolean, { before = Infinity as OrderId, limit }: ListPage) =>
      [...rows.values()]
        .flat()
        .filter((row) => isWanted(row) && row.orderId < before)
        .sort((a, b) => b.orderId - a.orderId)
        .slice(0, limit),
  };
}

export function createMemoryOrderIndex(): OrderIndex {
  const { page, ...projection } = createMemoryLists(indexedOrders);
  return { ...projection, ofRun: async (runId, asked) => page((row) => row.runId === runId, asked) };
}

export function createMemoryOrderList(): OrderList {
  const { page, ...projection } = createMemoryLists((order) => [listedOrder(order)]);
  return { ...projection, ofUser: async (userId, asked) => page((row) => row.userId === userId, asked) };
}
