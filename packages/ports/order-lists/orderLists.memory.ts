/** Both read models in memory. */
import type { OrderId } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { indexedOrder, listedOrder, type ListPage, type OrderIndex, type OrderList } from "./orderLists.ts";

type Kept = { readonly orderId: OrderId; readonly version: number };

function createMemoryLists<T extends Kept>(rowOf: (order: OrderRecord) => T) {
  const rows = new Map<OrderId, T>();
  async function take(orders: readonly OrderRecord[]) {
    for (const order of orders)
      if (order.version > (rows.get(order.orderId)?.version ?? -1)) rows.set(order.orderId, rowOf(order));
  }
  return {
    take,
    async rebuild(source: AsyncIterable<readonly OrderRecord[]>) {
      rows.clear();
      let count = 0;
      for await (const orders of source) {
        await take(orders);
        count += orders.length;
      }
      return count;
    },
    page: (isWanted: (row: T) => boolean, { before = Infinity as OrderId, limit }: ListPage) =>
      [...rows.values()]
        .filter((row) => isWanted(row) && row.orderId < before)
        .sort((a, b) => b.orderId - a.orderId)
        .slice(0, limit),
  };
}

export function createMemoryOrderIndex(): OrderIndex {
  const { page, ...projection } = createMemoryLists(indexedOrder);
  return { ...projection, ofRun: async (runId, asked) => page((row) => row.runId === runId, asked) };
}

export function createMemoryOrderList(): OrderList {
  const { page, ...projection } = createMemoryLists(listedOrder);
  return { ...projection, ofUser: async (userId, asked) => page((row) => row.userId === userId, asked) };
}
